import type { StartTimer } from '../timer.ts'

/** Does something over and over, at moments by chance, until what it returns is called. */
export function nowAndThen(options: {
  readonly startTimer: StartTimer
  readonly random: () => number
  readonly msMin: number
  readonly msMax: number
  readonly run: () => void
}): () => void {
  const { startTimer, random, msMin, msMax, run } = options
  let stopTimer = () => {}
  const wait = () => {
    stopTimer = startTimer(msMin + random() * (msMax - msMin), () => {
      run()
      wait()
    })
  }
  wait()
  return () => stopTimer()
}

/** Any number of timers that end together. */
export function openTimers(startTimer: StartTimer): {
  readonly after: (ms: number, run: () => void) => void
  readonly stop: () => void
} {
  const stops = new Set<() => void>()
  return {
    after: (ms, run) => {
      const stop = startTimer(Math.max(0, ms), () => {
        stops.delete(stop)
        run()
      })
      stops.add(stop)
    },
    stop: () => {
      for (const stop of stops) stop()
    }
  }
}
