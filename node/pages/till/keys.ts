/**
 * Tells a barcode scanner from a person: a scanner is a keyboard whose keys come less than 35 ms
 * apart and end in Enter, wherever the focus is.
 */
export interface KeyReader {
  readonly typed: string
  readonly lastAt: number
  readonly isFast: boolean
}

export interface Key {
  readonly key: string
  readonly at: number
  /** The focus is in a field that takes text itself. */
  readonly isInField: boolean
}

export type KeyAction =
  | { readonly act: 'scan'; readonly code: string }
  | { readonly act: 'type'; readonly text: string }
  | { readonly act: 'enter' | 'exact' | 'other' | 'park' | 'recall' | 'clear' }

export const SCAN_KEY_MS_MAX = 35
const SCAN_CHARS_MIN = 4
const TYPED_CHARS_MAX = 2_000

export const NO_KEYS: KeyReader = { typed: '', lastAt: Number.NEGATIVE_INFINITY, isFast: false }

const FUNCTION_KEYS: Readonly<Record<string, KeyAction>> = {
  F2: { act: 'exact' },
  F4: { act: 'other' },
  F8: { act: 'park' },
  F9: { act: 'recall' },
  Escape: { act: 'clear' }
}

/** One key further. What a person types is handed on once it is clear that no scanner typed it. */
export function readKey(
  reader: KeyReader,
  { key, at, isInField }: Key
): { readonly reader: KeyReader; readonly action: KeyAction | null } {
  const action = FUNCTION_KEYS[key]
  if (action) return { reader: NO_KEYS, action: isInField && key === 'Escape' ? null : action }
  const isNext = at - reader.lastAt <= SCAN_KEY_MS_MAX
  if (key === 'Enter') {
    const isScan = isNext && reader.isFast && reader.typed.length >= SCAN_CHARS_MIN
    if (isScan) return { reader: NO_KEYS, action: { act: 'scan', code: reader.typed } }
    return { reader: NO_KEYS, action: isInField ? null : { act: 'enter' } }
  }
  if ([...key].length !== 1) return { reader, action: null }
  const typed = (isNext ? reader.typed + key : key).slice(-TYPED_CHARS_MAX)
  const isFast = !isNext || reader.typed.length === 0 || reader.isFast
  return { reader: { typed, lastAt: at, isFast }, action: null }
}

/** Call this when no key has come for a scanner's pause: then a person typed. */
export function settleKeys(reader: KeyReader): {
  readonly reader: KeyReader
  readonly action: KeyAction | null
} {
  if (reader.typed === '') return { reader, action: null }
  return { reader: NO_KEYS, action: { act: 'type', text: reader.typed } }
}
