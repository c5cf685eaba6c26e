import { within } from './deadline.ts'
import type { DriverContext, RunningDevice } from './driver.ts'

/**
 * A device that says nothing by itself: it is asked at once, and again as long as it runs, seldomer
 * while the battery is low. What `take` or `ask` throws is why it cannot start, or later its end.
 * The next question waits for the last answer: what hangs is waited for, never piled up.
 */
export async function keepAsking<Answer>(options: {
  readonly context: Pick<DriverContext<unknown>, 'host' | 'signal' | 'stretch' | 'fail'>
  readonly everyMs: number
  /** How long an answer may take before `take` is told that it is late. */
  readonly answerMsMax: number
  readonly ask: () => Promise<Answer>
  readonly take: (answer: Answer | 'late') => void
}): Promise<RunningDevice> {
  const { context, everyMs, answerMsMax, ask, take } = options
  const { host, signal, stretch, fail } = context
  let stopTimer = () => {}
  let asked: Promise<Answer> | undefined
  const look = async () => {
    asked ??= ask()
    const answer = await within({
      startTimer: host.startTimer,
      ms: answerMsMax,
      promise: asked
    })
    if (answer !== 'late') asked = undefined
    if (signal.aborted) return
    take(answer)
    stopTimer = host.startTimer(everyMs * stretch(), () => {
      look().catch(fail)
    })
  }
  await look()
  return { stop: async () => stopTimer() }
}
