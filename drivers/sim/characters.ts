import { Fault } from '../../node/core/ports.ts'
import type { CharacterDevices, CharacterSettings } from '../host.ts'
import type { Line, LineListener } from '../line.ts'

export interface SimCharacters {
  readonly characters: CharacterDevices
  /** What the device says to whoever has it open. */
  readonly send: (bytes: Uint8Array) => void
  /** Takes what is written to the device; until its promise settles, so does the writer's. */
  readonly onWrite: (listener: (bytes: Uint8Array) => void | Promise<void>) => () => void
  /** Pulls the plug, which ends all open lines, or puts it back. */
  readonly setPlugged: (isPlugged: boolean) => void
  readonly isOpen: () => boolean
}

/** One character device in memory, with the kernel's rules about who may have it. */
export function simCharacters({ path }: Pick<CharacterSettings, 'path'>): SimCharacters {
  const openings = new Set<Opening>()
  const takers = new Set<(bytes: Uint8Array) => void | Promise<void>>()
  let isPlugged = true
  const open = async (settings: CharacterSettings, listener: LineListener): Promise<Line> => {
    if (settings.path !== path || !isPlugged) throw absent(settings.path)
    if ([...openings].some(other => isInTheWay(other.settings, settings))) throw busy(path)
    const opening: Opening = { settings, listener, breaks: new Set(), unsent: 0 }
    openings.add(opening)
    return {
      write: bytes => write(opening, bytes),
      close: () => end(opening)
    }
  }
  const write = (opening: Opening, bytes: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      const isBroken = () => reject(broken(path))
      if (!openings.has(opening)) return isBroken()
      if (opening.unsent + bytes.length > UNSENT_BYTES_MAX) return reject(full(path))
      opening.breaks.add(isBroken)
      opening.unsent += bytes.length
      const taken = [...takers].map(take => take(bytes))
      const settle = (outcome: () => void) => {
        opening.breaks.delete(isBroken)
        opening.unsent -= bytes.length
        outcome()
      }
      Promise.all(taken).then(
        () => settle(resolve),
        () => settle(isBroken)
      )
    })
  const end = (opening: Opening) => {
    if (!openings.delete(opening)) return
    for (const isBroken of opening.breaks) isBroken()
    opening.listener.onClose()
  }
  return {
    characters: { open },
    send: bytes => {
      const all = [...openings]
      const owner = all.find(({ settings }) => settings.isGrabbed === true)
      for (const { listener } of owner === undefined ? all : [owner]) listener.onBytes(bytes)
    },
    onWrite: listener => {
      takers.add(listener)
      return () => takers.delete(listener)
    },
    setPlugged: isNow => {
      isPlugged = isNow
      if (!isPlugged) for (const opening of [...openings]) end(opening)
    },
    isOpen: () => openings.size > 0
  }
}

interface Opening {
  readonly settings: CharacterSettings
  readonly listener: LineListener
  /** Ends the writes that are still under way. */
  readonly breaks: Set<() => void>
  unsent: number
}

/** As `native/characters.ts` has it. */
const UNSENT_BYTES_MAX = 64 * 1024

/** EBUSY: usblp serves one at a time, and evdev lets one grab (EVIOCGRAB) among many readers. */
const isInTheWay = (one: CharacterSettings, other: CharacterSettings): boolean =>
  (one.access === 'both' && other.access === 'both') ||
  (one.isGrabbed === true && other.isGrabbed === true)

const absent = (path: string): Fault =>
  new Fault({
    code: 'device-absent',
    message: `${path} is not there.`,
    fix: 'Check that it is switched on and that its cable is in.',
    isRetryable: true
  })

const busy = (path: string): Fault =>
  new Fault({
    code: 'device-busy',
    message: `Another program has ${path}.`,
    fix: 'End that program, or take the device out of stall.toml.',
    isRetryable: true
  })

const broken = (path: string): Fault =>
  new Fault({
    code: 'line-broken',
    message: `${path} was unplugged or closed before all was sent.`,
    fix: 'Plug it in again; it is taken up by itself.',
    isRetryable: true
  })

const full = (path: string): Fault =>
  new Fault({
    code: 'line-full',
    message: `${path} takes nothing any more.`,
    fix: 'Switch it off and on.',
    isRetryable: true
  })
