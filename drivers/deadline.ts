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

/**
 * A question that is asked again only when the last one was answered: what hangs is waited for,
 * never piled up.
 */
export function oneAtATime<T>(options: {
  readonly startTimer: StartTimer
  readonly ms: number
  readonly ask: () => Promise<T>
}): () => Promise<T | 'late'> {
  let asked: Promise<T> | undefined
  return async () => {
    asked ??= options.ask()
    try {
      const answer = await within({ ...options, promise: asked })
      if (answer !== 'late') asked = undefined
      return answer
    } catch (error) {
      asked = undefined
      throw error
    }
  }
}
