import type { SimFault } from '../../node/core/device.ts'
import type { ButtonSettings } from '../button/settings.ts'
import type { Simulation, SimWorld } from '../driver.ts'
import { chance } from './chance.ts'
import { simHost } from './host.ts'
import { nowAndThen } from './timers.ts'
import { simWires } from './wires.ts'

const PRESS_MS_MIN = 20_000
const PRESS_MS_MAX = 90_000
/** How long a thumb stays. */
const HOLD_MS = 150
/** A worn contact opens and closes for longer than any debouncing waits. */
const CHATTER_MS = 1_500

/** A button that somebody presses now and then. `stall` is one that stays down. */
export function simButton(settings: ButtonSettings, world: SimWorld): Simulation {
  const { gpio, names, setInput, setGone } = simWires([settings.line], world)
  const [name = ''] = names
  const random = chance(world.seed)
  let fault: SimFault | null = null
  let stopThumb = () => {}
  const put = (isDown: boolean) => {
    setInput(name, isDown !== settings.isActiveLow)
  }
  const chatter = (isDown: boolean, leftMs: number) => {
    put(isDown && leftMs > 0)
    const ms = settings.debounceUs / 1_000 + 5
    if (leftMs > 0) stopThumb = world.startTimer(ms, () => chatter(!isDown, leftMs - ms))
  }
  const press = () => {
    if (fault === 'bounce') return chatter(true, CHATTER_MS)
    put(true)
    stopThumb = world.startTimer(HOLD_MS, () => put(fault === 'stall'))
  }
  put(false)
  const stopPresses = nowAndThen({
    startTimer: world.startTimer,
    random,
    msMin: PRESS_MS_MIN,
    msMax: PRESS_MS_MAX,
    run: () => {
      if (fault !== 'unplug') press()
    }
  })
  return {
    host: simHost({ ...world, gpio }),
    faults: ['unplug', 'stall', 'bounce'],
    setFault: now => {
      fault = now
      stopThumb()
      setGone(fault === 'unplug')
      put(fault === 'stall')
    },
    close: () => {
      stopPresses()
      stopThumb()
    }
  }
}
