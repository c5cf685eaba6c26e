import type { SimFault } from '../../node/core/device.ts'
import type { Simulation, SimWorld } from '../driver.ts'
import type { Host, InputRequest } from '../host.ts'
import { chance } from './chance.ts'
import type { Passage } from './crowd.ts'
import { simHost } from './host.ts'
import { simWires } from './wires.ts'

const SPACING_METRES = 0.1
const CLOCK_JUMP_MS = 3_600_000
const BOUNCES = 6
const BOUNCE_US = 200

/** Two beams across the way of the crowd, the outer one first for who walks in. */
export function simBeams(
  { lines, isActiveLow }: Pick<InputRequest, 'lines' | 'isActiveLow'>,
  world: SimWorld
): Simulation {
  const gpio = simWires(lines, world)
  const random = chance(world.seed)
  const bodies = [0, 0]
  const levels = [false, false]
  let plan: readonly Step[] = []
  let fault: SimFault | null = null
  let stopTimer = () => {}
  const show = (beam: number, atMs: number) => {
    const isBlocked = (bodies[beam] ?? 0) > 0 || (fault === 'beam-blocked' && beam === 0)
    if (levels[beam] === isBlocked) return
    levels[beam] = isBlocked
    // What the kernel has no room for is not seen, but counted.
    if (fault === 'overflow' && beam === 1) return gpio.loseEdges(1)
    const monoUs = Math.round(atMs * 1_000)
    const set = (isNow: boolean, laterUs: number) =>
      gpio.setInput(gpio.names[beam] ?? '', isNow !== isActiveLow, monoUs + laterUs)
    for (let turn = 0; fault === 'bounce' && turn < BOUNCES; turn++) {
      set(isBlocked === (turn % 2 === 0), turn * BOUNCE_US)
    }
    set(isBlocked, fault === 'bounce' ? BOUNCES * BOUNCE_US : 0)
  }
  const now = () => world.readClocks().monoMs
  /** One timer for all steps: two timers of one millisecond come in any order. */
  const walk = () => {
    stopTimer()
    const due = plan.filter(({ atMs }) => atMs <= now())
    plan = plan.slice(due.length)
    for (const { beam, bodies: more, atMs } of due) {
      bodies[beam] = (bodies[beam] ?? 0) + more
      show(beam, atMs)
    }
    const [next] = plan
    if (next) stopTimer = world.startTimer(Math.max(0, next.atMs - now()), walk)
  }
  for (const name of gpio.names) gpio.setInput(name, isActiveLow)
  const leave = world.crowd.watch(passage => {
    plan = [...plan, ...stepsOf(passage, random)].toSorted((a, b) => a.atMs - b.atMs)
    walk()
  })
  const readClocks: Host['readClocks'] = () => {
    const { wallMs, monoMs } = world.readClocks()
    return { wallMs: fault === 'clock-jump' ? wallMs + CLOCK_JUMP_MS : wallMs, monoMs }
  }
  return {
    host: simHost({ startTimer: world.startTimer, readClocks, gpio: gpio.gpio }),
    faults: ['beam-blocked', 'bounce', 'overflow', 'unplug', 'clock-jump'],
    setFault: next => {
      fault = next
      gpio.setGone(fault === 'unplug')
      for (const [beam, name] of gpio.names.entries()) {
        show(beam, now())
        if (fault === null) gpio.setInput(name, levels[beam] !== isActiveLow)
      }
    },
    close: () => {
      leave()
      stopTimer()
    }
  }
}

interface Step {
  readonly atMs: number
  readonly beam: number
  /** Whether one more body is in the beam or one fewer. */
  readonly bodies: 1 | -1
}

/** When a body covers which beam, with the gaps of arms and bags in between. */
function stepsOf(passage: Passage, random: () => number): readonly Step[] {
  const { atMs, direction, metresPerSecond, depthMetres } = passage
  const coverMs = (depthMetres / metresPerSecond) * 1_000
  const betweenMs = (SPACING_METRES / metresPerSecond) * 1_000
  const [near, far] = direction === 'out' ? [1, 0] : [0, 1]
  const fromMs = atMs - (coverMs + betweenMs) / 2
  if (direction !== 'turned-back') {
    return [
      ...covered({ beam: near, fromMs, toMs: fromMs + coverMs, random }),
      ...covered({
        beam: far,
        fromMs: fromMs + betweenMs,
        toMs: fromMs + betweenMs + coverMs,
        random
      })
    ]
  }
  const toMs = fromMs + 2 * betweenMs + coverMs
  return [
    ...covered({ beam: near, fromMs, toMs, random }),
    ...covered({ beam: far, fromMs: fromMs + betweenMs, toMs: toMs - betweenMs, random })
  ]
}

function covered(cover: {
  readonly beam: number
  readonly fromMs: number
  readonly toMs: number
  readonly random: () => number
}): readonly Step[] {
  const { beam, fromMs, toMs, random } = cover
  const steps: Step[] = [{ atMs: fromMs, beam, bodies: 1 }]
  for (let atMs = fromMs; random() < 0.5 && toMs - atMs > 90; ) {
    const openMs = atMs + 8 + 22 * random()
    atMs = openMs + 2 + 23 * random()
    steps.push({ atMs: openMs, beam, bodies: -1 }, { atMs, beam, bodies: 1 })
  }
  return [...steps, { atMs: toMs, beam, bodies: -1 }]
}
