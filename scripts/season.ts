/**
 * One season of the pricing protocol: a line in, a line out, no clock. The price window that stalls
 * run is what answers; its guards take their limits from the season's first message.
 */
import { closeDay } from '../node/core/price/close.ts'
import { type Day, observe, startDay } from '../node/core/price/day.ts'
import { decidePrices } from '../node/core/price/decide.ts'
import { morningFault, takeWindow } from '../node/core/price/inputs.ts'
import type { InputFault, PricedItem, Shelf } from '../node/core/price/item.ts'
import { emptyMemory, type Memory } from '../node/core/price/memory.ts'
import { openMorning } from '../node/core/price/morning.ts'
import { DEFAULT_POLICY, type PricePolicy } from '../node/core/price/policy.ts'
import type { Money } from '../node/core/sell/money.ts'
import {
  amountsOf,
  BadMessage,
  countOf,
  type Fields,
  fieldsOf,
  listOf,
  numbersOf,
  skuOf
} from './season-fields.ts'

export interface Season {
  readonly policy: PricePolicy
  readonly windowMs: number
  readonly items: readonly PricedItem[]
  readonly memory: Memory
  readonly today: Today | null
}

interface Today {
  readonly day: Day
  readonly number: number
  readonly shelves: readonly Shelf[]
}

export interface Answer {
  readonly season: Season | null
  readonly reply: Readonly<Record<string, unknown>>
}

/** Answers any line at all: what is wrong with it is said by name, and nothing is forgotten. */
export function answerLine(season: Season | null, line: string): Answer {
  try {
    const message = fieldsOf(parsed(line), 'the line')
    const answer = answers.get(message['type'])
    if (!answer) throw new BadMessage('unknown-type', 'type', 'send season, day, window or day_end')
    return answer(season, message)
  } catch (error) {
    if (!(error instanceof BadMessage)) throw error
    return {
      season,
      reply: { type: 'error', error: error.code, where: error.where, do: error.fix }
    }
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new BadMessage('bad-json', 'the line', 'send one JSON object a line')
  }
}

const answers = new Map<unknown, (season: Season | null, message: Fields) => Answer>([
  ['season', (_, message) => ({ season: seasonOf(message), reply: { type: 'ready' } })],
  ['day', (season, message) => openToday(startedOf(season), message)],
  ['window', (season, message) => nextWindow(startedOf(season), message)],
  ['day_end', (season, message) => endToday(startedOf(season), message)]
])

function startedOf(season: Season | null): Season {
  if (!season) throw new BadMessage('no-season', 'type', 'send the season first')
  return season
}

function seasonOf(message: Fields): Season {
  if (message['protocol'] !== 1) {
    throw new BadMessage('unknown-protocol', 'protocol', 'speak protocol 1')
  }
  const [changeMax = 0] = numbersOf([message['maxDelta']], 'maxDelta', { min: 0, max: 1 })
  const minutes = countOf(message['windowMinutes'], 'windowMinutes')
  const holdMinutes =
    message['holdMinutes'] === undefined ? 0 : countOf(message['holdMinutes'], 'holdMinutes')
  const items = listOf(message['skus'], 'skus').map(skuOf)
  // What the season does not limit, its floors and caps do: the model is what is measured.
  const policy = {
    ...DEFAULT_POLICY,
    changeMax,
    belowListMax: 1,
    aboveListMax: Number.MAX_SAFE_INTEGER,
    marginMin: null,
    holdMs: holdMinutes * 60_000,
    coldSales: 0,
    coldDays: 0
  }
  return { policy, windowMs: minutes * 60_000, items, memory: emptyMemory, today: null }
}

function openToday(before: Season, message: Fields): Answer {
  // A day that nobody ended is ended by the next, or its sales would be lost.
  const season = closed(before)
  const { items, memory } = season
  const count = items.length
  const number = countOf(message['day'], 'day')
  const stock = numbersOf(message['stock'], 'stock', { count, min: 0, isWhole: true })
  const prices = amountsOf(message['prices'], 'prices', count)
  const forecast = numbersOf(message['footfallForecast'], 'footfallForecast', { min: 0 })
  const windows = countOf(message['windows'], 'windows')
  if (forecast.length !== windows) {
    throw new BadMessage('bad-field', 'footfallForecast', `give ${windows} numbers`)
  }
  const day = startDay(openMorning({ memory, items, stock, forecast }))
  const shelves = prices.map(
    (price, at): Shelf => ({
      price,
      changedAt: null,
      stock: stock[at] ?? null,
      soldEver: 0,
      isInOpenBasket: false,
      isVetoed: false
    })
  )
  const fault = morningFault({ items: count, stock, forecast })
  return priced(season, { day, number, shelves }, fault)
}

function nextWindow(season: Season, message: Fields): Answer {
  const { items, policy } = season
  const today = todayOf(season, message)
  const number = countOf(message['w'], 'w')
  const { windows } = today.day.seen
  if (number < windows || number >= today.day.morning.forecast.length) {
    throw new BadMessage('wrong-window', 'w', `the next window is ${windows}`)
  }
  const count = items.length
  const stock = numbersOf(message['stock'], 'stock', { count, min: 0, isWhole: true })
  const prices = amountsOf(message['prices'], 'prices', count)
  const told = {
    sold: numbersOf(message['sold'], 'sold', { count, min: 0, isWhole: true }),
    inStock: numbersOf(message['avail'], 'avail', { count, min: 0, max: 1 }),
    footfall: footfallOf(message['footfall']),
    prices
  }
  const { day, fault } = takeWindow(missed(today.day, number), told, policy)
  const shelves = today.shelves.map((shelf, at) => ({
    ...shelf,
    price: prices[at] ?? shelf.price,
    stock: stock[at] ?? null,
    soldEver: shelf.soldEver + (told.sold[at] ?? 0)
  }))
  return priced(season, { ...today, day, shelves }, fault)
}

/** Windows that no readable line told of went by all the same. */
function missed(day: Day, until: number): Day {
  if (day.seen.windows >= until) return day
  return missed(observe(day, { visitors: null, sold: [], inStock: [], prices: [] }), until)
}

/** A counter may say anything; the price window has a name for it. */
const footfallOf = (footfall: unknown): number | null =>
  footfall === null || footfall === undefined
    ? null
    : typeof footfall === 'number'
      ? footfall
      : Number.NaN

function todayOf({ today }: Season, message: Fields): Today {
  const number = countOf(message['day'], 'day')
  if (!today || number !== today.number) {
    throw new BadMessage(
      'wrong-day',
      'day',
      today ? `today is ${today.number}` : 'open a day first'
    )
  }
  return today
}

function endToday(season: Season, message: Fields): Answer {
  todayOf(season, message)
  return { season: closed(season), reply: { type: 'ok' } }
}

const closed = (season: Season): Season =>
  season.today ? { ...season, memory: closeDay(season.today.day), today: null } : season

function priced(season: Season, today: Today, fault: InputFault | null): Answer {
  const { day, number } = today
  const at = (number * day.morning.forecast.length + day.seen.windows) * season.windowMs
  const marketDays = season.memory.days
  const scene = { at, closesAt: null, isCustomerThere: null, marketDays, fault }
  const decisions = decidePrices({ day, shelves: today.shelves, scene, policy: season.policy })
  const shelves = today.shelves.map((shelf, place) => {
    const price = decisions[place]?.price ?? shelf.price
    return price === shelf.price ? shelf : { ...shelf, price, changedAt: at }
  })
  const prices = decisions.map(({ price }) => decimalOf(price))
  const reply = { type: 'prices', prices, ...(fault ? { held: fault } : {}) }
  return { season: { ...season, today: { ...today, shelves } }, reply }
}

const decimalOf = (price: Money): number => price / 100
