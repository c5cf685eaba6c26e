import type { Driver, DriverContext, RunningDevice } from '../driver.ts'
import { absentFootfall, countMinutes } from '../footfall/minute.ts'
import type { SerialSettings } from '../host.ts'
import { EIGHT_N_ONE, readSerial } from '../serial/keys.ts'
import { type Crossing, crossingCounter } from './crossing.ts'
import { listenToRadar } from './listen.ts'
import { type Target, targetReader } from './targets.ts'

export interface Ld2450Settings extends SerialSettings {
  readonly crossing: Crossing
}

/** `driver = "ld2450"`: a 24 GHz radar that sees where up to three people are (HLK-LD2450). */
export const ld2450: Driver<Ld2450Settings> = {
  role: 'footfall',
  parse: table => {
    const serial = readSerial(table, { baud: 256_000, ...EIGHT_N_ONE })
    const axis = table.oneOf('axis', ['y', 'x'], 'y')
    const atMm = table.integer('at_mm', { min: -6_000, max: 6_000, usual: 1_500 })
    const wayIn = table.oneOf('way_in', ['falling', 'rising'], 'falling')
    if (serial === undefined || axis === undefined) return undefined
    if (atMm === undefined || wayIn === undefined) return undefined
    return { ...serial, crossing: { axis, atMm, isInFalling: wayIn === 'falling' } }
  },
  claims: ({ path }) => [path],
  start: startLd2450,
  simulate: async (settings, world) => (await import('../sim/radar.ts')).simLd2450(settings, world),
  away: (_, span) => absentFootfall(span)
}

/** Where people are stays in here: what leaves is how many crossed the line in a minute. */
async function startLd2450(context: DriverContext<Ld2450Settings>): Promise<RunningDevice> {
  const { name, settings, host, tell } = context
  const cross = crossingCounter(settings.crossing)
  const radar = await listenToRadar<readonly Target[]>({
    context,
    read: targetReader(),
    onFrame: targets => minutes.add(cross(targets, host.readClocks().monoMs)),
    onTrust: isTrusted => minutes.setDoubtful(!isTrusted),
    works: 'Counts who crosses its line.'
  })
  const minutes = countMinutes({ sensor: name, host, quality: 'direct', tell })
  return {
    stop: async () => {
      minutes.stop()
      await radar.stop()
    }
  }
}
