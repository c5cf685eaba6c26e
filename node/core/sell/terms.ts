import type { Refusal } from '../refusal.ts'
import type { Currency, Money } from './money.ts'
import type { TaxClass } from './tax.ts'
import type { TenderKind } from './tender.ts'

/** The rules that a stall sells by. They stand in the ledger, so totals can be worked out again. */
export interface Terms {
  readonly stallName: string
  readonly vendor: string
  readonly marketName: string
  /** An IANA name; receipts show its local time. */
  readonly timezone: string
  readonly currency: Currency
  readonly taxClasses: readonly TaxClass[]
  readonly cashRounding: CashRounding
  readonly tenders: readonly TenderKind[]
  /** The notes people pay with, for the till's quick buttons, smallest first. */
  readonly notes: readonly Money[]
  /** Whether each sale is printed without being asked. */
  readonly printsReceipts: boolean
}

/** Cash totals are rounded to whole steps; 1 leaves them alone. `tie` is what half a step does. */
export interface CashRounding {
  readonly step: number
  readonly tie: 'up' | 'down'
}

/** The rules in force from here on. */
export interface TermsSet {
  readonly type: 'termsSet'
  readonly terms: Terms
}

export interface SetTerms {
  readonly type: 'setTerms'
  readonly terms: Terms
}

export interface TermsState {
  readonly terms: Terms
}

/** Amounts are counts of coins without a name: once something was sold, the coin stays. */
export function decideSetTerms(
  state: TermsState & { readonly sales: { readonly size: number } },
  { terms }: SetTerms
): readonly [TermsSet] | Refusal {
  const { code, exponent } = state.terms.currency
  const isOther = code !== terms.currency.code || exponent !== terms.currency.exponent
  if (isOther && state.sales.size > 0) return { refused: 'currency-in-use', currency: code }
  return [{ type: 'termsSet', terms }]
}

/** Terms are plain data, so their text with sorted keys tells whether they differ. */
export const isSameTerms = (a: Terms, b: Terms): boolean => termsText(a) === termsText(b)

const termsText = (terms: Terms): string =>
  JSON.stringify(terms, (_, value: unknown) =>
    isRecord(value) ? Object.fromEntries(Object.entries(value).toSorted()) : value
  )

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
