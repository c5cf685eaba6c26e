import type { SimFault } from '../../node/core/device.ts'
import type { Simulation, SimWorld } from '../driver.ts'
import type { SerialSettings } from '../host.ts'
import type { Crossing } from '../radar/crossing.ts'
import { sightingFrame } from '../radar/sightings.ts'
import { type Target, targetFrame } from '../radar/targets.ts'
import { chance, noise } from './chance.ts'
import type { Passage } from './crowd.ts'
import { simHost } from './host.ts'
import { simSerial } from './serial.ts'

const FRAME_MS = 100
/** How far before and behind the line people come into view and leave it. */
const VIEW_MM = 1_400
/** Where who turns back does so. */
const TURN_MM = 500
const LANE_MM_MAX = 400
const NOISE_BYTES = 40
const OTHER_BAUD = 115_200

/** A radar that sees where people are, three of them at a time. */
export const simLd2450 = (
  settings: SerialSettings & { readonly crossing: Crossing },
  world: SimWorld
): Simulation =>
  simRadar({
    settings,
    world,
    frame: walkers => targetFrame(walkers.map(walker => targetOf(walker, settings.crossing)))
  })

/** A radar that sees how far the nearest person is. */
export const simLd2410 = (settings: SerialSettings, world: SimWorld): Simulation =>
  simRadar({
    settings,
    world,
    frame: walkers => {
      const near = walkers.map(({ fromLineMm }) => Math.round((VIEW_MM + fromLineMm) / 10))
      return sightingFrame({ cm: near.length === 0 ? undefined : Math.max(1, Math.min(...near)) })
    }
  })

interface Walker {
  /** How far it is before the line on the way in, and behind it when negative. */
  readonly fromLineMm: number
  readonly laneMm: number
  readonly metresPerSecond: number
}

function simRadar(options: {
  readonly settings: SerialSettings
  readonly world: SimWorld
  readonly frame: (walkers: readonly Walker[]) => Uint8Array
}): Simulation {
  const { settings, world, frame } = options
  const device = simSerial(settings)
  const random = chance(world.seed)
  let people: readonly (Passage & { readonly laneMm: number })[] = []
  let fault: SimFault | null = null
  const tick = () => {
    stopTimer = world.startTimer(FRAME_MS, tick)
    if (fault === 'stall') return
    if (fault === 'garbage') {
      device.send(noise(random, NOISE_BYTES))
      return
    }
    const now = world.readClocks().monoMs
    const isInView = (person: Passage) => Math.abs(placeOf(person, now)) < VIEW_MM
    people = people.filter(person => person.atMs > now || isInView(person))
    const seen = people.filter(isInView)
    device.send(frame(seen.map(person => ({ ...person, fromLineMm: placeOf(person, now) }))))
  }
  let stopTimer = world.startTimer(FRAME_MS, tick)
  const leave = world.crowd.watch(passage => {
    people = [...people, { ...passage, laneMm: Math.round((2 * random() - 1) * LANE_MM_MAX) }]
  })
  return {
    host: simHost({ ...world, serial: device.serial }),
    faults: ['unplug', 'stall', 'garbage', 'wrong-baud'],
    setFault: next => {
      fault = next
      device.setPlugged(fault !== 'unplug')
      device.setBaud(fault === 'wrong-baud' ? OTHER_BAUD : undefined)
    },
    close: () => {
      leave()
      stopTimer()
    }
  }
}

/** How far before the line somebody is; who walks out comes from behind it. */
function placeOf({ atMs, direction, metresPerSecond }: Passage, nowMs: number): number {
  const beforeMm = Math.round((atMs - nowMs) * metresPerSecond)
  if (direction === 'turned-back') return Math.abs(beforeMm) + TURN_MM
  return direction === 'in' ? beforeMm : -beforeMm
}

function targetOf(
  { fromLineMm, laneMm, metresPerSecond }: Walker,
  { axis, atMm, isInFalling }: Crossing
): Target {
  const alongMm = atMm + (isInFalling ? fromLineMm : -fromLineMm)
  const cmPerSecond = Math.round(metresPerSecond * 100)
  return axis === 'y'
    ? { xMm: laneMm, yMm: alongMm, cmPerSecond }
    : { xMm: alongMm, yMm: 2_000 + laneMm, cmPerSecond }
}
