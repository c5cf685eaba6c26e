import type { CharacterDevices, CharacterSettings } from '../host.ts'
import { type Line, type LineListener, UNSENT_BYTES_MAX } from '../line.ts'
import { simLineFault } from './line-fault.ts'

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
    if (settings.path !== path || !isPlugged) throw simLineFault('device-absent', settings.path)
    const isBusy = [...openings].some(other => isInTheWay(other.settings, settings))
    if (isBusy) throw simLineFault('device-busy', path)
    const opening: Opening = { settings, listener, breaks: new Set(), unsent: 0 }
    openings.add(opening)
    return {
      write: bytes => write(opening, bytes),
      close: () => end(opening)
    }
  }
  const write = (opening: Opening, bytes: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      const isBroken = () => reject(simLineFault('line-broken', path))
      if (!openings.has(opening)) return isBroken()
      if (opening.unsent + bytes.length > UNSENT_BYTES_MAX)
        return reject(simLineFault('line-full', path))
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

/** EBUSY: usblp serves one at a time, and evdev lets one grab (EVIOCGRAB) among many readers. */
const isInTheWay = (one: CharacterSettings, other: CharacterSettings): boolean =>
  (one.access === 'both' && other.access === 'both') ||
  (one.isGrabbed === true && other.isGrabbed === true)
