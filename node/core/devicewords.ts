import type {
  ClockReading,
  DeviceView,
  FootfallReading,
  PowerReading,
  PresenceReading,
  Reading,
  SimFault
} from './device.ts'
import type { HealthState } from './ports.ts'

/** How devices are spoken of. The till, the doctor, HTTP and MQTT all take their words from here. */

export const STATE_WORDS: Readonly<Record<HealthState, string>> = {
  up: 'Works',
  degraded: 'Needs a look',
  down: 'Does not work',
  absent: 'Not there',
  disabled: 'Off'
}

/** What a newcomer does to a simulated device. */
export const FAULT_WORDS: Readonly<Record<SimFault, string>> = {
  'paper-out': 'Take the paper out',
  'cover-open': 'Open the cover',
  unplug: 'Unplug it',
  stall: 'Make it hang',
  garbage: 'Shake its cable',
  'wrong-baud': 'Set a wrong speed',
  'beam-blocked': 'Block a beam',
  bounce: 'Let its contact bounce',
  overflow: 'Flood it',
  'reset-counter': 'Reset its counter',
  undervoltage: 'Weaken the supply',
  'clock-jump': 'Let its clock jump'
}

/** `door-beams` as a person says it. */
export const nameWords = (name: string): string =>
  `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`

/** A health sentence often says "it"; where it stands alone, the device's name goes ahead. */
export const sentenceWords = ({ name, health: { sentence } }: DeviceView): string =>
  sentence.toLowerCase().includes(name.replaceAll('-', ' '))
    ? sentence
    : `${nameWords(name)}: ${sentence}`

/** How long something has been so; a clock that was set back makes no age negative. */
export function ageWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`
  return `${Math.floor(seconds / 86_400)} days`
}

/** The newest that a device said, in a few words with their unit. */
export function readingWords(reading: Reading): string {
  switch (reading.kind) {
    case 'footfall':
      return footfallWords(reading)
    case 'presence':
      return presenceWords(reading)
    case 'scan':
      return `Read ${reading.code.slice(0, CODE_SHOWN_MAX)}`
    case 'weight':
      return `${weightWords(reading.milligrams)}${reading.isStable ? '' : ', not at rest'}`
    case 'button':
      return reading.isPressed ? 'Pressed' : 'Not pressed'
    case 'light':
      return lightWords(reading)
    case 'energy':
      return `${(reading.milliwattHours / 1_000).toFixed(3)} Wh used`
    case 'power':
      return powerWords(reading)
    case 'clock':
      return clockWords(reading)
  }
}

/** As many characters of a code as a row of a phone has room for. */
const CODE_SHOWN_MAX = 24

/** Kilograms to the gram, finer only where the scale is. */
export const weightWords = (milligrams: number): string =>
  `${(milligrams / 1e6).toFixed(milligrams % 1_000 === 0 ? 3 : 6)} kg`

function footfallWords(reading: FootfallReading): string {
  const { from, to, in: into, out, unsure, quality } = reading
  if (quality === 'absent') return 'Not counted'
  const isAMinute = Math.abs(to - from - 60_000) <= 5_000
  const about = quality === 'direct' ? '' : 'about '
  const seen = into === null || out === null ? 'No sure count' : `${about}${into} in, ${out} out`
  const doubt = unsure > 0 ? `, ${unsure} unsure` : ''
  return `${seen}${doubt} in ${isAMinute ? 'a minute' : ageWords(to - from)}`
}

function presenceWords({ isOccupied, targets }: PresenceReading): string {
  if (!isOccupied) return 'Nobody is there'
  if (targets === null) return 'Somebody is there'
  return targets === 1 ? '1 person is there' : `${targets} people are there`
}

const lightWords = ({ isOn, percent }: { readonly isOn: boolean; readonly percent: number }) =>
  !isOn ? 'Light off' : percent === 100 ? 'Light on' : `Light on at ${percent} %`

function powerWords(reading: PowerReading): string {
  const { supply, percent, milliVolts, isUnderVoltage, isLow } = reading
  const parts = [
    { mains: 'Mains', battery: 'On battery', unknown: 'Supply unknown' }[supply],
    percent !== null && `battery ${percent} %`,
    milliVolts !== null && `${(milliVolts / 1_000).toFixed(2)} V`,
    isUnderVoltage && 'voltage too low',
    isLow && 'battery low'
  ]
  return parts.filter(Boolean).join(', ')
}

function clockWords({ source, boundMs }: ClockReading): string {
  const from = {
    ntp: 'Time from the network',
    rtc: 'Time from the clock chip',
    stale: 'Time from before the last stop'
  }[source]
  if (boundMs === null) return from
  return `${from}, within ${boundMs < 1_000 ? `${boundMs} ms` : ageWords(boundMs)}`
}

/** A device as HTTP and MQTT tell of it, apart from what to do, which each names in its own way. */
export const deviceFacts = (view: DeviceView) => {
  const { name, role, driver, health, since, restarts, reading, readAt, simulated } = view
  const { state, sentence } = health
  return {
    name,
    role,
    driver,
    state,
    sentence,
    since: timeText(since),
    restarts,
    reading: reading && readingFacts(reading),
    reading_text: reading && readingWords(reading),
    read_at: readAt === null ? null : timeText(readAt),
    simulated
  }
}

const readingFacts = (reading: Reading): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(reading).map(([name, value]: [string, unknown]) => [
      name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
      (name === 'from' || name === 'to') && typeof value === 'number' ? timeText(value) : value
    ])
  )

const timeText = (ms: number): string => new Date(ms).toISOString()
