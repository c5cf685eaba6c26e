/**
 * What the model believes when a market day opens: of each item, how fast it sells to a visitor at
 * list (a gamma distribution for each kappa) and how likely each kappa is; of the stall, how many
 * visitors will come.
 */
import { KAPPA_COUNT, KAPPA_PRIOR, sensitivityOf } from './demand.ts'
import type { PricedItem } from './item.ts'
import { DAYS_KEPT_MAX, ITEM_DAY_VARIANCE, type Memory, memoryFor } from './memory.ts'

export interface Morning {
  readonly memory: Memory
  readonly items: readonly PricedItem[]
  /** What lay there when the day opened; null where nobody counted. */
  readonly stock: readonly (number | null)[]
  /** Visitors expected in each window, set right by how wrong earlier forecasts were. */
  readonly forecast: readonly number[]
  readonly forecastTotal: number
  /** The logarithm of the forecast's total as it came. */
  readonly logForecast: number
  /** Takings over salvage that an item of this stall may bring today, on average. */
  readonly worth: number
  /** Per item: sensitivity, and the shape of its rate. */
  readonly sensitivity: Float64Array
  readonly shape: Float64Array
  /** Per item and kappa: visitors that the shape's units took, and units a visitor takes. */
  readonly visits: Float64Array
  readonly rate: Float64Array
  /** Per item and kappa: what the day cannot change of the logarithm of its weight. */
  readonly certain: Float64Array
}

/** How wrong an opening stock is as the keeper's own forecast: by a factor of e^0.45 or so. */
const STOCK_VARIANCE = 0.2
/** No number of mornings makes the keeper surer than this many sales. */
const STOCK_UNITS_MAX = 12
/** How wrong forecast and opening stock are together on a stall's first day. */
const FIRST_SCALE_PRECISION = 6
/** How far a forecast that differs from the usual is followed. */
const FORECAST_TRUST = 0.5
/** The share of an opening stock that is sold on a usual day. */
const SOLD_SHARE = 0.7

export function openMorning({
  memory: before,
  items,
  stock,
  forecast
}: {
  readonly memory: Memory
  readonly items: readonly PricedItem[]
  readonly stock: readonly (number | null)[]
  readonly forecast: readonly number[]
}): Morning {
  const count = items.length
  const total = Math.max(1, sumOf(forecast))
  const memory = withStock(
    memoryFor(
      before,
      items.map(({ sku }) => sku)
    ),
    stock,
    total
  )
  const corrected = forecastFactor(memory, total)
  const morning = {
    memory,
    items,
    stock,
    forecast: forecast.map(each => each * corrected),
    forecastTotal: total * corrected,
    logForecast: Math.log(total),
    worth: worthOf(items, stock),
    sensitivity: Float64Array.from(items, sensitivityOf),
    shape: new Float64Array(count),
    visits: new Float64Array(count * KAPPA_COUNT),
    rate: new Float64Array(count * KAPPA_COUNT),
    certain: new Float64Array(count * KAPPA_COUNT)
  }
  fillRates(morning)
  return morning
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0)

function worthOf(items: readonly PricedItem[], stock: readonly (number | null)[]): number {
  const worths = items.map(
    ({ list, salvage }, at) => (list - salvage) * SOLD_SHARE * (stock[at] ?? 0)
  )
  return sumOf(worths) / Math.max(1, items.length)
}

/** Takes this morning's stock for the keeper's word on how well each item sells. */
function withStock(memory: Memory, stock: readonly (number | null)[], total: number): Memory {
  const stocks = memory.stocks.slice()
  const logStock = memory.logStock.slice()
  stock.forEach((units, at) => {
    if (units === null) return
    const days = stocks[at] ?? 0
    const kept = days >= DAYS_KEPT_MAX ? (DAYS_KEPT_MAX - 1) / days : 1
    stocks[at] = days * kept + 1
    logStock[at] = (logStock[at] ?? 0) * kept + Math.log(Math.max(0.5, units))
  })
  const isFirst = memory.scale.precision === 0
  const scale = isFirst ? { log: -Math.log(total), precision: FIRST_SCALE_PRECISION } : memory.scale
  return { ...memory, stocks, logStock, scale }
}

/** Pulls a forecast halfway to the usual, the more so the more days there were to learn from. */
function forecastFactor({ visitors }: Memory, total: number): number {
  const { days, logForecast, logSeen } = visitors
  if (days <= 0) return 1
  const log = Math.log(total)
  const usual = logSeen / days + FORECAST_TRUST * (log - logForecast / days)
  return Math.exp((days / (days + 1)) * (usual - log))
}

function fillRates({ memory, shape, visits, certain, rate }: Morning): void {
  const typical = stockOf(memory)
  const scale = Math.exp(memory.scale.log)
  for (let at = 0; at < shape.length; at++) {
    const units = Math.min(STOCK_UNITS_MAX, Math.max(1, memory.stocks[at] ?? 0) / STOCK_VARIANCE)
    const word = units / (scale * typical(at))
    const known = units + (memory.sold[at] ?? 0)
    const today = 1 / (1 / known + ITEM_DAY_VARIANCE)
    shape[at] = today
    const from = at * KAPPA_COUNT
    for (let kappa = from; kappa < from + KAPPA_COUNT; kappa++) {
      const mean = known / (word + (memory.exposure[kappa] ?? 0))
      const prior = Math.log(KAPPA_PRIOR[kappa - from] ?? 0) + (memory.evidence[kappa] ?? 0)
      visits[kappa] = today / mean
      certain[kappa] = prior + today * Math.log(today / mean)
      rate[kappa] = prior
    }
    normalise(rate, from)
    for (let kappa = from; kappa < from + KAPPA_COUNT; kappa++) {
      rate[kappa] = ((rate[kappa] ?? 0) * today) / (visits[kappa] ?? 1)
    }
  }
}

/**
 * An item's usual opening stock, pulled towards that of its neighbours by as much as its own
 * could be chance (empirical Bayes): a keeper who brings 40 once does not sell 40 every day.
 */
function stockOf({ stocks, logStock }: Memory): (at: number) => number {
  const logs = Array.from(stocks, (days, at) => (days > 0 ? (logStock[at] ?? 0) / days : null))
  const known = logs.filter(each => each !== null)
  const mean = known.length > 0 ? sumOf(known) / known.length : 0
  const squares = sumOf(known.map(each => (each - mean) ** 2))
  const variance = squares / Math.max(1, known.length - 1) + 0.1
  return at => {
    const own = logs[at] ?? mean
    const chance = STOCK_VARIANCE / Math.max(1, stocks[at] ?? 0)
    return Math.exp(mean + Math.max(0.3, 1 - chance / variance) * (own - mean))
  }
}

/** From logarithms to shares of one. */
export function normalise(weights: Float64Array, from: number): void {
  let most = Number.NEGATIVE_INFINITY
  for (let at = from; at < from + KAPPA_COUNT; at++) most = Math.max(most, weights[at] ?? 0)
  let sum = 0
  for (let at = from; at < from + KAPPA_COUNT; at++) {
    const share = Math.exp((weights[at] ?? 0) - most)
    weights[at] = share
    sum += share
  }
  for (let at = from; at < from + KAPPA_COUNT; at++) weights[at] = (weights[at] ?? 0) / sum
}
