import type { SimFault } from '../../node/core/device.ts'
import type { Simulation, SimWorld } from '../driver.ts'
import type { InputRequest } from '../host.ts'
import { simHost } from './host.ts'
import { openTimers } from './timers.ts'
import { simWires } from './wires.ts'

/** An AM312 sees so far to both sides and holds its line so long after the last motion. */
const REACH_METRES = 2
const HOLD_MS = 2_300
const CHATTER_MS = 25

/** A motion sensor at the way of the crowd. `bounce` is a loose wire. */
export function simPir(
  { lines, isActiveLow }: Pick<InputRequest, 'lines' | 'isActiveLow'>,
  world: SimWorld
): Simulation {
  const gpio = simWires(lines, world)
  const { after, stop } = openTimers(world.startTimer)
  let fault: SimFault | null = null
  let people = 0
  const show = (isMoving: boolean) => gpio.setInput(gpio.names[0] ?? '', isMoving !== isActiveLow)
  const isSeen = () => people > 0 || fault === 'beam-blocked'
  const change = (more: number) => {
    people += more
    // As if the line had changed and changed back while the kernel had no room.
    if (fault === 'overflow') gpio.loseEdges(2)
    show(isSeen())
  }
  const chatter = (isHigh: boolean) => {
    if (fault !== 'bounce') return show(isSeen())
    show(isHigh)
    after(CHATTER_MS, () => chatter(!isHigh))
  }
  show(false)
  const leave = world.crowd.watch(({ atMs, metresPerSecond }) => {
    const inMs = atMs - world.readClocks().monoMs
    const nearMs = (REACH_METRES / metresPerSecond) * 1_000
    after(inMs - nearMs, () => change(1))
    after(inMs + nearMs + HOLD_MS, () => change(-1))
  })
  return {
    host: simHost({ ...world, gpio: gpio.gpio }),
    faults: ['beam-blocked', 'bounce', 'overflow', 'unplug'],
    setFault: next => {
      fault = next
      gpio.setGone(fault === 'unplug')
      chatter(true)
    },
    close: () => {
      leave()
      stop()
    }
  }
}
