import type { Money } from './money.ts'

export interface TaxClass {
  readonly id: string
  readonly name: string
  /** Parts per million: 19 % is 190,000 and New York's 8.875 % is 88,750. */
  readonly ratePpm: number
  /** Whether prices contain it (VAT) or it comes on top (US sales tax). */
  readonly isInclusive: boolean
}

/** What one class of tax came to on one receipt. */
export interface TaxAmount {
  readonly taxClass: string
  readonly ratePpm: number
  readonly isInclusive: boolean
  readonly net: Money
  readonly tax: Money
}
