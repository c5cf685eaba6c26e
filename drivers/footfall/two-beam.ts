import type { Condition, Driver, DriverContext, RunningDevice } from '../driver.ts'
import { lineClaim, readLines, readWiring } from '../gpio/keys.ts'
import type { Edge, InputRequest } from '../host.ts'
import { type BeamPassage, beamCounter } from './beams.ts'
import { absentFootfall, countMinutes } from './minute.ts'
import { edgeTally, missed } from './tally.ts'

export type TwoBeamSettings = Omit<InputRequest, 'consumer'>

/**
 * `driver = "two-beam"`: two light barriers across a door. Both lines are in one request, for only
 * so does the kernel keep their order.
 */
export const twoBeam: Driver<TwoBeamSettings> = {
  role: 'footfall',
  parse: table => {
    const lines = readLines(table, ['outer', 'inner'])
    const wiring = readWiring(table, { debounceMs: 2, debounceMsMax: 50 })
    if (lines === undefined || wiring === undefined) return undefined
    if (new Set(lines.map(lineClaim)).size < lines.length) {
      return table.refuse('inner', 'inner is the same line as outer; each beam has one of its own.')
    }
    return { lines, ...wiring }
  },
  claims: ({ lines }) => lines.map(lineClaim),
  start: startTwoBeam,
  simulate: async (settings, world) => (await import('../sim/beams.ts')).simBeams(settings, world),
  away: (_, span) => absentFootfall(span)
}

/** A hundred people a minute, each with a dozen gaps between legs, bags and arms. */
const EDGES_A_MINUTE_MAX = 5_000

async function startTwoBeam(context: DriverContext<TwoBeamSettings>): Promise<RunningDevice> {
  const { name, settings, host, tell, report, fail } = context
  const counter = beamCounter()
  let stopTimer = () => {}
  const lines = await host.gpio.watch(
    { consumer: `stall ${name}`, ...settings },
    { onEdges: (edges, lost) => take(edges, lost), onGone: fail }
  )
  const minutes = countMinutes({
    sensor: name,
    host,
    quality: lines.isExact ? 'direct' : 'estimated',
    tell
  })
  const tally = edgeTally({
    edgesAMinuteMax: EDGES_A_MINUTE_MAX,
    minutes,
    host,
    onTurn: () => evaluate()
  })
  const nowUs = () => Math.round(host.readClocks().monoMs * 1_000)
  const add = (passages: readonly BeamPassage[]) => {
    for (const passage of passages) {
      if (passage !== 'turned-back') minutes.add({ [passage]: 1 })
      // Where edges are missing, who seems to turn back may have gone through.
      else if (tally.lost() > 0) minutes.add({ unsure: 1 })
    }
  }
  const take = (edges: readonly Edge[], lost: number) => {
    tally.take(edges, lost)
    if (lost > 0) add(counter.resume(lines.values(), edges[0]?.monoUs ?? nowUs()))
    for (const { line, isActive, monoUs } of edges) {
      add(counter.edge({ beam: line === 0 ? 0 : 1, isBlocked: isActive, monoUs }))
    }
    evaluate()
  }
  /** Many triggers, one decision: what is due, how the minute is, and how the beams are. */
  const evaluate = () => {
    const stuck = counter.stuck()
    const isFlooding = tally.isFlooding()
    const lost = tally.lost()
    minutes.setDoubtful(stuck.length > 0 || isFlooding)
    report(conditionOf({ stuck, isFlooding, lost, isExact: lines.isExact }))
    stopTimer()
    const dueUs = counter.dueUs()
    if (dueUs === undefined) return
    stopTimer = host.startTimer(Math.max(0, Math.ceil((dueUs - nowUs()) / 1_000)), () => {
      const untilUs = nowUs()
      // Timers come before what waits in the kernel, so its edges get a turn first.
      stopTimer = host.startTimer(0, () => {
        add(counter.pass(untilUs))
        evaluate()
      })
    })
  }
  add(counter.resume(lines.values(), nowUs()))
  evaluate()
  return {
    stop: async () => {
      lines.close()
      minutes.stop()
      tally.stop()
      stopTimer()
    }
  }
}

function conditionOf(sight: {
  readonly stuck: readonly number[]
  readonly isFlooding: boolean
  readonly lost: number
  readonly isExact: boolean
}): Condition {
  if (sight.isFlooding) return FLOODING
  if (sight.stuck.length > 0) {
    const which =
      sight.stuck.length === 2 ? 'Both beams are' : `${BEAM_NAMES[sight.stuck[0] ?? 0]} is`
    return {
      state: 'degraded',
      sentence: `${which} blocked, so nobody can be counted.`,
      fix: 'Take away what stands in the door, or point the beam at its receiver again.'
    }
  }
  if (sight.lost > 0) return missed(sight.lost)
  return sight.isExact ? WORKS : INEXACT
}

const BEAM_NAMES: readonly string[] = ['The outer beam', 'The inner beam']

const WORKS: Condition = {
  state: 'up',
  sentence: 'Counts who walks in and out.',
  fix: ''
}

const FLOODING: Condition = {
  state: 'degraded',
  sentence: 'The beams change faster than people walk, so nobody can be counted.',
  fix: 'Look for a loose wire, or for a lamp or the sun that shines into a receiver.'
}

const INEXACT: Condition = {
  state: 'degraded',
  sentence:
    'Counts people but cannot be sure which way: this way to the lines loses changes unseen.',
  fix: 'Build the part that asks the kernel itself: npm run native.'
}
