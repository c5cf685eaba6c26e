import type { Printed } from './entry.ts'
import type { Id } from './id.ts'
import type { Item, StockReason } from './sell/item.ts'
import type { Money } from './sell/money.ts'
import type { Tender, WishedDiscount, WishedLine } from './sell/sale.ts'
import type { Terms } from './sell/terms.ts'

/** Everything that people and devices can wish for. `stall.ts` decides what becomes of it. */
export type Command =
  | StepClock
  | SetTerms
  | ListItems
  | WithdrawItems
  | Sell
  | VoidSale
  | MoveStock
  | CountStock
  | OpenSession
  | CloseSession
  | MoveCash
  | ParkBasket
  | TakeBasket
  | RequestCopy
  | RecordPrint

export interface StepClock {
  readonly type: 'stepClock'
  readonly monoMs: number
  readonly stepMs: number
}

export interface SetTerms {
  readonly type: 'setTerms'
  readonly terms: Terms
}

/** Lists new items and changes listed ones; what is the same already is left alone. */
export interface ListItems {
  readonly type: 'listItems'
  readonly items: readonly { readonly item: Item; readonly stock?: number }[]
}

export interface WithdrawItems {
  readonly type: 'withdrawItems'
  readonly skus: readonly string[]
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

export interface MoveStock {
  readonly type: 'moveStock'
  readonly sku: string
  readonly change: number
  readonly reason: StockReason
}

export interface CountStock {
  readonly type: 'countStock'
  readonly sku: string
  readonly count: number
}

export interface OpenSession {
  readonly type: 'openSession'
  readonly float: Money
}

export interface CloseSession {
  readonly type: 'closeSession'
  /** What lay in the drawer when somebody counted it. */
  readonly counted: Money
}

export interface MoveCash {
  readonly type: 'moveCash'
  readonly amount: Money
  readonly reason: string
}

export interface ParkBasket {
  readonly type: 'parkBasket'
  readonly basket: Id
  readonly name: string
  readonly lines: readonly WishedLine[]
  readonly discount?: WishedDiscount
}

export interface TakeBasket {
  readonly type: 'takeBasket'
  readonly basket: Id
}

export interface RequestCopy {
  readonly type: 'requestCopy'
  readonly sale: Id
}

/** How a receipt's printing ended: from the print queue, or from the keeper who was asked. */
export interface RecordPrint {
  readonly type: 'recordPrint'
  readonly sale: Id
  readonly copy: number
  readonly outcome: Printed['outcome']
}
