import type { SimFault } from '../../node/core/device.ts'
import type { Simulation, SimWorld } from '../driver.ts'
import type { ScaleSettings } from '../scale/settings.ts'
import { chance, noise } from './chance.ts'
import { simHost } from './host.ts'
import { simSerial } from './serial.ts'
import { nowAndThen } from './timers.ts'

const ANSWER_MS = 30
/** Between putting something on and taking it off. */
const LOAD_MS_MIN = 6_000
const LOAD_MS_MAX = 20_000
/** A load swings less and less, and rests after a second. */
const SWING_MS = 300
const REST_MS = 1_200
const GRAMS_MAX = 1_500
const QUESTION_BYTES_MAX = 16
const NOISE_BYTES = 24

/** A scale on which somebody weighs. `overflow` is too much on it. */
export function simScale(options: {
  readonly settings: ScaleSettings
  readonly world: SimWorld
  readonly language: Language
}): Simulation {
  const { settings, world, language } = options
  const device = simSerial(settings)
  const plate = simPlate(world)
  const random = chance(world.seed + 1)
  let fault: SimFault | null = null
  let heard = ''
  const answer = (question: string) => {
    if (fault === 'stall') return
    const load = fault === 'overflow' ? 'too-much' : plate.load()
    device.send(
      fault === 'garbage' ? noise(random, NOISE_BYTES) : ANSWERS[language](question, load)
    )
  }
  device.onWrite(bytes => {
    const [question, ...rest] = `${heard}${Buffer.from(bytes).toString('latin1')}`.split('\r')
    heard = rest.length === 0 ? (question ?? '').slice(-QUESTION_BYTES_MAX) : ''
    if (rest.length > 0) world.startTimer(ANSWER_MS, () => answer((question ?? '').trim()))
  })
  return {
    host: simHost({ ...world, serial: device.serial }),
    faults: ['unplug', 'stall', 'garbage', 'wrong-baud', 'overflow'],
    setFault: now => {
      fault = now
      device.setPlugged(fault !== 'unplug')
      device.setBaud(fault === 'wrong-baud' ? settings.baud / 2 : undefined)
    },
    close: plate.close
  }
}

type Language = 'mt-sics' | 'nci'
type Load = 'too-much' | { readonly grams: number; readonly isResting: boolean }

/** What the manuals say that a scale answers; see `scale/mt-sics.ts` and `scale/nci.ts`. */
const ANSWERS: Readonly<Record<Language, (question: string, load: Load) => string>> = {
  'mt-sics': (question, load) => {
    if (question !== 'SI') return 'ES\r\n'
    if (load === 'too-much') return 'S +\r\n'
    const { grams, isResting } = load
    return `S ${isResting ? 'S' : 'D'} ${grams.toFixed(1).padStart(10)} g\r\n`
  },
  nci: (question, load) => {
    if (question !== 'W') return '\n?\r\x03'
    if (load === 'too-much') return '\n^^^^^^kg\r\n02\r\x03'
    const { grams, isResting } = load
    return `\n${(grams / 1_000).toFixed(4).padStart(8)}kg\r\n${isResting ? '0' : '1'}0\r\x03`
  }
}

/** Whose hands put something on the scale and take it off again. */
function simPlate(world: SimWorld): { readonly load: () => Load; readonly close: () => void } {
  const random = chance(world.seed)
  let grams = 0
  let sinceMs = Number.NEGATIVE_INFINITY
  const close = nowAndThen({
    startTimer: world.startTimer,
    random,
    msMin: LOAD_MS_MIN,
    msMax: LOAD_MS_MAX,
    run: () => {
      grams = grams === 0 ? Math.round(50 + random() * GRAMS_MAX) : 0
      sinceMs = world.readClocks().monoMs
    }
  })
  return {
    load: () => {
      const ageMs = world.readClocks().monoMs - sinceMs
      const swing = 0.3 * Math.exp(-ageMs / SWING_MS) * Math.cos(ageMs / 40)
      const isResting = ageMs >= REST_MS
      return { grams: isResting ? grams : Math.max(0, grams * (1 + swing)), isResting }
    },
    close
  }
}
