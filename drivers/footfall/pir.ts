import type { Condition, Driver, DriverContext, RunningDevice } from '../driver.ts'
import { lineClaim, readLines, readWiring } from '../gpio/keys.ts'
import type { Edge, InputRequest } from '../host.ts'
import { absentFootfall, countMinutes } from './minute.ts'
import { edgeTally, missed } from './tally.ts'

export interface PirSettings extends Omit<InputRequest, 'consumer'> {
  readonly holdMs: number
}

/**
 * `driver = "pir"`: a motion sensor with one line (HC-SR501, AM312). It knows that somebody moves,
 * not who or which way, so its footfall is an estimate: how often it was triggered.
 */
export const pir: Driver<PirSettings> = {
  role: 'presence',
  parse: table => {
    const lines = readLines(table, ['line'])
    // Both sensors drive their line themselves, high when something moves.
    const usual = { bias: 'down', isActiveLow: false, debounceMs: 20, debounceMsMax: 500 } as const
    const wiring = readWiring(table, usual)
    const holdSeconds = table.integer('hold_s', { min: 1, max: 3_600, usual: 10 })
    if (lines === undefined || wiring === undefined || holdSeconds === undefined) return undefined
    return { lines, ...wiring, holdMs: holdSeconds * 1_000 }
  },
  claims: ({ lines }) => lines.map(lineClaim),
  start: startPir,
  simulate: async (settings, world) => (await import('../sim/pir.ts')).simPir(settings, world),
  away: (_, span) => absentFootfall(span)
}

/** A sensor holds its line for two seconds and more, so it has at most 60 edges in a minute. */
const EDGES_A_MINUTE_MAX = 300
/** People come and go; a lamp, a fan or the sun stays. */
const STUCK_MS = 30 * 60_000

async function startPir(context: DriverContext<PirSettings>): Promise<RunningDevice> {
  const { name, settings, host, tell, report, fail } = context
  const { holdMs, ...wiring } = settings
  let isOccupied: boolean | undefined
  let isStuck = false
  let stopHold = () => {}
  let stopStuck = () => {}
  const lines = await host.gpio.watch(
    { consumer: `stall ${name}`, ...wiring },
    { onEdges: (edges, lost) => take(edges, lost), onGone: fail }
  )
  const minutes = countMinutes({
    sensor: name,
    host,
    quality: 'estimated',
    tell
  })
  const tally = edgeTally({
    edgesAMinuteMax: EDGES_A_MINUTE_MAX,
    minutes,
    host,
    onTurn: () => evaluate()
  })
  const evaluate = () => {
    const isFlooding = tally.isFlooding()
    const lost = tally.lost()
    minutes.setDoubtful(isFlooding || isStuck)
    report(isFlooding ? FLOODING : isStuck ? STUCK : lost > 0 ? missed(lost) : WORKS)
  }
  const show = (isNow: boolean) => {
    if (isOccupied === isNow) return
    isOccupied = isNow
    tell({ kind: 'presence', isOccupied, targets: null })
  }
  const see = (isMoving: boolean) => {
    stopHold()
    stopStuck()
    isStuck = false
    if (isMoving) {
      show(true)
      stopStuck = host.startTimer(STUCK_MS, () => {
        isStuck = true
        evaluate()
      })
    } else if (isOccupied === undefined) show(false)
    else stopHold = host.startTimer(holdMs, () => show(false))
  }
  const take = (edges: readonly Edge[], lost: number) => {
    tally.take(edges, lost)
    minutes.add({ unsure: edges.filter(({ isActive }) => isActive).length })
    const last = edges.at(-1)
    if (last) see(last.isActive)
    evaluate()
  }
  see(lines.values()[0] === true)
  evaluate()
  return {
    stop: async () => {
      lines.close()
      minutes.stop()
      tally.stop()
      stopHold()
      stopStuck()
    }
  }
}

const WORKS: Condition = { state: 'up', sentence: 'Watches for people.', fix: '' }

const FLOODING: Condition = {
  state: 'degraded',
  sentence: 'The motion sensor is triggered more often than it can be.',
  fix: 'Look for a loose wire, and give the sensor a minute to warm up.'
}

const STUCK: Condition = {
  state: 'degraded',
  sentence: 'The motion sensor has seen motion for half an hour without a pause.',
  fix: 'Point it away from lamps, fans and the sun, or turn its sensitivity down.'
}
