import { type Money, money } from '../../core/sell/money.ts'
import type { Closing } from '../../core/sell/session.ts'
import { field } from './paid.ts'

/** What a report shows; a running session and a closed one both have it. */
export type Sums = Pick<
  Closing,
  | 'sales'
  | 'voids'
  | 'total'
  | 'voidedTotal'
  | 'discounts'
  | 'rounding'
  | 'tenders'
  | 'float'
  | 'cashMoved'
> & {
  readonly taxes: readonly Pick<Closing['taxes'][number], 'taxClass' | 'ratePpm' | 'tax'>[]
}

export type ClosingSums = Sums & Pick<Closing, 'session' | 'cash' | 'counted'>

/** Reads the answer to a closing or `GET /api/v1/reports/z/{n}`; null when it is neither. */
export function readClosing(body: unknown): ClosingSums | null {
  if (typeof field(body, 'counted') !== 'number') return null
  const count = (name: string, of = body): number => {
    const value = field(of, name)
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : 0
  }
  const amount = (name: string, of = body): Money => money(count(name, of))
  const text = (name: string, of: unknown) => String(field(of, name) ?? '')
  const rows = (name: string): readonly unknown[] => {
    const value = field(body, name)
    return Array.isArray(value) ? value : []
  }
  return {
    session: count('session'),
    sales: count('sales'),
    voids: count('voids'),
    total: amount('total'),
    voidedTotal: amount('voided_total'),
    discounts: amount('discounts'),
    rounding: amount('rounding'),
    tenders: rows('tenders').map(of => ({
      method: text('method', of),
      amount: amount('amount', of)
    })),
    taxes: rows('taxes').map(of => ({
      taxClass: text('tax_class', of),
      ratePpm: count('rate_ppm', of),
      tax: amount('tax', of)
    })),
    float: amount('float'),
    cashMoved: amount('cash_moved'),
    cash: amount('cash'),
    counted: amount('counted')
  }
}
