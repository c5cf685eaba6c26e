import type { HealthState } from '../../node/core/ports.ts'
import type { DriverContext, RunningDevice } from '../driver.ts'

/** On and off in turn, beginning with on; a steady light is looked at each second. */
interface Pattern {
  readonly halfMs: number
  readonly isBlinking: boolean
}

const STEADY: Pattern = { halfMs: 1_000, isBlinking: false }
const SLOW: Pattern = { halfMs: 1_000, isBlinking: true }
const FAST: Pattern = { halfMs: 150, isBlinking: true }

/** What a person sees from across the stall: well, look when you have time, look now. */
const PATTERNS: Readonly<Record<HealthState, Pattern>> = {
  up: STEADY,
  disabled: STEADY,
  absent: SLOW,
  degraded: SLOW,
  down: FAST
}

/** Shows how the worst part of the stall is on a lamp that is set by `set`, one call at a time. */
export function startBlinking(options: {
  readonly context: Pick<DriverContext<unknown>, 'host' | 'worst' | 'report' | 'fail'>
  readonly set: (isOn: boolean) => void | Promise<void>
}): RunningDevice {
  const { context, set } = options
  let isOn = false
  let isStopped = false
  let stopTimer = () => {}
  let setting = Promise.resolve()
  const step = () => {
    const { halfMs, isBlinking } = PATTERNS[context.worst()]
    isOn = !isBlinking || !isOn
    const next = () => {
      if (!isStopped) stopTimer = context.host.startTimer(halfMs, step)
    }
    const done = set(isOn)
    if (done === undefined) return next()
    setting = done.then(next).catch(context.fail)
  }
  context.report({ state: 'up', sentence: 'The status light shows how the stall is.', fix: '' })
  step()
  return {
    stop: async () => {
      isStopped = true
      stopTimer()
      await setting
    }
  }
}
