/**
 * A market day as it goes on: what was seen window by window, and what that makes of the morning's
 * beliefs about visitors, about their mood, and about each item.
 */
import { fillDemand, KAPPA_COUNT, KAPPAS } from './demand.ts'
import { STALL_DAY_VARIANCE } from './memory.ts'
import { type Morning, normalise } from './morning.ts'

export interface Day {
  readonly morning: Morning
  readonly seen: Seen
}

/** What the day has shown so far. */
export interface Seen {
  readonly windows: number
  readonly windowsCounted: number
  /** Visitors that a counter saw, and the forecast for the same windows. */
  readonly visitors: number
  readonly forecast: number
  /** Per item: units sold, and those that the morning expects of these visitors and prices. */
  readonly sold: Float64Array
  readonly expected: Float64Array
  /** Per item: the sum over the units sold of b (price/list - 1). */
  readonly push: Float64Array
  /** Per item and kappa: visitors, each worth the demand at the price that they saw. */
  readonly exposure: Float64Array
}

/** What happened in one window. `visitors` is the true number, not the counter's share of it. */
export interface WindowSeen {
  readonly visitors: number | null
  readonly sold: readonly number[]
  /** The share of the window in which the item was in stock. */
  readonly inStock: readonly number[]
  readonly prices: readonly number[]
}

/** On a stall's first day the mood must also make good for a scale that nobody knows. */
const FIRST_DAY_VARIANCE = 1 / 10
/** A forecast that nothing was counted against is wrong by a factor of e^0.3 or so. */
const FORECAST_VARIANCE = 0.07
/** The forecast counts as much as this share of the day's visitors. */
const FORECAST_WEIGHT = 0.15

export const startDay = (morning: Morning): Day => ({
  morning,
  seen: nothingSeen(morning.items.length)
})

const nothingSeen = (count: number): Seen => ({
  windows: 0,
  windowsCounted: 0,
  visitors: 0,
  forecast: 0,
  sold: new Float64Array(count),
  expected: new Float64Array(count),
  push: new Float64Array(count),
  exposure: new Float64Array(count * KAPPA_COUNT)
})

/** How the day's visitors stand to the forecast so far. */
export const visitorFactor = ({ morning: { forecastTotal }, seen }: Day): number =>
  (FORECAST_WEIGHT * forecastTotal + seen.visitors) /
  (FORECAST_WEIGHT * forecastTotal + seen.forecast)

/** How eager the day's visitors are, told from what all items sold against expectation. */
export function moodFactor(day: Day): number {
  const { morning, seen } = day
  const uncounted = 1 - seen.windowsCounted / Math.max(1, seen.windows)
  const variance =
    (morning.memory.days === 0 ? FIRST_DAY_VARIANCE : STALL_DAY_VARIANCE) +
    FORECAST_VARIANCE * uncounted
  const { sold, expected } = tellingUnits(day)
  return (1 / variance + sold) / (1 / variance + expected)
}

/**
 * Units of all items, sold and expected, each item's as far as it tells of the stall: what an item
 * sells beyond what was known of it in the morning tells of the item alone.
 */
export function tellingUnits({ morning: { shape }, seen }: Day) {
  let sold = 0
  let expected = 0
  for (let at = 0; at < shape.length; at++) {
    const units = seen.expected[at] ?? 0
    const telling = 1 / (1 + units / (shape[at] ?? 1))
    sold += telling * (seen.sold[at] ?? 0)
    expected += telling * units
  }
  return { sold, expected }
}

/** Visitors that are still to come, as far as anybody can say. */
export const visitorsLeft = (day: Day): number =>
  day.morning.forecast.slice(day.seen.windows).reduce((sum, each) => sum + each, 0) *
  visitorFactor(day)

/** The day one window later. */
export function observe(day: Day, window: WindowSeen): Day {
  const { items, sensitivity, rate, forecast } = day.morning
  const forecastNow = forecast[day.seen.windows] ?? 0
  const visitors = window.visitors ?? forecastNow * visitorFactor(day)
  const isCounted = window.visitors !== null
  const sold = day.seen.sold.slice()
  const expected = day.seen.expected.slice()
  const push = day.seen.push.slice()
  const exposure = day.seen.exposure.slice()
  const demand = new Float64Array(KAPPA_COUNT)
  items.forEach(({ list }, at) => {
    const came = visitors * (window.inStock[at] ?? 0)
    const units = window.sold[at] ?? 0
    if (came <= 0 || list <= 0) return
    const pushed = (sensitivity[at] ?? 0) * ((window.prices[at] ?? list) / list - 1)
    fillDemand(demand, pushed)
    let wanted = 0
    for (let kappa = 0; kappa < KAPPA_COUNT; kappa++) {
      const place = at * KAPPA_COUNT + kappa
      const part = came * (demand[kappa] ?? 0)
      wanted += part * (rate[place] ?? 0)
      exposure[place] = (exposure[place] ?? 0) + part
    }
    sold[at] = (sold[at] ?? 0) + units
    expected[at] = (expected[at] ?? 0) + wanted
    push[at] = (push[at] ?? 0) + units * pushed
  })
  const seen = {
    windows: day.seen.windows + 1,
    windowsCounted: day.seen.windowsCounted + (isCounted ? 1 : 0),
    visitors: day.seen.visitors + (isCounted ? visitors : 0),
    forecast: day.seen.forecast + (isCounted ? forecastNow : 0),
    sold,
    expected,
    push,
    exposure
  }
  return { morning: day.morning, seen }
}

/**
 * Fills `weights` with how likely each kappa is by now. Exact: a gamma rate and Poisson sales are
 * conjugate, so what they leave of a kappa is a power of the visitors that it counted.
 */
export function fillWeights(day: Day, at: number, mood: number, weights: Float64Array): void {
  const { morning, seen } = day
  const { certain, visits } = morning
  const units = (morning.shape[at] ?? 0) + (seen.sold[at] ?? 0)
  const push = seen.push[at] ?? 0
  for (let kappa = 0; kappa < KAPPA_COUNT; kappa++) {
    const place = at * KAPPA_COUNT + kappa
    const counted = (visits[place] ?? 0) + mood * (seen.exposure[place] ?? 0)
    weights[kappa] = (certain[place] ?? 0) - (KAPPAS[kappa] ?? 0) * push - units * Math.log(counted)
  }
  normalise(weights, 0)
}
