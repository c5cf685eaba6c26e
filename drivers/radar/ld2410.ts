import type { Driver, DriverContext, RunningDevice } from '../driver.ts'
import type { SerialSettings } from '../host.ts'
import { EIGHT_N_ONE, readSerial } from '../serial/keys.ts'
import { listenToRadar } from './listen.ts'
import { type Sighting, sightingReader } from './sightings.ts'

export interface Ld2410Settings extends SerialSettings {
  readonly withinCm: number
  readonly holdMs: number
}

/** `driver = "ld2410"`: a 24 GHz radar that knows that somebody is there, also at rest. */
export const ld2410: Driver<Ld2410Settings> = {
  role: 'presence',
  parse: table => {
    const serial = readSerial(table, { baud: 256_000, ...EIGHT_N_ONE })
    const withinCm = table.integer('within_cm', { min: 20, max: 900, usual: 600 })
    const holdSeconds = table.integer('hold_s', { min: 0, max: 3_600, usual: 2 })
    if (serial === undefined || withinCm === undefined || holdSeconds === undefined) {
      return undefined
    }
    return { ...serial, withinCm, holdMs: holdSeconds * 1_000 }
  },
  claims: ({ path }) => [path],
  start: startLd2410,
  simulate: async (settings, world) => (await import('../sim/radar.ts')).simLd2410(settings, world)
}

async function startLd2410(context: DriverContext<Ld2410Settings>): Promise<RunningDevice> {
  const { settings, host, tell } = context
  let isOccupied: boolean | undefined
  let isLeaving = false
  let stopHold = () => {}
  const show = (isNow: boolean) => {
    stopHold()
    isLeaving = false
    if (isNow === isOccupied) return
    isOccupied = isNow
    tell({ kind: 'presence', isOccupied, targets: null })
  }
  const see = ({ cm }: Sighting) => {
    if (cm !== undefined && cm <= settings.withinCm) return show(true)
    if (isOccupied !== true) return show(false)
    if (isLeaving) return
    isLeaving = true
    stopHold = host.startTimer(settings.holdMs, () => show(false))
  }
  const radar = await listenToRadar<Sighting>({
    context,
    read: sightingReader(),
    onFrame: see,
    // Who cannot be seen any more is not there for a light.
    onTrust: isTrusted => isTrusted || show(false),
    works: 'Watches for people.'
  })
  return {
    stop: async () => {
      stopHold()
      await radar.stop()
    }
  }
}
