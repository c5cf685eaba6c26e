import type { Stream } from './stream.ts'

/**
 * Who gets what the stall's scanners read: of all open tills the one that was touched last, for a
 * code must never fall into two baskets. A till that comes back keeps its turn.
 */
export interface Scans {
  readonly join: (till: string, stream: Stream) => void
  /** False for a till that has no open stream. */
  readonly claim: (till: string) => boolean
  /** With no till open there is no basket to put it in, and it is forgotten. */
  readonly tell: (event: string) => void
}

/** Names of tills whose last touch is remembered: more than there may be streams. */
const TILLS_MAX = 100

/** `announce` makes the event that tells a till whose turn it is now. */
export function openScans(announce: (till: string) => string): Scans {
  const open = new Map<Stream, string>()
  let touched: readonly string[] = []
  let told: string | undefined
  const isOpen = (till: string) => [...open.values()].includes(till)
  const holder = () => touched.findLast(isOpen) ?? open.values().next().value
  const tellHolder = () => {
    const till = holder()
    if (till !== undefined && till !== told) for (const stream of open.keys()) tell(stream, till)
    told = till
  }
  const tell = (stream: Stream, till: string) => stream.send(announce(till))
  return {
    join: (till, stream) => {
      open.set(stream, till)
      stream.onClose(() => {
        open.delete(stream)
        tellHolder()
      })
      const before = told
      tellHolder()
      if (told !== undefined && told === before) tell(stream, told)
    },
    claim: till => {
      if (!isOpen(till)) return false
      touched = [...touched.filter(each => each !== till), till].slice(-TILLS_MAX)
      tellHolder()
      return true
    },
    tell: event => {
      const till = holder()
      const [stream] = [...open].findLast(([, each]) => each === till) ?? []
      stream?.send(event)
    }
  }
}
