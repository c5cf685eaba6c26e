import type { StartTimer } from './timer.ts'

/** What the promise comes to, or `late` when it takes over `ms`. Rejects as the promise does. */
export function within<T>(options: {
  readonly startTimer: StartTimer
  readonly ms: number
  readonly promise: Promise<T>
}): Promise<T | 'late'> {
  return new Promise((resolve, reject) => {
    const stopTimer = options.startTimer(options.ms, () => resolve('late'))
    options.promise.then(resolve, reject).finally(stopTimer)
  })
}
