import type { DeviceView, Reading } from '../node/core/device.ts'
import { deviceFacts } from '../node/core/devicefacts.ts'
import type { Entry, EntryOf } from '../node/core/entry.ts'
import { pace } from '../node/core/pace.ts'
import type { Turn, TurnListener } from '../node/core/ports.ts'
import type { Line } from '../node/core/sell/basket.ts'
import type { StockedItem } from '../node/core/sell/item.ts'
import type { Stall } from '../node/core/state.ts'
import { changes, emptyTable, get, type Table } from '../node/core/table.ts'
import { type StallTopics, stallTopics } from '../node/wire/topics.ts'
import type { Broker } from './broker.ts'

/**
 * The stall as MQTT topics, for programs on this machine: JSON, money in minor units, times in
 * RFC 3339. Prices, stock, devices and `$state` are retained; sales, voids and what was counted
 * of passers-by are news.
 *
 * `$state` (Homie) is `init` while the catalogue is laid out, then `ready`, and `disconnected`
 * after a clean close. It is never `lost`: the broker dies with the stall it would speak for, so
 * a program takes the end of its connection for that. Neighbours' brokers will say it.
 */
interface Tree {
  readonly turn: TurnListener
  /** All devices as they are now, of which only changes go out. */
  readonly devices: (views: readonly DeviceView[]) => void
  /** Lays out what is pending and says goodbye; call before the broker closes. */
  readonly close: () => void
}

/** News that wait to go out. More come only when the loop is held up, and the oldest give way. */
export const NEWS_MAX = 1_000
/** A scale that is being loaded says ten weights a second; no program needs more than five. */
const DEVICES_MS = 200
/** Messages in one turn of the event loop: a millisecond or two on a Pi. */
const SLICE_MAX = 100

export function openTree(options: {
  broker: Pick<Broker, 'publish'>
  id: string
  stall: Stall
}): Tree {
  const { broker, id } = options
  const topics = stallTopics(id)
  let stall = options.stall
  let news: Entry[] = []
  let isScheduled = false
  let isReady = false
  let isClosed = false
  /** Items to look at again. The newest state is what goes out, so this holds no values. */
  const dirty = new Set<string>()

  const tell = (topic: string, body: string) =>
    broker.publish({ topic, payload: body, isRetained: true })
  const show = createShelf({ tell, topics })
  const devices = createDevices({ tell, topics })
  const slice = (max: number) => {
    const now = news.slice(0, max)
    news = news.slice(max)
    for (const entry of now) announce({ broker, entry, topics })
    let left = max - now.length
    for (const sku of dirty) {
      if (left-- <= 0) break
      dirty.delete(sku)
      show(sku, stall)
    }
    if (isReady || news.length > 0 || dirty.size > 0) return
    isReady = true
    tell(topics.state, 'ready')
  }
  const schedule = () => {
    if (isScheduled || isClosed) return
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      if (isClosed) return
      slice(SLICE_MAX)
      if (news.length > 0 || dirty.size > 0) schedule()
    })
  }
  const compare = (before: Table<StockedItem>, after: Table<StockedItem>) => {
    for (const [sku] of changes(before, after)) dirty.add(sku)
    schedule()
  }

  tell(topics.state, 'init')
  compare(emptyTable, stall.items)
  return {
    turn({ entries, stall: next }: Turn) {
      const { items, terms } = stall
      stall = next
      compare(items, next.items)
      // A price names its currency.
      if (terms.currency !== next.terms.currency) compare(emptyTable, next.items)
      news.push(...entries.filter(({ type }) => NEWS.has(type)))
      if (news.length > NEWS_MAX) news = news.slice(-NEWS_MAX)
    },
    devices: devices.show,
    close() {
      if (isClosed) return
      slice(Number.POSITIVE_INFINITY)
      devices.close()
      isClosed = true
      tell(topics.state, 'disconnected')
    }
  }
}

/** What may wait for its turn with the newest sales. */
const NEWS: ReadonlySet<Entry['type']> = new Set(['sold', 'voided', 'footfallCounted'])

function createDevices(options: {
  tell: (topic: string, body: string) => void
  topics: StallTopics
}) {
  const { tell, topics } = options
  const told = new Map<string, string>()
  let views: readonly DeviceView[] = []
  const step = () => {
    for (const view of views) {
      const body = deviceOf(view)
      if (told.get(view.name) === body) continue
      told.set(view.name, body)
      tell(topics.device(view.name), body)
    }
  }
  const { ask, stop } = pace({ ms: DEVICES_MS, after, step })
  return {
    show: (next: readonly DeviceView[]) => {
      views = next
      ask()
    },
    close: () => {
      stop()
      step()
    }
  }
}

const after = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms).unref()
  return () => clearTimeout(timer)
}

/** A retained topic says how things are. What happened in a moment is no state and stays out. */
const STATE_LIKE: ReadonlySet<Reading['kind']> = new Set([
  'presence',
  'weight',
  'button',
  'light',
  'power',
  'clock'
])

function deviceOf(view: DeviceView): string {
  const reading = view.reading && STATE_LIKE.has(view.reading.kind) ? view.reading : null
  const readAt = reading ? view.readAt : null
  const facts = deviceFacts({ ...view, reading, readAt })
  return JSON.stringify({ ...facts, fix: view.health.fix })
}

/** Says what is new about an item: its topics hold what was said last. */
function createShelf(options: {
  tell: (topic: string, body: string) => void
  topics: StallTopics
}): (sku: string, stall: Stall) => void {
  const { tell, topics } = options
  const shown = new Map<string, { readonly price: string; readonly stock: string }>()
  return (sku, stall) => {
    const item = get(stall.items, sku)
    const before = shown.get(sku) ?? CLEARED
    const now = item ? { price: priceOf(item, stall), stock: stockOf(item) } : CLEARED
    if (now.price !== before.price) tell(topics.price(sku), now.price)
    if (now.stock !== before.stock) tell(topics.stock(sku), now.stock)
    if (item) shown.set(sku, now)
    else shown.delete(sku)
  }
}

/** An empty retained message takes a topic away [MQTT-3.3.1-10]. */
const CLEARED = { price: '', stock: '' }

/**
 * QoS 1, so that a program with a session hears after a short absence what it missed. A gap in
 * `seq` is no proof of a lost sale, for other entries count too: the ledger knows, over HTTP.
 */
function announce(options: {
  broker: Pick<Broker, 'publish'>
  entry: Entry
  topics: StallTopics
}): void {
  const { broker, entry, topics } = options
  if (entry.type === 'sold') {
    broker.publish({ topic: topics.sale, payload: saleOf(entry), qos: 1 })
  }
  if (entry.type === 'voided') {
    broker.publish({ topic: topics.voided, payload: voidOf(entry), qos: 1 })
  }
  if (entry.type === 'footfallCounted') {
    broker.publish({ topic: topics.footfall, payload: footfallOf(entry), qos: 1 })
  }
}

const priceOf = ({ sku, name, price }: StockedItem, { terms }: Stall): string =>
  JSON.stringify({ sku, name, price, currency: terms.currency.code })

const stockOf = ({ sku, name, stock }: StockedItem): string => JSON.stringify({ sku, name, stock })

/** Everything that the receipt says, but no slip or voucher numbers: those are the payer's. */
function saleOf(sold: EntryOf<'sold'>): string {
  return JSON.stringify({
    sale: sold.sale,
    number: sold.number,
    log: sold.log,
    seq: sold.seq,
    at: new Date(sold.at).toISOString(),
    ...(sold.soldAt === undefined ? {} : { sold_at: new Date(sold.soldAt).toISOString() }),
    session: sold.session,
    late: sold.isLate,
    currency: sold.currency,
    lines: sold.lines.map(lineOf),
    ...(sold.discount ? { discount: sold.discount } : {}),
    taxes: sold.taxes.map(({ taxClass, ratePpm, isInclusive, net, tax }) => ({
      tax_class: taxClass,
      rate_ppm: ratePpm,
      inclusive: isInclusive,
      net,
      tax
    })),
    total: sold.total,
    rounding: sold.rounding,
    tenders: sold.tenders.map(({ method, amount }) => ({ method, amount })),
    change: sold.change
  })
}

const lineOf = ({ sku, name, quantity, unitPrice, taxClass, discount }: Line) => ({
  sku,
  name,
  quantity,
  unit_price: unitPrice,
  tax_class: taxClass,
  ...(discount ? { discount } : {})
})

const voidOf = ({ sale, session, reason, log, seq, at }: EntryOf<'voided'>): string =>
  JSON.stringify({ sale, session, reason, log, seq, at: new Date(at).toISOString() })

/** `in` and `out` are null where nobody can say: that is never the same as nobody there. */
const footfallOf = (counted: EntryOf<'footfallCounted'>): string =>
  JSON.stringify({
    sensor: counted.sensor,
    from: new Date(counted.from).toISOString(),
    to: new Date(counted.to).toISOString(),
    in: counted.in,
    out: counted.out,
    unsure: counted.unsure,
    lost_edges: counted.lostEdges,
    quality: counted.quality,
    log: counted.log,
    seq: counted.seq
  })
