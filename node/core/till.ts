import type { DeviceView } from './device.ts'
import type { Health, PrintingView } from './ports.ts'
import type { ParkedBasket } from './sell/basket.ts'
import type { Item } from './sell/item.ts'
import type { Money } from './sell/money.ts'
import type { Session } from './sell/session.ts'
import type { Tender } from './sell/tender.ts'
import type { Terms } from './sell/terms.ts'

/** What the till page shows. `GET /api/v1/live` sends it whole once, then only what changed. */
export interface TillView {
  /** When the stall said so, by its own clock: ages are counted from here, not by the tablet's. */
  readonly at: number
  readonly stall: string
  readonly terms: Terms
  readonly items: readonly TillItem[]
  readonly session: Session | null
  readonly parked: readonly ParkedBasket[]
  /** The last 20 sales, newest first. */
  readonly recent: readonly TillSale[]
  readonly printing: PrintingView
  /** Whether a cash drawer is set up at the printer. */
  readonly hasDrawer: boolean
  /** Everything else that has something to say: clock, disk, broker. */
  readonly health: readonly Health[]
  /** The printer too. */
  readonly devices: readonly DeviceView[]
}

export interface TillItem extends Item {
  /** Null where nobody counted. */
  readonly stock: number | null
}

export interface TillSale {
  readonly sale: string
  readonly number: string
  readonly at: number
  readonly total: Money
  readonly change: Money
  readonly tenders: readonly Tender[]
  readonly lines: readonly { readonly name: string; readonly quantity: number }[]
  readonly isVoided: boolean
}

/**
 * A change to a view: whole parts replace parts, items replace the items of the same SKU, and
 * devices those of the same name.
 */
export interface TillPatch extends Partial<Omit<TillView, 'items'>> {
  readonly items?: readonly TillItem[]
  readonly withdrawn?: readonly string[]
}
