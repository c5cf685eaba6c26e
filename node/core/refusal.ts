import type { Money } from './sell/money.ts'
import type { Place } from './time.ts'

/** A polite no, with what the keeper needs to know. A value, never an Error. */
export type Refusal =
  | { readonly refused: 'unknown-sku'; readonly sku: string }
  | { readonly refused: 'bad-quantity'; readonly sku: string; readonly quantity: number }
  | { readonly refused: 'bad-amount'; readonly what: string; readonly amount: number }
  | { readonly refused: 'amount-too-large' }
  | { readonly refused: 'empty-basket' }
  /** Too much text for one entry. */
  | { readonly refused: 'sale-too-long' }
  | { readonly refused: 'too-many-tenders'; readonly max: number }
  | { readonly refused: 'already-voided' }
  /** The same wish came true before; `place` is its first entry. */
  | { readonly refused: 'already-done'; readonly place: Place }
  | { readonly refused: 'too-many-lines'; readonly max: number }
  | { readonly refused: 'price-not-shown'; readonly sku: string; readonly price: Money }
  | { readonly refused: 'unknown-tax-class'; readonly taxClass: string }
  | { readonly refused: 'discount-too-large'; readonly max: Money }
  | { readonly refused: 'reason-missing'; readonly what: string }
  /** An open item without a name, which no receipt could say. */
  | { readonly refused: 'name-missing' }
  | { readonly refused: 'not-paid'; readonly missing: Money }
  | { readonly refused: 'card-over-tender'; readonly over: Money }
  | { readonly refused: 'unknown-tender'; readonly method: string }
  | { readonly refused: 'already-sold'; readonly place: Place }
  | { readonly refused: 'unknown-sale' }
  | { readonly refused: 'too-late-to-void'; readonly windowMs: number }
  | { readonly refused: 'session-open'; readonly session: number }
  | { readonly refused: 'no-session' }
  | { readonly refused: 'too-many-parked'; readonly max: number }
  | { readonly refused: 'already-parked' }
  | { readonly refused: 'unknown-basket' }
  | { readonly refused: 'not-due' }
  /** A count below zero, past every limit, or of no time at all. */
  | { readonly refused: 'bad-count'; readonly sensor: string }
  | { readonly refused: 'too-many-items'; readonly max: number }
  /** Something was sold in this currency already. */
  | { readonly refused: 'currency-in-use'; readonly currency: string }
  /** The queue of commands is full; the same command may be sent again in a moment. */
  | { readonly refused: 'busy' }

export const isRefusal = (answer: object): answer is Refusal => 'refused' in answer
