/**
 * What a window is told, before anybody believes it. What is wrong has a name and holds every price
 * for the window; what was right of it is learned from all the same.
 */
import type { FootfallCount } from '../footfall.ts'
import { ITEMS_MAX } from '../sell/item.ts'
import { type Day, moodFactor, observe, visitorFactor, type WindowSeen } from './day.ts'
import type { InputFault } from './item.ts'
import type { PricePolicy } from './policy.ts'

/** A window in ms since 1970, half open: a sale on the stroke belongs to the next one. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** What the stall knows about how it watched a window. */
export interface Watch {
  readonly window: Window
  /** Now: when prices are decided. */
  readonly at: number
  /** When this process began to watch. */
  readonly startedAt: number
  /** When a till or a counter was last heard. */
  readonly heardAt: number
  readonly counts: readonly FootfallCount[]
}

const COUNT_MAX = 1_000_000
/** Without news for so many windows nobody knows what sold. */
const STALE_WINDOWS = 2

export function watchFault({ window, at, startedAt, heardAt, counts }: Watch): InputFault | null {
  const length = window.to - window.from
  // Decided before its window ended, or a window too late: one of the two clocks is wrong.
  if (!(length > 0) || at < window.to || at >= window.to + length) return 'clock-jumped'
  if (startedAt > window.from) return 'window-interrupted'
  if (counts.some(({ to }) => to > at) || heardAt > at) return 'footfall-from-future'
  if (at - heardAt > STALE_WINDOWS * length) return 'inputs-stale'
  if (hasDoubled(counts)) return 'footfall-doubled'
  return null
}

/** The same minute of the same sensor came twice. */
function hasDoubled(counts: readonly FootfallCount[]): boolean {
  const inOrder = counts.toSorted((a, b) => a.sensor.localeCompare(b.sensor) || a.from - b.from)
  return inOrder.some((count, at) => {
    const before = inOrder[at - 1]
    return before?.sensor === count.sensor && count.from < before.to
  })
}

/**
 * What the counters saw in a window. Null unless each minute was counted directly: a guess or a
 * doubtful sensor must not raise a price, and a gap would look like a quiet half hour.
 */
export function footfallIn(counts: readonly FootfallCount[], { from, to }: Window): number | null {
  const within = counts.filter(count => count.from >= from && count.to <= to)
  const sensors = new Set(within.map(({ sensor }) => sensor))
  const watched = within.reduce((ms, count) => ms + count.to - count.from, 0)
  if (sensors.size === 0 || watched < (to - from) * sensors.size) return null
  if (within.some(({ quality, in: into }) => quality !== 'direct' || into === null)) return null
  return within.reduce((sum, count) => sum + (count.in ?? 0), 0)
}

/** Whether a day can be priced at all; `prior` is the category prior that the stall was given. */
export function morningFault({
  items,
  stock,
  forecast,
  prior = null
}: {
  readonly items: number
  readonly stock: readonly (number | null)[]
  readonly forecast: readonly number[]
  readonly prior?: GivenPrior | null
}): InputFault | null {
  if (items > ITEMS_MAX) return 'too-many-items'
  const isStock = (units: number | null) => units === null || Number.isSafeInteger(units)
  if (stock.length !== items || !stock.every(isStock)) return 'inputs-missing'
  const isForecast = (visitors: number) => visitors >= 0 && visitors <= COUNT_MAX
  if (forecast.length === 0 || !forecast.every(isForecast)) return 'inputs-missing'
  if (prior && prior.measured !== prior.fingerprint) return 'prior-damaged'
  if (prior && prior.version < PRIOR_VERSION) return 'prior-older'
  return null
}

/** A prior as it came from the disk or a peer: named by its hash, and hashed again here. */
export interface GivenPrior {
  readonly fingerprint: string
  readonly measured: string
  /** Of the model that it was learned for. */
  readonly version: number
}

/** Raised when what a prior's numbers mean changes. */
export const PRIOR_VERSION = 1

/** A window as it is told, not checked yet. `footfall` is what the counter saw. */
export interface Told extends Omit<WindowSeen, 'visitors'> {
  readonly footfall: number | null
}

/** The day one window later, and why this window's prices hold, if they do. */
export function takeWindow(
  day: Day,
  { footfall, ...told }: Told,
  { counterShare }: Pick<PricePolicy, 'counterShare'>
): { readonly day: Day; readonly fault: InputFault | null } {
  if (!isWhole(told, day.morning.items.length)) {
    const nothing = { visitors: null, sold: [], inStock: [], prices: [] }
    return { day: observe(day, nothing), fault: 'inputs-missing' }
  }
  const uncounted = () => observe(day, { ...told, visitors: null })
  if (footfall === null) return { day: uncounted(), fault: null }
  if (!isCount(footfall)) return { day: uncounted(), fault: 'footfall-unreadable' }
  if (footfall === 0 && told.sold.some(units => units > 0)) {
    return { day: uncounted(), fault: 'footfall-missed' }
  }
  const counted = observe(day, { ...told, visitors: footfall / counterShare })
  if (looksDoubled(day, counted)) return { day: uncounted(), fault: 'footfall-doubled' }
  return { day: counted, fault: null }
}

const isWhole = ({ sold, inStock, prices }: Omit<Told, 'footfall'>, items: number): boolean =>
  [sold, inStock, prices].every(each => each.length === items) &&
  sold.every(isCount) &&
  inStock.every(share => share >= 0 && share <= 1) &&
  prices.every(isCount)

const isCount = (value: number): boolean =>
  Number.isSafeInteger(value) && value >= 0 && value <= COUNT_MAX

/** So many times the forecast is a crowd, or a counter that counts everybody twice. */
const CROWD = 1.8
/** A crowd that buys less than this share of what it would is none. */
const CROWD_BUYS = 0.7
/** Fewer sales than this prove nothing. */
const PROOF_UNITS = 20

function looksDoubled(before: Day, after: Day): boolean {
  const forecast = (before.morning.forecast[before.seen.windows] ?? 0) * visitorFactor(before)
  const visitors = after.seen.visitors - before.seen.visitors
  const sold = sumOf(after.seen.sold) - sumOf(before.seen.sold)
  const morning = sumOf(after.seen.expected) - sumOf(before.seen.expected)
  const expected = morning * moodFactor(before)
  return visitors > CROWD * forecast && expected >= PROOF_UNITS && sold < CROWD_BUYS * expected
}

const sumOf = (units: Float64Array): number => units.reduce((sum, each) => sum + each, 0)
