import type { PowerReading } from '../../node/core/device.ts'
import { Fault } from '../../node/core/ports.ts'
import type { Condition, DriverContext, RunningDevice } from '../driver.ts'
import { keepAsking } from '../keep-asking.ts'
import type { PowerSettings } from './settings.ts'
import { type PowerFacts, readPower } from './supplies.ts'

/** As often as the kernel asks the firmware, for an alarm is gone with its next question. */
export const POLL_MS = 2_000
const READ_MS_MAX = 2_000
/** An alarm stays said so long: the voltage falls with each motor that starts, for moments. */
export const ALARM_MS = 60_000
/** A low battery is well again so many percent above, or the lights would go on and off with it. */
const HYSTERESIS_PERCENT = 5
/** A battery's voltage is never still; less than this is no news. */
const NEWS_MILLIVOLTS = 50

export function watchPower(context: DriverContext<PowerSettings>): Promise<RunningDevice> {
  const watch: Watch = { context, last: undefined, alarmMs: undefined }
  return keepAsking({
    context,
    everyMs: POLL_MS,
    answerMsMax: READ_MS_MAX,
    ask: () => readPower(context.host.files),
    take: facts => {
      if (facts === undefined) throw nothingThere()
      if (facts === 'late') context.report(LATE)
      else judge(watch, facts)
    }
  })
}

interface Watch {
  readonly context: DriverContext<PowerSettings>
  last: PowerReading | undefined
  /** When the voltage was last too low, by the monotonic clock. */
  alarmMs: number | undefined
}

function judge(watch: Watch, facts: PowerFacts): void {
  const { context, last } = watch
  const { monoMs } = context.host.readClocks()
  if (facts.isUnderVoltage === true) watch.alarmMs = monoMs
  const isUnderVoltage = watch.alarmMs !== undefined && monoMs - watch.alarmMs < ALARM_MS
  const { supply, percent, milliVolts } = facts
  const limit = context.settings.lowPercent + (last?.isLow === true ? HYSTERESIS_PERCENT : 0)
  const isLow = supply !== 'mains' && percent !== null && percent < limit
  const reading: PowerReading = {
    kind: 'power',
    supply,
    percent,
    milliVolts,
    isUnderVoltage,
    isLow
  }
  context.report(conditionOf(reading, facts.isNonsense))
  if (last !== undefined && !isNews(last, reading)) return
  watch.last = reading
  context.tell(reading)
}

function isNews(last: PowerReading, now: PowerReading): boolean {
  if (last.supply !== now.supply || last.percent !== now.percent) return true
  if (last.isUnderVoltage !== now.isUnderVoltage || last.isLow !== now.isLow) return true
  return Math.abs((last.milliVolts ?? 0) - (now.milliVolts ?? 0)) >= NEWS_MILLIVOLTS
}

function conditionOf(reading: PowerReading, isNonsense: boolean): Condition {
  const { supply, percent, isUnderVoltage, isLow } = reading
  if (isUnderVoltage) return UNDER_VOLTAGE
  if (isLow) {
    return {
      state: 'degraded',
      sentence: `The battery is at ${percent} %.`,
      fix: 'Plug in the mains or change the battery. Sales go on; the lights save power.'
    }
  }
  if (isNonsense) return NONSENSE
  const charge = percent === null ? '' : `, ${percent} % full`
  const sentence =
    supply === 'battery'
      ? `The stall runs on its battery${charge}.`
      : supply === 'mains'
        ? 'The stall runs on the mains.'
        : 'The voltage is well.'
  return { state: 'up', sentence, fix: '' }
}

const UNDER_VOLTAGE: Condition = {
  state: 'degraded',
  sentence: "The computer's voltage falls too low: its power supply or cable is too weak.",
  fix: 'Use the 5 V 5 A supply made for it and a short, thick cable, and unplug what charges there.'
}

const NONSENSE: Condition = {
  state: 'degraded',
  sentence: 'The battery says what cannot be.',
  fix: 'Look at the battery itself how full it is. Unplug its cable and plug it in again.'
}

const LATE: Condition = {
  state: 'degraded',
  sentence: 'The battery does not answer.',
  fix: 'Look at the battery itself how full it is. Unplug its cable and plug it in again.'
}

const nothingThere = (): Fault =>
  new Fault({
    code: 'device-absent',
    message: 'Nothing here says how the power is.',
    fix: 'Plug in the battery\'s cable, or take role = "power" out of stall.toml.',
    isRetryable: true
  })
