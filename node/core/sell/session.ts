import type { Money } from './money.ts'
import type { TaxAmount } from './tax.ts'

/** The running sums of a trading session: the X report. Money never leaves one without an entry. */
export interface Session {
  readonly session: number
  readonly openedAt: number
  readonly float: Money
  readonly sales: number
  readonly lateSales: number
  readonly voids: number
  readonly total: Money
  readonly voidedTotal: Money
  readonly discounts: Money
  readonly rounding: Money
  /** What was taken by each method, change and voids subtracted. */
  readonly tenders: readonly { readonly method: string; readonly amount: Money }[]
  readonly taxes: readonly TaxAmount[]
  readonly cashMoved: Money
  readonly firstNumber: string
  readonly lastNumber: string
}

/** The Z report: a session's sums at its close, and what was counted against what should be there. */
export interface Closing extends Session {
  readonly closedAt: number
  readonly expected: Money
  readonly counted: Money
  /** Everything this stall ever sold, voids subtracted. */
  readonly grandTotal: Money
}
