import { CODE_CHARS_MAX } from './code.ts'
import type { InputEvent } from './events.ts'
import { KEY, type KeyMap } from './keys.ts'

/** What came of typing: a text with an end, or half a text. */
export type Typed =
  | { readonly typed: 'text'; readonly text: string }
  /** Keys were lost or stood still in the middle: nobody can say what the code was. */
  | { readonly typed: 'half' }

/** Scanners type a key each 1 to 20 ms; no hand is that fast. */
export const KEY_GAP_MS_MAX = 100
/** Stands for a key that writes nothing, so that the text is refused as a whole. */
const UNPRINTABLE = '\ufffd'

/**
 * Turns keys into texts. The gap is measured by the kernel's stamps, which do not suffer when this
 * process was busy.
 */
export function typist(keys: KeyMap): {
  readonly take: (event: InputEvent) => Typed | undefined
  /** Whether a text has begun and not ended. */
  readonly isWriting: () => boolean
  /** No more keys came. */
  readonly giveUp: () => void
} {
  let text = ''
  let lastAtMs = Number.NEGATIVE_INFINITY
  let isBroken = false
  /** Only of the keys that change what others write. */
  const held = new Set<number>()
  const isWriting = () => text !== '' || isBroken
  const forget = () => {
    text = ''
    isBroken = false
  }
  const end = (): Typed | undefined => {
    if (!isWriting()) return undefined
    const typed: Typed = isBroken ? { typed: 'half' } : { typed: 'text', text }
    forget()
    return typed
  }
  const press = (key: number): Typed | undefined => {
    if (key === KEY.enter || key === KEY.keypadEnter || key === KEY.tab) return end()
    if (SILENT.has(key) || COMMANDS.has(key)) return undefined
    const level = levelOf(held)
    const written = level === undefined ? undefined : keys.get(key)?.[level]
    // One more than a code may have, which is enough to refuse it.
    if (text.length <= CODE_CHARS_MAX) text += written ?? UNPRINTABLE
    return undefined
  }
  return {
    take: event => {
      if (event.event === 'dropped') {
        held.clear()
        isBroken = true
        return undefined
      }
      const { key, isDown, atMs } = event
      const isLate = Math.abs(atMs - lastAtMs) > KEY_GAP_MS_MAX
      lastAtMs = atMs
      const half: Typed | undefined = isLate && isWriting() ? { typed: 'half' } : undefined
      if (isLate) forget()
      if (!isDown) held.delete(key)
      else if (SHIFTS.has(key) || COMMANDS.has(key)) held.add(key)
      const typed = isDown ? press(key) : undefined
      return half ?? typed
    },
    isWriting,
    giveUp: () => {
      forget()
      held.clear()
    }
  }
}

const SHIFTS: ReadonlySet<number> = new Set([KEY.leftShift, KEY.rightShift, KEY.rightAlt])
/** Keys that write nothing by themselves and mean no harm. */
const SILENT: ReadonlySet<number> = new Set([...SHIFTS, KEY.capsLock, KEY.numLock])
/** Ctrl, Alt and the logo keys: what is typed with them is a command, never a letter. */
const COMMANDS: ReadonlySet<number> = new Set([
  KEY.leftCtrl,
  KEY.rightCtrl,
  KEY.leftAlt,
  KEY.leftMeta,
  KEY.rightMeta
])

/** The column of the key map; undefined while a command key is held. */
function levelOf(held: ReadonlySet<number>): 0 | 1 | 2 | undefined {
  for (const key of COMMANDS) if (held.has(key)) return undefined
  if (held.has(KEY.rightAlt)) return 2
  return held.has(KEY.leftShift) || held.has(KEY.rightShift) ? 1 : 0
}
