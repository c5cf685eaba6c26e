import type { CountFootfall } from './footfall.ts'
import type { StepClock } from './log.ts'
import type { RecordEnergy } from './power.ts'
import type { ParkBasket, TakeBasket } from './sell/basket.ts'
import type { OpenDrawer } from './sell/drawer.ts'
import type { ListItems, WithdrawItems } from './sell/item.ts'
import type { RecordPrint, RequestCopy } from './sell/print.ts'
import type { Sell, VoidSale } from './sell/sale.ts'
import type { CloseSession, MoveCash, OpenSession } from './sell/session.ts'
import type { CountStock, MoveStock } from './sell/stock.ts'
import type { SetTerms } from './sell/terms.ts'
import type { ListMembers } from './share/listing.ts'

/** Everything that people and devices can wish for. `stall.ts` decides what becomes of it. */
export type Command =
  | StepClock
  | SetTerms
  | ListItems
  | WithdrawItems
  | MoveStock
  | CountStock
  | OpenSession
  | CloseSession
  | MoveCash
  | Sell
  | VoidSale
  | ParkBasket
  | TakeBasket
  | RequestCopy
  | RecordPrint
  | OpenDrawer
  | CountFootfall
  | RecordEnergy
  | ListMembers
