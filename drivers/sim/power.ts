import type { SimFault } from '../../node/core/device.ts'
import type { Simulation, SimWorld } from '../driver.ts'
import { SENSORS, SUPPLIES } from '../power/supplies.ts'
import { chance } from './chance.ts'
import { simFiles } from './files.ts'
import { simHost } from './host.ts'

/** A full battery lasts an evening. */
const EVENING_MS = 6 * 60 * 60_000
const TICK_MS = 1_000
const FULL_MICROVOLTS = 4_150_000
const EMPTY_MICROVOLTS = 3_300_000

/**
 * A Pi on a battery that drains over the evening and is changed when it is empty. `unplug` takes
 * the battery's cable out, `stall` is a chip on a bus that hangs.
 */
export function simPower(world: SimWorld): Simulation {
  const random = chance(world.seed)
  const { files, set, remove } = simFiles({})
  let level = 0.6 + 0.4 * random()
  let fault: SimFault | null = null
  let stopTimer = () => {}
  /** Reads that wait for the bus. */
  const hanging: (() => void)[] = []
  let asOfMs = world.readClocks().monoMs
  const show = () => {
    for (const [path, text] of battery(level)) {
      if (fault === 'unplug') remove(path)
      else set(path, fault === 'garbage' && /capacity|voltage/.test(path) ? 'banana\n' : text)
    }
    if (fault === 'unplug') remove(`${SENSORS}/hwmon0/name`)
    else set(`${SENSORS}/hwmon0/name`, 'rpi_volt\n')
    set(`${SENSORS}/hwmon0/in0_lcrit_alarm`, fault === 'undervoltage' ? '1\n' : '0\n')
  }
  const drain = () => {
    const { monoMs } = world.readClocks()
    level -= (monoMs - asOfMs) / EVENING_MS
    if (level <= 0) level = 1
    asOfMs = monoMs
    show()
    stopTimer = world.startTimer(TICK_MS, drain)
  }
  drain()
  const read = async (path: string) => {
    if (fault === 'stall') await new Promise<void>(resolve => hanging.push(resolve))
    return files.read(path)
  }
  return {
    host: simHost({ ...world, files: { ...files, read } }),
    faults: ['unplug', 'stall', 'garbage', 'undervoltage'],
    setFault: now => {
      fault = now
      show()
      if (fault !== 'stall') for (const resume of hanging.splice(0)) resume()
    },
    close: () => stopTimer()
  }
}

function battery(level: number): readonly (readonly [path: string, text: string])[] {
  const volts = Math.round(EMPTY_MICROVOLTS + level * (FULL_MICROVOLTS - EMPTY_MICROVOLTS))
  return [
    [`${SUPPLIES}/battery/type`, 'Battery\n'],
    [`${SUPPLIES}/battery/status`, 'Discharging\n'],
    [`${SUPPLIES}/battery/capacity`, `${Math.max(1, Math.round(level * 100))}\n`],
    [`${SUPPLIES}/battery/voltage_now`, `${volts}\n`]
  ]
}
