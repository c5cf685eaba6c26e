import { setImmediate as breathe } from 'node:timers/promises'
import type { StartTimer } from '../../node/core/time.ts'

/** Time that is made of events: nothing happens between them, so hours pass in a moment. */
export interface WorldTime {
  readonly now: () => number
  readonly startTimer: StartTimer
  /** Runs everything that comes within `ms`, in order; all promises settle in between. */
  readonly pass: (ms: number) => Promise<void>
  readonly events: () => number
}

interface Event {
  readonly at: number
  readonly order: number
  readonly run: () => void
  isOff: boolean
}

export function openTime(): WorldTime {
  const heap: Event[] = []
  let now = 0
  let order = 0
  let events = 0
  return {
    now: () => now,
    events: () => events,
    startTimer: (ms, run) => {
      const event = { at: now + Math.max(0, ms), order: order++, run, isOff: false }
      push(heap, event)
      return () => {
        event.isOff = true
      }
    },
    pass: async ms => {
      const to = now + ms
      await breathe()
      for (let next = heap[0]; next && next.at <= to; next = heap[0]) {
        pop(heap)
        if (next.isOff) continue
        now = next.at
        events++
        next.run()
        await breathe()
      }
      now = to
    }
  }
}

const isBefore = (a: Event | undefined, b: Event | undefined): boolean =>
  a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order))

/** A binary heap: the next event is the first. */
function push(heap: Event[], event: Event): void {
  heap.push(event)
  let at = heap.length - 1
  while (at > 0) {
    const above = (at - 1) >> 1
    if (!isBefore(heap[at], heap[above])) break
    swap(heap, at, above)
    at = above
  }
}

function pop(heap: Event[]): void {
  const last = heap.pop()
  if (!last || heap.length === 0) return
  heap[0] = last
  for (let at = 0; ; ) {
    let least = at
    for (const below of [2 * at + 1, 2 * at + 2]) {
      if (isBefore(heap[below], heap[least])) least = below
    }
    if (least === at) return
    swap(heap, at, least)
    at = least
  }
}

function swap(heap: Event[], a: number, b: number): void {
  const [first, second] = [heap[a], heap[b]]
  if (!first || !second) return
  heap[a] = second
  heap[b] = first
}
