import type { Refusal } from '../refusal.ts'
import type { Wished } from '../wish.ts'
import { AMOUNT_MAX, isMoney, type Money, money, NOTHING, sum } from './money.ts'
import type { TaxAmount } from './tax.ts'
import { type Accounts, move, type Transfer } from './transfer.ts'

/** Z reports that the state keeps at hand; the ledger keeps them all. */
export const CLOSINGS_MAX = 400

/** The running sums of a trading session: the X report. */
export interface Session {
  readonly session: number
  readonly openedAt: number
  readonly float: Money
  readonly sales: number
  readonly lateSales: number
  readonly voids: number
  /** All sales, voided ones too. */
  readonly total: Money
  readonly voidedTotal: Money
  readonly discounts: Money
  readonly rounding: Money
  /** What was taken by each method, change and voids subtracted. */
  readonly tenders: readonly TenderSum[]
  readonly taxes: readonly TaxAmount[]
  /** Cash put in less cash taken out, outside sales. */
  readonly cashMoved: Money
  /** What should lie in the drawer now. */
  readonly cash: Money
  readonly firstNumber: string
  readonly lastNumber: string
}

export interface TenderSum {
  readonly method: string
  readonly amount: Money
}

/** The Z report: a session's sums at its close, and what was counted. */
export interface Closing extends Session {
  readonly closedAt: number
  readonly counted: Money
  /** Everything this stall ever sold, voids subtracted. */
  readonly grandTotal: Money
}

export interface SessionOpened extends Wished {
  readonly type: 'sessionOpened'
  readonly session: number
  readonly float: Money
}

/** The Z report: numbered, never changed. */
export interface SessionClosed extends Wished {
  readonly type: 'sessionClosed'
  readonly closing: Closing
}

/** Cash put into the drawer (positive) or taken out (negative) outside a sale. */
export interface CashMoved extends Wished {
  readonly type: 'cashMoved'
  readonly session: number
  readonly amount: Money
  readonly reason: string
}

export interface OpenSession extends Wished {
  readonly type: 'openSession'
  readonly float: Money
}

export interface CloseSession extends Wished {
  readonly type: 'closeSession'
  /** What lay in the drawer when somebody counted it. */
  readonly counted: Money
}

export interface MoveCash extends Wished {
  readonly type: 'moveCash'
  readonly amount: Money
  readonly reason: string
}

export interface SessionState {
  readonly session: Session | null
  readonly lastSession: number
  readonly lastClosedAt: number
  /** Z reports, oldest first; at most CLOSINGS_MAX. */
  readonly closings: readonly Closing[]
  readonly grandTotal: Money
}

type Books = Pick<SessionState, 'session' | 'grandTotal'> & { readonly accounts: Accounts }

export function decideOpenSession(
  state: Books & SessionState,
  { float }: OpenSession
): readonly [SessionOpened] | Refusal {
  if (state.session) return { refused: 'session-open', session: state.session.session }
  const fault = refuseAmount(state, { what: 'float', amount: float })
  return fault ?? [{ type: 'sessionOpened', session: state.lastSession + 1, float }]
}

/** Closing never waits for anything: late sales join the next session and are marked. */
export function decideCloseSession(
  state: Books,
  { counted }: CloseSession,
  at: number
): readonly [SessionClosed] | Refusal {
  const { session, grandTotal } = state
  if (!session) return { refused: 'no-session' }
  const fault = refuseAmount(state, { what: 'counted cash', amount: counted })
  if (fault) return fault
  // What is too much or too little may be as much as both together.
  if (!fits(state, counted + Math.abs(session.cash))) return { refused: 'amount-too-large' }
  return [{ type: 'sessionClosed', closing: { ...session, closedAt: at, counted, grandTotal } }]
}

export function decideMoveCash(
  state: Books,
  { amount, reason }: MoveCash
): readonly [CashMoved] | Refusal {
  const { session } = state
  if (!session) return { refused: 'no-session' }
  if (reason.trim() === '') return { refused: 'reason-missing', what: 'cash' }
  if (!isMoney(amount) || amount === 0) return { refused: 'bad-amount', what: 'cash', amount }
  if (!fits(state, Math.abs(amount))) return { refused: 'amount-too-large' }
  return [{ type: 'cashMoved', session: session.session, amount, reason }]
}

function refuseAmount(
  state: Books,
  { what, amount }: { readonly what: string; readonly amount: number }
): Refusal | null {
  if (!isMoney(amount) || amount < 0) return { refused: 'bad-amount', what, amount }
  return fits(state, amount) ? null : { refused: 'amount-too-large' }
}

/**
 * Whether no sum in the books can pass 2^53-1 when `amount` is added to or taken off each of them:
 * the accounts, and a session's sums, some of which a void adds to. `fold` then never throws.
 */
export function fits({ accounts, grandTotal, session }: Books, amount: number): boolean {
  const sums = [grandTotal, ...Object.values(accounts), ...(session ? sumsIn(session) : [])]
  return sums.every(sum => Math.abs(sum) + amount <= AMOUNT_MAX)
}

const sumsIn = (session: Session): readonly Money[] => [
  session.total,
  session.voidedTotal,
  session.discounts,
  session.rounding,
  session.cashMoved,
  session.cash,
  ...session.tenders.map(({ amount }) => amount),
  ...session.taxes.flatMap(({ net, tax }) => [net, tax])
]

export const floatTransfers = ({ float }: SessionOpened): Transfer[] => [
  move('cash', 'safe', float)
]

export const cashTransfers = ({ amount }: CashMoved): Transfer[] => [
  move('cash', 'paid-in-out', amount)
]

/** At the close the drawer is emptied; what it had too much or too little is named. */
export const closingTransfers = ({ counted, cash }: Closing): Transfer[] => [
  move('cash', 'over-short', money(counted - cash)),
  move('safe', 'cash', counted)
]

export const openedSession = ({ session, float }: SessionOpened, openedAt: number): Session => ({
  session,
  openedAt,
  float,
  sales: 0,
  lateSales: 0,
  voids: 0,
  total: NOTHING,
  voidedTotal: NOTHING,
  discounts: NOTHING,
  rounding: NOTHING,
  tenders: [],
  taxes: [],
  cashMoved: NOTHING,
  cash: float,
  firstNumber: '',
  lastNumber: ''
})

export const foldCashMoved = (session: Session, { amount }: CashMoved): Session => ({
  ...session,
  cashMoved: sum([session.cashMoved, amount]),
  cash: sum([session.cash, amount])
})

export const foldClosed = (state: SessionState, { closing }: SessionClosed): SessionState => ({
  ...state,
  session: null,
  lastSession: closing.session,
  lastClosedAt: closing.closedAt,
  closings: [...state.closings, closing].slice(-CLOSINGS_MAX)
})

/** `taken` is each method's sum with the change already off the cash. */
export function foldSoldInSession(
  session: Session,
  { sold, taken, cash, discounts }: SaleSums & { readonly sold: SoldInSession }
): Session {
  return {
    ...session,
    sales: session.sales + 1,
    lateSales: session.lateSales + (sold.isLate ? 1 : 0),
    total: sum([session.total, sold.total]),
    discounts: sum([session.discounts, discounts]),
    rounding: sum([session.rounding, sold.rounding]),
    tenders: addTenders(session.tenders, taken),
    taxes: addTaxes(session.taxes, sold.taxes, 1),
    cash: sum([session.cash, cash]),
    firstNumber: session.firstNumber || sold.number,
    lastNumber: sold.number
  }
}

/** What a session needs to know of a sale. */
interface SoldInSession {
  readonly number: string
  readonly total: Money
  readonly rounding: Money
  readonly taxes: readonly TaxAmount[]
  readonly isLate: boolean
}

export interface SaleSums {
  readonly taken: readonly (TenderSum & { readonly isCash: boolean })[]
  /** What of `taken` is cash. */
  readonly cash: Money
  readonly discounts: Money
}

export function foldVoidedInSession(
  session: Session,
  { sold, taken, cash, discounts }: SaleSums & { readonly sold: SoldInSession }
): Session {
  const back = taken.map(({ method, amount }) => ({ method, amount: money(-amount) }))
  return {
    ...session,
    voids: session.voids + 1,
    voidedTotal: sum([session.voidedTotal, sold.total]),
    discounts: money(session.discounts - discounts),
    rounding: money(session.rounding - sold.rounding),
    tenders: addTenders(session.tenders, back),
    taxes: addTaxes(session.taxes, sold.taxes, -1),
    cash: money(session.cash - cash)
  }
}

function addTenders(sums: readonly TenderSum[], more: readonly TenderSum[]): TenderSum[] {
  const byMethod = new Map(sums.map(({ method, amount }) => [method, amount]))
  for (const { method, amount } of more) {
    byMethod.set(method, sum([byMethod.get(method) ?? NOTHING, amount]))
  }
  return [...byMethod].map(([method, amount]) => ({ method, amount }))
}

/** A class whose rate changed during the session gets a row for each rate. */
function addTaxes(
  sums: readonly TaxAmount[],
  more: readonly TaxAmount[],
  sign: 1 | -1
): TaxAmount[] {
  const keyOf = (tax: TaxAmount) => `${tax.taxClass} ${tax.ratePpm} ${tax.isInclusive}`
  const byKey = new Map(sums.map(tax => [keyOf(tax), tax]))
  for (const tax of more) {
    const before = byKey.get(keyOf(tax))
    byKey.set(keyOf(tax), {
      ...tax,
      net: money((before?.net ?? 0) + sign * tax.net),
      tax: money((before?.tax ?? 0) + sign * tax.tax)
    })
  }
  return [...byKey.values()]
}
