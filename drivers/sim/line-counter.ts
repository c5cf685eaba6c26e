import type { SimFault } from '../../node/core/device.ts'
import type { Simulation, SimWorld } from '../driver.ts'
import type { LineProfile } from '../footfall/profiles.ts'
import type { SerialSettings } from '../host.ts'
import { chance } from './chance.ts'
import { simHost } from './host.ts'
import { simSerial } from './serial.ts'
import { openTimers } from './timers.ts'

const SAY_MS = 5_000
const NOISE_BYTES = 700

/** A people counter at the way of the crowd, which sends lines as the profile says. */
export function simLineCounter(
  settings: SerialSettings & { readonly profile: LineProfile },
  world: SimWorld
): Simulation {
  const { profile } = settings
  const device = simSerial(settings)
  const random = chance(world.seed)
  const { after, stop } = openTimers(world.startTimer)
  let totals = { in: 0, out: 0 }
  let fault: SimFault | null = null
  const say = (step: string) => {
    if (fault === 'stall') return
    if (fault === 'garbage') {
      // Printable, and never an end of a line.
      device.send(Uint8Array.from({ length: NOISE_BYTES }, () => 0x30 + Math.floor(random() * 64)))
    } else if (profile.counts === 'delta') device.send(step)
    else device.send(lineOf(profile, totals))
  }
  const tick = () => {
    say('')
    after(SAY_MS, tick)
  }
  const leave = world.crowd.watch(({ atMs, direction }) => {
    if (direction === 'turned-back') return
    after(atMs - world.readClocks().monoMs, () => {
      totals = { ...totals, [direction]: totals[direction] + 1 }
      say(direction === 'in' ? '+1\r\n' : '-1\r\n')
    })
  })
  tick()
  return {
    host: simHost({ ...world, serial: device.serial }),
    faults: ['unplug', 'stall', 'garbage', 'wrong-baud', 'reset-counter'],
    setFault: next => {
      fault = next
      device.setPlugged(fault !== 'unplug')
      device.setBaud(fault === 'wrong-baud' ? settings.baud * 2 : undefined)
      if (fault === 'reset-counter') totals = { in: 0, out: 0 }
    },
    close: () => {
      leave()
      stop()
    }
  }
}

function lineOf({ id }: LineProfile, totals: { readonly in: number; readonly out: number }) {
  if (id === 'comma') return `C,${totals.in},${totals.out}\r\n`
  if (id === 'json') return `${JSON.stringify({ ...totals, battery: 87 })}\r\n`
  return `IN=${totals.in} OUT=${totals.out}\r\n`
}
