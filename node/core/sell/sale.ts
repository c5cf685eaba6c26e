import type { Id } from '../id.ts'
import { type LogState, nextReceiptNumber } from '../log.ts'
import type { Refusal } from '../refusal.ts'
import { get, type Table } from '../table.ts'
import type { Moment, Place, Stamp } from '../time.ts'
import {
  type Discount,
  fillBasket,
  grossOf,
  type Line,
  type WishedDiscount,
  type WishedLine
} from './basket.ts'
import type { CatalogueState, StockMoved } from './item.ts'
import { isMoney, type Money, money, sum } from './money.ts'
import type { CopyRequested } from './print.ts'
import { quote, settle } from './quote.ts'
import { fits, type SaleSums, type SessionOpened, type SessionState } from './session.ts'
import type { TaxAmount } from './tax.ts'
import { isCash, type Tender } from './tender.ts'
import type { Terms, TermsState } from './terms.ts'
import { type Accounts, move, type Transfer } from './transfer.ts'

export const TENDERS_MAX = 20
/** The newest sales that the state keeps in full. */
export const RECENT_MAX = 500
/** How long the till offers "Undo", with a second for a slow finger. */
export const UNDO_MS_MAX = 9_000
/** A void may arrive this long after its sale: the node restarted, the tablet was out of reach. */
export const VOID_LAG_MS_MAX = 15 * 60_000
/** A tablet's sale may be this old: two days in a drawer, then the tablet is switched on again. */
export const SALE_AGE_MS_MAX = 7 * 24 * 60 * 60_000
/** A younger sale is simply now: the time that a request takes. */
const SALE_AGE_MS_MIN = 2_000

export interface Sold {
  readonly type: 'sold'
  readonly sale: Id
  readonly session: number
  /** Stall, log counter, count in the log, mark of the log: `12-3-57-K7`. Never used twice. */
  readonly number: string
  readonly currency: string
  readonly lines: readonly Line[]
  /** On the whole basket, after the lines' own discounts. */
  readonly discount?: Discount
  readonly taxes: readonly TaxAmount[]
  /** What the goods cost, with tax, before cash rounding. */
  readonly total: Money
  /** Added to the total to reach a sum that coins can pay. */
  readonly rounding: Money
  readonly tenders: readonly Tender[]
  readonly change: Money
  /** When the tablet took the money, if that was before this entry was made. */
  readonly soldAt?: number
  /** The session it was sold in had closed before it arrived. */
  readonly isLate: boolean
  /** The stall's clock was not known to be right when this was booked. */
  readonly isTimeUnsure?: true
}

export interface Voided {
  readonly type: 'voided'
  readonly sale: Id
  readonly session: number
  readonly reason: string
}

export interface Sell {
  readonly type: 'sell'
  readonly sale: Id
  readonly lines: readonly WishedLine[]
  readonly discount?: WishedDiscount
  readonly tenders: readonly Tender[]
  /** How long ago the money was taken, by the tablet's own clock that never steps. */
  readonly ageMs?: number
}

export interface VoidSale {
  readonly type: 'voidSale'
  readonly sale: Id
  readonly reason: string
  /** How long after the payment "Undo" was tapped, by the tablet's clock that never steps. */
  readonly afterMs: number
}

export interface SalesState {
  /** Every sale there ever was, by its id: so none is ever booked twice. */
  readonly sales: Table<SaleRecord>
  /** The newest sales in full, oldest first; at most RECENT_MAX. */
  readonly recent: readonly (Sold & Stamp)[]
  /** Ids that two logs of this stall hold: counted once, and shown. At most RECENT_MAX. */
  readonly doubled: readonly Id[]
}

export interface SaleRecord extends Place {
  readonly isVoided: boolean
  /** The newest copy asked for; 1 is the receipt itself. */
  readonly copies: number
}

type Books = { readonly accounts: Accounts }
type SellState = SalesState & SessionState & CatalogueState & TermsState & LogState & Books

/** The first sale of a night opens the session by itself: nobody waits for a form. */
export function decideSell(
  state: SellState,
  command: Sell,
  { at, isTimeUnsure = false }: Pick<Moment, 'at' | 'isTimeUnsure'>
): readonly (SessionOpened | Sold | StockMoved)[] | Refusal {
  const { sale, tenders } = command
  const { terms } = state
  const known = get(state.sales, sale)
  if (known) return { refused: 'already-sold', place: { log: known.log, seq: known.seq } }
  const ageMs = Math.min(Math.max(command.ageMs ?? 0, 0), SALE_AGE_MS_MAX)
  const soldAt = Math.floor(at - ageMs)
  const basket = fillBasket(state, { ...command, at, shownAt: soldAt })
  if ('refused' in basket) return basket
  const paid = pay(state, { ...basket, tenders })
  if ('refused' in paid) return paid
  const session = state.session?.session ?? state.lastSession + 1
  const sold: Sold = {
    type: 'sold',
    sale,
    session,
    number: nextReceiptNumber(state.log),
    currency: terms.currency.code,
    ...basket,
    ...paid,
    ...(ageMs >= SALE_AGE_MS_MIN ? { soldAt } : {}),
    isLate: soldAt < state.lastClosedAt,
    ...(isTimeUnsure ? { isTimeUnsure } : {})
  }
  const opened: SessionOpened = { type: 'sessionOpened', session, float: money(0) }
  const moved = sharedMoves(state, sold, -1)
  return [
    ...(state.session ? [] : [opened]),
    sold,
    ...(moved.length > 0
      ? [{ type: 'stockMoved', moves: moved, reason: 'sold', sale } as const]
      : [])
  ]
}

type Paid = Pick<Sold, 'taxes' | 'total' | 'rounding' | 'tenders' | 'change'>

function pay(
  state: TermsState & Books & SessionState,
  wish: {
    readonly lines: readonly Line[]
    readonly discount?: Discount
    readonly tenders: readonly Tender[]
  }
): Paid | Refusal {
  const { terms } = state
  const { tenders } = wish
  if (tenders.length > TENDERS_MAX) return { refused: 'too-many-tenders', max: TENDERS_MAX }
  for (const { method, amount } of tenders) {
    if (!terms.tenders.some(kind => kind.method === method)) {
      return { refused: 'unknown-tender', method }
    }
    if (!isMoney(amount) || amount < 0) return { refused: 'bad-amount', what: method, amount }
  }
  if (!fits(state, movedBy(wish))) return { refused: 'amount-too-large' }
  const { taxes, total } = quote({ ...wish, taxClasses: terms.taxClasses })
  const settled = settle({ total, tenders, terms })
  return 'refused' in settled ? settled : { taxes, total, tenders, ...settled }
}

/** No sum changes by more: goods, the tax on top of them, the money given and the change. */
const movedBy = ({ lines, tenders }: Pick<Sold, 'lines' | 'tenders'>): number =>
  tenders.reduce((all, { amount }) => all + amount, 3 * sum(lines.map(grossOf)))

/** A void is an undo of this minute, before the Z; anything later is a refund. */
export function decideVoidSale(
  state: SellState,
  { sale, reason, afterMs }: VoidSale,
  at: number
): readonly (Voided | StockMoved | CopyRequested)[] | Refusal {
  const record = get(state.sales, sale)
  if (!record) return { refused: 'unknown-sale' }
  if (record.isVoided) return { refused: 'already-voided' }
  if (reason.trim() === '') return { refused: 'reason-missing', what: 'void' }
  const sold = state.recent.findLast(each => each.sale === sale)
  const isOpen = sold !== undefined && sold.session === state.session?.session
  const isSoon = sold !== undefined && at - sold.at <= VOID_LAG_MS_MAX
  if (!isOpen || !isSoon || !(afterMs <= UNDO_MS_MAX)) {
    return { refused: 'too-late-to-void', windowMs: UNDO_MS_MAX }
  }
  if (!fits(state, movedBy(sold))) return { refused: 'amount-too-large' }
  const moved = sharedMoves(state, sold, 1)
  return [
    { type: 'voided', sale, session: sold.session, reason },
    ...(moved.length > 0
      ? [{ type: 'stockMoved', moves: moved, reason: 'voided', sale } as const]
      : []),
    ...(state.terms.printsReceipts
      ? [{ type: 'copyRequested', sale, copy: record.copies + 1 } as const]
      : [])
  ]
}

const sharedMoves = ({ items }: CatalogueState, { lines }: Sold, sign: 1 | -1) =>
  movesOf(lines, sign).filter(({ sku }) => get(items, sku)?.isShared === true)

/** Moves of the items that only this stall reads: the sale itself carries them. */
export const ownMoves = ({ items }: CatalogueState, { lines }: Sold, sign: 1 | -1) =>
  movesOf(lines, sign).filter(({ sku }) => get(items, sku)?.isShared === false)

const movesOf = (lines: readonly Line[], sign: 1 | -1) =>
  lines.flatMap(({ sku, quantity }) => (sku === null ? [] : [{ sku, change: sign * quantity }]))

/** Goods against `due`, then `due` against the money: it is zero again after every sale. */
export function saleTransfers(sold: Sold, { taken }: SaleSums): Transfer[] {
  return [
    ...sold.taxes.flatMap(({ taxClass, net, tax }) => [
      move('due', `sales:${taxClass}`, net),
      move('due', `tax:${taxClass}`, tax)
    ]),
    move('due', 'rounding', sold.rounding),
    ...taken.map(({ method, amount, isCash }) =>
      move(isCash ? 'cash' : `tender:${method}`, 'due', amount)
    )
  ].filter(({ amount }) => amount > 0)
}

/** What a sale brought by each method, with the change taken off the cash. */
export function sumsOf(sold: Sold, { tenders: kinds }: Pick<Terms, 'tenders'>): SaleSums {
  let change = sold.change
  const taken = sold.tenders.map(({ method, amount }) => {
    const isInDrawer = isCash(kinds, method)
    const back = isInDrawer ? Math.min(change, amount) : 0
    change = money(change - back)
    return { method, amount: money(amount - back), isCash: isInDrawer }
  })
  const gross = sum(sold.lines.map(grossOf))
  const onTop = sum(sold.taxes.flatMap(({ isInclusive, tax }) => (isInclusive ? [] : [tax])))
  return {
    taken,
    cash: sum(taken.flatMap(({ amount, isCash }) => (isCash ? [amount] : []))),
    discounts: money(gross - (sold.total - onTop))
  }
}
