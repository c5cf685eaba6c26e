/** mW times ms in a milliwatt hour. */
const MILLIWATT_MS = 3_600_000

/** What a lamp used, to the milliwatt hour; what does not fill one is kept for the next time. */
export interface EnergyMeter {
  readonly onMs: number
  /** Of a milliwatt hour, in mW times ms. */
  readonly remainder: number
}

export const EMPTY_METER: EnergyMeter = { onMs: 0, remainder: 0 }

/** Whole numbers only, so that a year of quarter hours adds up to what a year used. */
export function readMeter(
  { onMs, remainder }: EnergyMeter,
  milliwatts: number
): { readonly onMs: number; readonly milliwattHours: number; readonly rest: EnergyMeter } {
  const used = remainder + onMs * milliwatts
  const milliwattHours = Math.floor(used / MILLIWATT_MS)
  return { onMs, milliwattHours, rest: { onMs: 0, remainder: used % MILLIWATT_MS } }
}
