import type { StartTimer } from '../../drivers/timer.ts'

/** Time that moves only when a test says so. */
export interface HandTime {
  readonly startTimer: StartTimer
  /** How much has passed, in ms. */
  readonly now: () => number
  /** Lets `ms` pass: timers fire in order, and what they promise settles in between. */
  readonly pass: (ms: number) => Promise<void>
  /** Lets time pass until the promise settles; throws after `ms` of it. */
  readonly until: <T>(promise: Promise<T>, ms?: number) => Promise<T>
}

const STEP_MS = 10

export function handTime(): HandTime {
  let now = 0
  const timers = new Set<{ at: number; run: () => void }>()
  const step = async (to: number) => {
    for (;;) {
      await settleAll()
      const [next] = [...timers].filter(timer => timer.at <= to).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      now = Math.max(now, next.at)
      timers.delete(next)
      next.run()
    }
    now = to
  }
  return {
    startTimer: (ms, run) => {
      const timer = { at: now + ms, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    now: () => now,
    pass: ms => step(now + ms),
    until: async (promise, ms = 3_600_000) => {
      let isSettled = false
      const mark = () => {
        isSettled = true
      }
      promise.then(mark, mark)
      for (const end = now + ms; !isSettled && now < end; ) await step(now + STEP_MS)
      if (!isSettled) throw new Error(`Nothing came of it within ${ms} ms of hand time`)
      return promise
    }
  }
}

/** Runs everything that promises have queued. */
const settleAll = () => new Promise<void>(resolve => setImmediate(resolve))
