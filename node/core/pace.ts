/** Runs `run` once after `ms`; what it returns calls that off. */
type After = (ms: number, run: () => void) => () => void

export interface Pace {
  /** Runs the step at once, or as soon as the last run is long enough ago. */
  readonly ask: () => void
  /** Runs no step any more. */
  readonly stop: () => void
}

/** Lets a step that is asked for in bursts run at most once in `ms`, and after the last asking. */
export function pace(options: {
  readonly ms: number
  readonly after: After
  readonly step: () => void
}): Pace {
  const { ms, after, step } = options
  let stopTimer: (() => void) | null = null
  let isAsked = false
  let isStopped = false
  const run = () => {
    isAsked = false
    stopTimer = after(ms, () => {
      stopTimer = null
      if (isAsked) run()
    })
    step()
  }
  return {
    ask: () => {
      if (stopTimer === null && !isStopped) run()
      else isAsked = true
    },
    stop: () => {
      isStopped = true
      stopTimer?.()
    }
  }
}
