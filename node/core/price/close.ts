/** The end of a market day: what it leaves to the next ones. */
import { type Day, fillWeights, moodFactor, tellingUnits } from './day.ts'
import { KAPPA_COUNT, KAPPA_PRIOR } from './demand.ts'
import { DAYS_KEPT_MAX, ITEM_DAY_VARIANCE, type Memory, STALL_DAY_VARIANCE } from './memory.ts'

/** What earlier days count for fades, for people and recipes change. */
const UNITS_KEPT_MAX = 60
const KEPT_A_DAY = 0.98
const SCALE_PRECISION_MAX = 400

/** What the day leaves to the next ones. */
export function closeDay(day: Day): Memory {
  const { morning, seen } = day
  const { memory } = morning
  const mood = moodFactor(day)
  const { scale, lasting } = scaleAfter(day)
  const sold = memory.sold.slice()
  const exposure = memory.exposure.slice()
  const evidence = memory.evidence.slice()
  const weights = new Float64Array(KAPPA_COUNT)
  for (let at = 0; at < sold.length; at++) {
    const from = at * KAPPA_COUNT
    fillWeights(day, at, mood, weights)
    let best = Number.NEGATIVE_INFINITY
    for (let kappa = 0; kappa < KAPPA_COUNT; kappa++) {
      const place = from + kappa
      const prior = Math.log(KAPPA_PRIOR[kappa] ?? 0)
      evidence[place] = Math.log(Math.max(1e-12, weights[kappa] ?? 0)) - prior
      best = Math.max(best, evidence[place] ?? 0)
    }
    // A day's sales say less about other days the more there were: its luck is in all of them.
    const blunted = 1 / (1 + ITEM_DAY_VARIANCE * mood * (seen.expected[at] ?? 0))
    const units = (sold[at] ?? 0) + blunted * (seen.sold[at] ?? 0)
    const kept = Math.min(1, UNITS_KEPT_MAX / Math.max(1, units))
    sold[at] = units * kept
    for (let place = from; place < from + KAPPA_COUNT; place++) {
      const own = (blunted * mood * (seen.exposure[place] ?? 0)) / lasting
      exposure[place] = ((exposure[place] ?? 0) + own) * kept
      evidence[place] = ((evidence[place] ?? 0) - best) * KEPT_A_DAY
    }
  }
  const visitors = visitorsAfter(day)
  return { ...memory, days: memory.days + 1, scale, sold, exposure, evidence, visitors }
}

/** Splits the day's mood into a part that lasts, for the scale was wrong, and the day's own. */
function scaleAfter(day: Day): {
  readonly scale: Memory['scale']
  readonly lasting: number
} {
  const { log, precision } = day.morning.memory.scale
  const { sold, expected } = tellingUnits(day)
  const told = 1 / (STALL_DAY_VARIANCE + 1 / Math.max(1, expected))
  const surprise = Math.log((sold + 1) / (expected + 1))
  const share = (surprise * told) / (precision + told)
  return {
    scale: { log: log + share, precision: Math.min(SCALE_PRECISION_MAX, precision + told) },
    lasting: Math.exp(share)
  }
}

/** A day with a counter for most of it teaches how far to believe the next forecast. */
function visitorsAfter({ morning, seen }: Day): Memory['visitors'] {
  const { memory, forecastTotal, logForecast } = morning
  const { visitors } = memory
  if (seen.forecast < forecastTotal / 2 || seen.visitors <= 0) return visitors
  const kept = visitors.days >= DAYS_KEPT_MAX ? (DAYS_KEPT_MAX - 1) / visitors.days : 1
  return {
    days: visitors.days * kept + 1,
    logForecast: visitors.logForecast * kept + logForecast,
    logSeen: visitors.logSeen * kept + Math.log(forecastTotal * (seen.visitors / seen.forecast))
  }
}
