import type { Id } from '../../core/id.ts'
import type { Money } from '../../core/sell/money.ts'
import type { Tender } from '../../core/sell/tender.ts'
import type { Request, Trouble } from './request.ts'

/** What the tablet has done and the stall has not yet confirmed. Kept until it is answered. */
export type Parcel = SaleParcel | VoidParcel

export interface SaleParcel {
  readonly kind: 'sale'
  /** The sale's id: the same parcel sent twice is one sale. */
  readonly key: Id
  /** When the money was taken, by the tablet's clock. */
  readonly at: number
  readonly lines: readonly SaleLine[]
  readonly discount?: SaleDiscount
  readonly tenders: readonly Tender[]
  readonly total: Money
  readonly change: Money
  /** Why the stall refused it; it waits for the keeper then. */
  readonly trouble?: Trouble
}

export interface VoidParcel {
  readonly kind: 'void'
  readonly key: string
  readonly sale: Id
  readonly at: number
  readonly reason: string
  readonly afterMs: number
  readonly trouble?: Trouble
}

/** A line of `POST /api/v1/sales`; the name of a listed item rides along for the keeper. */
export interface SaleLine {
  readonly sku: string | null
  readonly name: string
  readonly taxClass: string
  readonly quantity: number
  readonly unitPrice: Money
  readonly discount?: SaleDiscount
}

export interface SaleDiscount {
  readonly amount: Money
  readonly reason: string
}

/** How the stall is told. `age_ms` is worked out as it leaves, the rest never changes. */
export function requestOf(parcel: Parcel, now: number): Request {
  if (parcel.kind === 'void') {
    const { sale, reason, afterMs } = parcel
    const body = { reason, after_ms: afterMs }
    return { method: 'POST', path: `/api/v1/sales/${sale}/void`, body }
  }
  const { key, discount, tenders } = parcel
  const body = {
    id: key,
    lines: parcel.lines.map(wireLine),
    ...(discount ? { discount } : {}),
    tenders,
    age_ms: Math.max(0, Math.round(now - parcel.at))
  }
  return { method: 'POST', path: '/api/v1/sales', body, key }
}

export function wireLine(line: SaleLine): object {
  const { sku, name, taxClass, quantity, unitPrice } = line
  const discount = line.discount ? { discount: line.discount } : {}
  return sku === null
    ? { sku, name, tax_class: taxClass, quantity, unit_price: unitPrice, ...discount }
    : { sku, quantity, unit_price: unitPrice, ...discount }
}
