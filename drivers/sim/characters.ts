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

/** Devices are sent a chunk at a time; more than this unsent means that it takes nothing. */
const UNSENT_BYTES_MAX = 64 * 1024

/** One character device in memory, with the kernel's rules about who may have it. */
export function simCharacters({ path }: Pick<CharacterSettings, 'path'>): SimCharacters {
  const openings = new Set<Opening>()
  const takers = new Set<(bytes: Uint8Array) => void | Promise<void>>()
  let isPlugged = true
  const open = async (settings: CharacterSettings, listener: LineListener): Promise<Line> => {
    if (settings.path !== path || !isPlugged) throw faultOf('device-absent', settings.path)
    if ([...openings].some(other => isInTheWay(other.settings, settings)))
      throw faultOf('device-busy', path)
    const opening: Opening = { settings, listener, unsent: new Set() }
    openings.add(opening)
    return {
      write: bytes => write(opening, bytes),
      close: () => end(opening)
    }
  }
  const write = (opening: Opening, bytes: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      if (!openings.has(opening)) return reject(faultOf('line-broken', path))
      const unsent = [...opening.unsent].reduce((sum, each) => sum + each.length, bytes.length)
      if (unsent > UNSENT_BYTES_MAX) return reject(faultOf('line-full', path))
      const parcel = { length: bytes.length, reject: () => reject(faultOf('line-broken', path)) }
      opening.unsent.add(parcel)
      const settle = (outcome: () => void) => {
        opening.unsent.delete(parcel)
        outcome()
      }
      Promise.all([...takers].map(take => take(bytes))).then(
        () => settle(resolve),
        () => settle(parcel.reject)
      )
    })
  const end = (opening: Opening) => {
    if (!openings.delete(opening)) return
    for (const parcel of opening.unsent) parcel.reject()
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
  readonly unsent: Set<{ readonly length: number; readonly reject: () => void }>
}

/** EBUSY: usblp serves one at a time, and evdev lets one grab (EVIOCGRAB) among many readers. */
const isInTheWay = (one: CharacterSettings, other: CharacterSettings): boolean =>
  (one.access === 'both' && other.access === 'both') ||
  (one.isGrabbed === true && other.isGrabbed === true)

const faultOf = (code: keyof typeof WORDS, path: string): Fault =>
  new Fault({
    code,
    message: `${path}: ${WORDS[code].says}.`,
    fix: WORDS[code].fix,
    isRetryable: true
  })

const WORDS = {
  'device-absent': {
    says: 'The simulated device is not plugged in',
    fix: 'Plug the simulated device in.'
  },
  'device-busy': {
    says: 'Another program has the simulated device',
    fix: 'Take one of the two out of stall.toml.'
  },
  'line-broken': {
    says: 'The simulated device was unplugged or closed',
    fix: 'Plug the simulated device in.'
  },
  'line-full': {
    says: 'The simulated device takes nothing any more',
    fix: 'Switch it off and on.'
  }
} as const
