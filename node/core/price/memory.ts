/**
 * What the model keeps from one market day to the next, per item and in arrays, for ten thousand
 * items are priced in the time of a breath. A day is opened from it and closed into it again.
 */
import { KAPPA_COUNT } from './demand.ts'

export interface Memory {
  readonly skus: readonly string[]
  /** Whole market days watched. */
  readonly days: number
  /** Per item: opening stocks seen, and the sum of their logarithms. */
  readonly stocks: Float64Array
  readonly logStock: Float64Array
  /** Per item: units sold, and per item and kappa the visitors that they took; both blunted. */
  readonly sold: Float64Array
  readonly exposure: Float64Array
  /** Per item and kappa: how well it explained the days gone by (log likelihood, best is 0). */
  readonly evidence: Float64Array
  /**
   * The logarithm of units sold a visitor for each unit of opening stock, the same for all items
   * of the stall, and how surely it is known (1 / variance; 0 before the first day).
   */
  readonly scale: { readonly log: number; readonly precision: number }
  /** Days with a forecast and a count to compare: sums of the logarithms of their totals. */
  readonly visitors: {
    readonly days: number
    readonly logForecast: number
    readonly logSeen: number
  }
}

/** An item's luck of the day that neither weather nor stall explains (squared spread). */
export const ITEM_DAY_VARIANCE = 0.04
/** A stall's mood of the day, the same for all its items (squared spread). */
export const STALL_DAY_VARIANCE = 1 / 35
/** Sums over days hold at most so many; older ones fade. */
export const DAYS_KEPT_MAX = 20

export const emptyMemory: Memory = {
  skus: [],
  days: 0,
  stocks: new Float64Array(0),
  logStock: new Float64Array(0),
  sold: new Float64Array(0),
  exposure: new Float64Array(0),
  evidence: new Float64Array(0),
  scale: { log: 0, precision: 0 },
  visitors: { days: 0, logForecast: 0, logSeen: 0 }
}

/** The same memory for today's items: what is new knows nothing, what is gone is forgotten. */
export function memoryFor(memory: Memory, skus: readonly string[]): Memory {
  const isSame =
    memory.skus.length === skus.length && skus.every((sku, at) => sku === memory.skus[at])
  if (isSame) return memory
  const placeBySku = new Map(memory.skus.map((sku, place) => [sku, place]))
  const places = skus.map(sku => placeBySku.get(sku))
  const moved = (from: Float64Array, width: number): Float64Array => {
    const to = new Float64Array(skus.length * width)
    places.forEach((place, at) => {
      if (place === undefined) return
      to.set(from.subarray(place * width, (place + 1) * width), at * width)
    })
    return to
  }
  return {
    ...memory,
    skus,
    stocks: moved(memory.stocks, 1),
    logStock: moved(memory.logStock, 1),
    sold: moved(memory.sold, 1),
    exposure: moved(memory.exposure, KAPPA_COUNT),
    evidence: moved(memory.evidence, KAPPA_COUNT)
  }
}
