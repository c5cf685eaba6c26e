import type { DeviceView, SimFault, WeightReading } from './device.ts'
import type { HealthState } from './ports.ts'

/** How devices are spoken of, wherever they are: at the till, by the doctor, over HTTP and MQTT. */

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

/** Kilograms to the gram, finer only where the scale is. */
export function weightWords({ milligrams, isStable }: WeightReading): string {
  const kilograms = (milligrams / 1e6).toFixed(milligrams % 1_000 === 0 ? 3 : 6)
  return `${kilograms} kg${isStable ? '' : ', not at rest'}`
}
