import type { Id } from '../../core/id.ts'
import { type Money, sum } from '../../core/sell/money.ts'
import type { Payment } from './pay.ts'

/** The last payment, as the strip over the pay buttons shows it. */
export interface Paid extends Payment {
  readonly sale: Id
  readonly at: number
  /** `open`: it can still be undone. */
  readonly state: 'open' | 'settled' | 'undone'
}

/** What the stall said about a sale of this tablet. */
export interface Booked {
  readonly number: string
  /** What the receipt's QR says; empty when the stall sent none. */
  readonly qr: string
}

/** Reads `{receipt: {number, qr}}`, the answer to a sale, or a sale that was looked up. */
export function readBooked(body: unknown): Booked {
  const receipt = field(body, 'receipt') ?? body
  const text = (name: string) => {
    const value = field(receipt, name)
    return typeof value === 'string' ? value : ''
  }
  return { number: text('number'), qr: text('qr') }
}

export const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined

export const given = ({ tenders }: Payment): Money => sum(tenders.map(tender => tender.amount))
