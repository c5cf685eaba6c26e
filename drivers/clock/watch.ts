import type { ClockReading } from '../../node/core/device.ts'
import { ageWords } from '../../node/core/devicewords.ts'
import type { Condition, DriverContext, RunningDevice } from '../driver.ts'
import type { Host } from '../host.ts'
import { keepAsking } from '../keep-asking.ts'
import { type ClockFacts, type ClockMemory, type ClockTrust, trustClock } from './trust.ts'

/** systemd-timesyncd.service(8) touches it each time that the network has set the clock. */
export const SYNCHRONIZED = '/run/systemd/timesync/synchronized'
export const RTC_FOLDER = '/sys/class/rtc'

const LOOK_MS = 10_000
const READ_MS_MAX = 2_000
const RTCS_MAX = 4

export function watchClock(
  context: DriverContext<Readonly<Record<string, never>>>
): Promise<RunningDevice> {
  let memory: ClockMemory | undefined
  let told: ClockReading | undefined
  const think = (facts: ClockFacts) => {
    const { source, boundMs, doubt, memory: next } = trustClock(facts, memory)
    context.report(conditionOf(doubt, source, next))
    memory = next
    if (told?.source !== source || told.boundMs !== boundMs) {
      told = { kind: 'clock', source, boundMs }
      context.tell(told)
    }
  }
  return keepAsking({
    context,
    everyMs: LOOK_MS,
    answerMsMax: READ_MS_MAX,
    ask: () => readClock(context.host),
    take: facts => (facts === 'late' ? context.report(LATE) : think(facts))
  })
}

/** The clocks are read last, so that what the files say is never from their future. */
async function readClock({ files, readClocks }: Host): Promise<ClockFacts> {
  const syncedAt = await files.changedAt(SYNCHRONIZED)
  const rtcAt = await readRtc(files)
  return { reading: readClocks(), syncedAt, rtcAt }
}

/** The module that the kernel sets its clock from at boot, or else the first. */
async function readRtc(files: Host['files']): Promise<number | undefined> {
  const times: number[] = []
  for (const name of (await files.list(RTC_FOLDER)).slice(0, RTCS_MAX)) {
    const text = (await files.read(`${RTC_FOLDER}/${name}/since_epoch`))?.trim() ?? ''
    const at = /^\d{1,12}$/.test(text) ? Number(text) * 1_000 : 0
    if ((await files.read(`${RTC_FOLDER}/${name}/hctosys`))?.trim() === '1') return at
    times.push(at)
  }
  return times[0]
}

function conditionOf(
  doubt: ClockTrust['doubt'],
  source: ClockTrust['source'],
  { jumpMs }: ClockMemory
): Condition {
  if (doubt === 'none') {
    const who = source === 'ntp' ? 'the network' : "the clock module's battery"
    return { state: 'up', sentence: `The clock is kept right by ${who}.`, fix: '' }
  }
  if (doubt === 'jumped') {
    const way = (jumpMs ?? 0) > 0 ? 'ahead' : 'back'
    // Whole seconds: a step of an hour less a moment is an hour to everybody.
    const seconds = Math.round(Math.abs(jumpMs ?? 0) / 1_000)
    const sentence = `The clock was set ${way} by ${ageWords(seconds * 1_000)}.`
    const fix = 'Compare it with a watch. Connect to the internet once and it sets itself.'
    return { state: 'degraded', sentence, fix }
  }
  return { state: 'degraded', ...DOUBTS[doubt] }
}

const DOUBTS = {
  'rtc-dead': {
    sentence: 'The clock module lost the time, so the clock may be wrong.',
    fix: "Change the module's battery, then connect to the internet once."
  },
  'rtc-apart': {
    sentence: 'The clock and its clock module tell different times.',
    fix: 'Compare them with a watch. Connect to the internet once and both are set.'
  },
  'set-back': {
    sentence: 'The clock was set back after the network had set it.',
    fix: 'Compare it with a watch. Connect to the internet once and it sets itself.'
  },
  'long-ago': {
    sentence: 'The network last set the clock over a day ago.',
    fix: 'Connect to the internet once. Until then the clock may be off by some seconds.'
  },
  'never-set': {
    sentence: 'Nobody has set the clock since the computer was switched on.',
    fix: 'Connect to the internet once, or fit a clock module with a battery. Sales go on.'
  }
} as const

const LATE: Condition = {
  state: 'degraded',
  sentence: 'The clock module does not answer.',
  fix: 'Start the computer anew. If it goes on, the module sits loose.'
}
