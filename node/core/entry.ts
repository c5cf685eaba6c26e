import type { FootfallCounted } from './footfall.ts'
import type { ClockStepped, LogOpened } from './log.ts'
import type { EnergyUsed } from './power.ts'
import type { BasketParked, BasketTaken } from './sell/basket.ts'
import type { DrawerOpened } from './sell/drawer.ts'
import type { ItemListed, ItemWithdrawn, OwnStockMoved, StockMoved } from './sell/item.ts'
import type { CopyRequested, Printed } from './sell/print.ts'
import type { Sold, Voided } from './sell/sale.ts'
import type { CashMoved, SessionClosed, SessionOpened } from './sell/session.ts'
import type { TermsSet } from './sell/terms.ts'
import type { MembersListed } from './share/listing.ts'
import type { Stamp } from './time.ts'

/** A fact with its place in a log. The ledger holds these and nothing else. */
export type Entry = Stamp & Fact

/** Everything that can have happened at a stall. `wire/shapes.ts` has a row for each. */
export type Fact =
  | LogOpened
  | ClockStepped
  | TermsSet
  | ItemListed
  | ItemWithdrawn
  | StockMoved
  | OwnStockMoved
  | SessionOpened
  | SessionClosed
  | CashMoved
  | Sold
  | Voided
  | BasketParked
  | BasketTaken
  | CopyRequested
  | Printed
  | DrawerOpened
  | FootfallCounted
  | EnergyUsed
  | MembersListed

export type FactOf<Type extends Fact['type']> = Extract<Fact, { readonly type: Type }>
export type EntryOf<Type extends Fact['type']> = Stamp & FactOf<Type>
