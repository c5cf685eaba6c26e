import type {
  ClockReading,
  FootfallReading,
  LightReading,
  PowerReading,
  PresenceReading,
  Reading
} from './device.ts'
import { ageWords, weightWords } from './devicewords.ts'

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
      return weightWords(reading)
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

const lightWords = ({ isOn, percent }: LightReading): string =>
  !isOn ? 'Light off' : percent === 100 ? 'Light on' : `Light on at ${percent} %`

function powerWords(reading: PowerReading): string {
  const { supply, percent, milliVolts, isUnderVoltage, isLow } = reading
  const parts = [
    { mains: 'Mains', battery: 'On battery', unknown: 'Supply unknown' }[supply],
    percent !== null && `${supply === 'battery' ? '' : 'battery '}${percent} %`,
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
