import type { SimFault } from '../../node/core/device.ts'
import { RTC_FOLDER, SYNCHRONIZED } from '../clock/watch.ts'
import type { Simulation, SimWorld } from '../driver.ts'
import { chance } from './chance.ts'
import { simFiles } from './files.ts'
import { simHost } from './host.ts'

/** timesyncd asks at most this seldom (PollIntervalMaxSec). */
const SYNC_MS = 2_048_000
const TICK_MS = 1_000
const HOUR_MS = 60 * 60_000

/**
 * A clock that the network sets now and then, with a clock module. `stall` takes the network away,
 * `unplug` network and module, `garbage` makes the module's battery die, and `clock-jump` sets the
 * wall clock an hour ahead without a word.
 */
export function simClock(world: SimWorld): Simulation {
  const random = chance(world.seed)
  const { files, set, remove } = simFiles({})
  let fault: SimFault | null = null
  let stopTimer = () => {}
  let syncedAt = world.readClocks().wallMs - random() * SYNC_MS
  const readClocks = () => {
    const { wallMs, monoMs } = world.readClocks()
    return { wallMs: wallMs + (fault === 'clock-jump' ? HOUR_MS : 0), monoMs }
  }
  const tick = () => {
    const { wallMs } = world.readClocks()
    if (wallMs - syncedAt >= SYNC_MS && fault === null) syncedAt = wallMs
    if (fault === 'stall' || fault === 'unplug' || fault === 'garbage') remove(SYNCHRONIZED)
    else set(SYNCHRONIZED, '', syncedAt)
    const rtc = `${RTC_FOLDER}/rtc0/since_epoch`
    if (fault === 'unplug') remove(rtc)
    else set(rtc, fault === 'garbage' ? '86400\n' : `${Math.floor(wallMs / 1_000)}\n`)
  }
  const go = () => {
    tick()
    stopTimer = world.startTimer(TICK_MS, go)
  }
  go()
  return {
    host: simHost({ ...world, readClocks, files }),
    faults: ['unplug', 'stall', 'garbage', 'clock-jump'],
    setFault: now => {
      fault = now
      // The network comes back and sets the clock at once.
      if (fault === null) syncedAt = world.readClocks().wallMs
      tick()
    },
    close: () => stopTimer()
  }
}
