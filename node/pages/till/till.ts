import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { currencyOf, type Money, NOTHING } from '../../core/sell/money.ts'
import { type Quote, roundCash } from '../../core/sell/quote.ts'
import type { Terms } from '../../core/sell/terms.ts'
import type { TillItem } from '../../core/till.ts'
import { type FormatMoney, moneyFormat } from '../shared/format.ts'
import { addItem, type Basket, EMPTY, quoteBasket } from './basket.ts'
import { type Counter, openCounter } from './counter.ts'
import { findItems, readSearch } from './find.ts'
import { type Live, type LivePorts, openLive } from './live.ts'
import { isView, readNote } from './noted.ts'
import { type Outbox, openOutbox } from './outbox.ts'
import { type Booked, readBooked } from './paid.ts'
import type { Parcel, SaleLine } from './parcel.ts'
import { openPayments, type Payments } from './payments.ts'
import type { After, Ask, Notebook, Now, OpenStream, ParcelStore } from './ports.ts'
import { openScanning } from './scanning.ts'
import type { Sheet } from './sheets.ts'
import { type Notice, type Status, statuses } from './status.ts'
import { shownStock } from './stock.ts'
import { readTheme, type Theme } from './theme.ts'
import type { Words } from './words.ts'

/** The till without its screen: everything it shows, and everything a finger can do. */
export interface Till extends Shown {
  readonly words: Words
  readonly ask: Ask
  readonly live: Live
  readonly outbox: Outbox
  readonly counter: Counter
  readonly payments: Payments
  /** What the stall said about this tablet's sales, by sale. */
  readonly booked: ReadonlySignal<ReadonlyMap<string, Booked>>
  readonly sheet: Signal<Sheet | null>
  readonly search: Signal<string>
  readonly category: Signal<string | null>
  /** What Escape swept off the counter, so that it can be put back. */
  readonly cleared: Signal<Basket>
  /** A newer till is on the stall box; it waits until nobody trades. */
  readonly hasUpdate: Signal<boolean>
  readonly theme: Signal<Theme>
  /** The number of the session this tablet closed last. */
  readonly lastClosed: Signal<number | null>
  readonly now: Now
  /** A notice that can be acted on opens a sheet. */
  readonly say: (text: string, opens?: Sheet) => void
  /** Puts an item into the basket: as many as the search says, one by itself. */
  readonly tap: (sku: string, times?: number) => void
  readonly scan: (code: string) => void
  /** Somebody touches this till: what the stall's scanners read belongs here from now on. */
  readonly touch: () => void
  /** Empties the basket into `cleared`. */
  readonly sweep: () => void
  /** Puts back what was swept off last. */
  readonly putBack: () => void
}

/** What follows from everything else. */
interface Shown {
  readonly terms: ReadonlySignal<Terms | null>
  readonly items: ReadonlySignal<readonly TillItem[]>
  /** The items that the search or the category leaves. */
  readonly found: ReadonlySignal<readonly TillItem[]>
  readonly stock: ReadonlySignal<(sku: string) => number | null>
  readonly quote: ReadonlySignal<Quote>
  readonly cashDue: ReadonlySignal<Money>
  /** Made when the terms come and not at a tap, for making a format takes long. */
  readonly formatMoney: ReadonlySignal<FormatMoney>
  readonly statuses: ReadonlySignal<readonly Status[]>
  /** The stall's clock, for how long ago it saw something. */
  readonly stallNow: ReadonlySignal<number>
}

export interface TillPorts {
  /** This page's own name at the stall, 32 hex digits. */
  readonly id: string
  readonly store: ParcelStore
  readonly notebook: Notebook
  readonly ask: Ask
  readonly openStream: OpenStream
  readonly now: Now
  readonly after: After
  /** So many random bytes. */
  readonly chance: (count: number) => Uint8Array
  readonly words: Words
  /** Says now and then what time it is, for words that age. */
  readonly tick: ReadonlySignal<number>
}

const NOTICE_MS = 5_000
/** The new counts follow a booking within a second or so. */
const SETTLING_MS = 10_000
/** The stall's picture is large, so it is noted now and then, not at every change. */
const REMEMBER_MS = 2_000
/** Answers kept at hand; older ones come from the stall. */
const BOOKED_MAX = 30

export async function openTill(ports: TillPorts): Promise<Till> {
  const { notebook, ask, now, after, chance, words } = ports
  const chosen = openChosen(notebook)
  const { search, sheet, cleared } = chosen
  const { notice, say } = openNotice(after)
  const { booked, settling, settle } = openBookings(after)

  const outbox = await openOutbox({ ...ports, onDone: settle })
  const { scan, touch, onScanner } = openScanning({
    ...ports,
    sheet,
    search,
    view: () => live.view.value,
    tap: sku => tap(sku, 1),
    say
  })
  const live = openRemembering({ ...ports, onScan: scan, onScanner })
  const counter = openCounter({
    notebook,
    chance,
    isPaid: id =>
      [...outbox.parcels.value, ...outbox.unread.value].some(({ key }) => key === id) ||
      (live.view.value?.recent ?? []).some(sale => sale.sale === id),
    onChange: isFull => {
      payments.hide()
      if (isFull) say(words.status.basketFull)
    }
  })
  const payments = openPayments({
    counter,
    outbox,
    now,
    after,
    onPaid: () => {
      sheet.value = null
      search.value = ''
      cleared.value = EMPTY
    }
  })
  // Another tab may have sold this very basket: its id among the booked sales says so.
  effect(() => {
    const { id } = counter.basket.peek()
    if (live.view.value?.recent.some(sale => sale.sale === id)) counter.clear()
  })

  const shown = openShown({ ...ports, ...chosen, live, outbox, counter, settling, notice })
  const tap = (sku: string, times = readSearch(search.value).times) => {
    const item = shown.items.value.find(each => each.sku === sku)
    if (!item) return
    batch(() => {
      if ((shown.stock.value(sku) ?? 1) <= 0) say(words.countWasWrong(item.name))
      counter.change((basket, mint) => addItem(basket, item, times, mint))
      search.value = ''
    })
  }
  // Only now: a basket of before the reload has been held against what the outbox kept.
  void outbox.wake()
  const acts = { say, tap, scan, touch, ...sweeping({ counter, cleared }) }
  const parts = { words, ask, live, outbox, counter, payments, booked, now }
  return { ...shown, ...chosen, ...parts, ...acts }
}

/** What a finger has chosen: what is open, searched for and swept off. */
const openChosen = (notebook: Notebook) => ({
  search: signal(''),
  category: signal<string | null>(null),
  sheet: signal<Sheet | null>(null),
  cleared: signal(EMPTY),
  hasUpdate: signal(false),
  theme: signal(readTheme(notebook)),
  lastClosed: openLastClosed(notebook)
})

function openShown(
  parts: Pick<TillPorts, 'tick' | 'words'> & {
    readonly live: Live
    readonly outbox: Outbox
    readonly counter: Counter
    readonly settling: ReadonlySignal<ReadonlyMap<string, readonly SaleLine[]>>
    readonly search: ReadonlySignal<string>
    readonly category: ReadonlySignal<string | null>
    readonly notice: ReadonlySignal<Notice | null>
  }
): Shown {
  const { live, outbox, counter, words } = parts
  const terms = computed(() => live.view.value?.terms ?? null)
  const items = computed(() => live.view.value?.items ?? [])
  const quote = computed(() => quoteBasket(counter.basket.value, terms.value?.taxClasses ?? []))
  return {
    terms,
    items,
    quote,
    stock: computed(() => shownStock(live.view.value, outbox.parcels.value, parts.settling.value)),
    cashDue: computed(() =>
      terms.value ? roundCash(quote.value.total, terms.value.cashRounding) : NOTHING
    ),
    formatMoney: computed(() =>
      moneyFormat(words.locale, terms.value?.currency ?? currencyOf('EUR'))
    ),
    found: computed(() => {
      const { words } = readSearch(parts.search.value)
      return findItems({ items: items.value, words, category: parts.category.value })
    }),
    stallNow: computed(() => parts.tick.value + live.skew.value),
    statuses: computed(() =>
      statuses({
        canSave: outbox.canSave.value,
        parcels: outbox.parcels.value,
        unread: outbox.unread.value,
        link: live.link.value,
        view: live.view.value,
        notice: parts.notice.value,
        now: Math.max(parts.tick.value, live.link.value.since),
        words
      })
    )
  }
}

/** The stall's picture, remembered over a reload: a tablet sells while the box restarts. */
function openRemembering(ports: TillPorts & Pick<LivePorts, 'onScan' | 'onScanner'>): Live {
  const { notebook, after } = ports
  let hasNews = true
  let isWaiting = false
  const note = () => {
    if (isWaiting || !hasNews) return
    hasNews = false
    isWaiting = true
    notebook.write('view', JSON.stringify({ ...live.view.value, devices: [] }))
    after(REMEMBER_MS, () => {
      isWaiting = false
      note()
    })
  }
  const live = openLive({
    ...ports,
    remembered: readNote(notebook.read('view'), isView),
    onView: () => {
      hasNews = true
      note()
    }
  })
  return live
}

function openLastClosed(notebook: Notebook): Signal<number | null> {
  const lastClosed = signal(Number(notebook.read('closed')) || null)
  effect(() => {
    if (lastClosed.value !== null) notebook.write('closed', String(lastClosed.value))
  })
  return lastClosed
}

function sweeping(parts: { readonly counter: Counter; readonly cleared: Signal<Basket> }) {
  const { counter, cleared } = parts
  return {
    sweep: () => {
      cleared.value = counter.basket.value
      counter.change(() => EMPTY)
    },
    putBack: () => {
      const back = cleared.value
      cleared.value = EMPTY
      counter.change(() => back)
    }
  }
}

function openNotice(after: After) {
  const notice = signal<Notice | null>(null)
  let forget = () => {}
  const say = (text: string, opens?: Sheet) => {
    forget()
    notice.value = { text, opens: opens ?? null }
    forget = after(NOTICE_MS, () => {
      notice.value = null
    })
  }
  return { notice, say }
}

function openBookings(after: After) {
  const booked = signal<ReadonlyMap<string, Booked>>(new Map())
  const settling = signal<ReadonlyMap<string, readonly SaleLine[]>>(new Map())
  const settle = (parcel: Parcel, body: unknown) => {
    if (parcel.kind === 'void') return
    const { key, lines } = parcel
    booked.value = new Map([...booked.value, [key, readBooked(body)] as const].slice(-BOOKED_MAX))
    settling.value = new Map([...settling.value, [key, lines]])
    after(SETTLING_MS, () => {
      settling.value = new Map([...settling.value].filter(([sale]) => sale !== key))
    })
  }
  return { booked, settling, settle }
}
