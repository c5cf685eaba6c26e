/** Calls `run` once after `ms`; what it returns calls that off. Tests hand in their own time. */
export type StartTimer = (ms: number, run: () => void) => () => void

export const startTimer: StartTimer = (ms, run) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}
