import type { FootfallState } from './footfall.ts'
import type { LogState } from './log.ts'
import type { PowerState } from './power.ts'
import type { ParkedState } from './sell/basket.ts'
import type { CatalogueState } from './sell/item.ts'
import type { PrintState } from './sell/print.ts'
import type { SalesState } from './sell/sale.ts'
import type { SessionState } from './sell/session.ts'
import type { TermsState } from './sell/terms.ts'
import type { Accounts } from './sell/transfer.ts'
import type { ListingState } from './share/listing.ts'
import type { WishState } from './wish.ts'

/** All that a stall knows of itself, folded from its entries. Never changed in place. */
export interface Stall
  extends LogState,
    TermsState,
    CatalogueState,
    SalesState,
    SessionState,
    ParkedState,
    PrintState,
    FootfallState,
    PowerState,
    ListingState,
    WishState {
  /** The newest entry's time: the stall's clock never goes behind it. */
  readonly at: number
  /** Balances by account; debits positive. They sum to zero at any time. */
  readonly accounts: Accounts
}
