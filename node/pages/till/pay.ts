import { isRefusal } from '../../core/refusal.ts'
import { type Money, money, NOTHING, sum } from '../../core/sell/money.ts'
import { roundCash, settle } from '../../core/sell/quote.ts'
import { isCash, type Tender, type TenderKind } from '../../core/sell/tender.ts'
import type { Terms } from '../../core/sell/terms.ts'

export type PayTerms = Pick<Terms, 'cashRounding' | 'tenders' | 'notes'>

/** Amounts people hand over in up to this many notes of one kind. */
const NOTES_OF_A_KIND_MAX = 3

/** What is still to pay once `tenders` are in: to the cent, and in coins. */
export function remaining(
  total: Money,
  tenders: readonly Tender[],
  terms: PayTerms
): { readonly exact: Money; readonly cash: Money } {
  const given = sum(tenders.map(tender => tender.amount))
  const exact = money(Math.max(0, total - given))
  const coins = tenders.filter(({ method }) => isCash(terms.tenders, method))
  const cashGiven = sum(coins.map(each => each.amount))
  // Only the part that is paid in cash is rounded, so cash already given joins the sum first.
  const cashPart = money(total - given + cashGiven)
  const cash = money(roundCash(cashPart, terms.cashRounding) - cashGiven)
  return { exact, cash: money(Math.max(0, cash)) }
}

/** Sums that a customer may hand over instead of the exact one, from the market's own notes. */
export function noteOffers(due: Money, terms: PayTerms, countMax: number): readonly Money[] {
  if (due <= 0) return []
  const sums = terms.notes.flatMap(note => {
    const count = Math.ceil(due / note)
    return note > 0 && count <= NOTES_OF_A_KIND_MAX ? [count * note] : []
  })
  // One note is likelier than a handful, so a sum of fewer notes may push out a nearer one.
  return [...new Set(sums)]
    .filter(amount => amount > due)
    .sort((a, b) => a - b)
    .slice(0, countMax)
    .map(money)
}

export interface Payment {
  readonly tenders: readonly Tender[]
  readonly total: Money
  readonly change: Money
}

/** The payment when it is complete; what is missing, or over what a card may take, when not. */
export function payment(
  total: Money,
  tenders: readonly Tender[],
  terms: PayTerms
): Payment | { readonly missing: Money } | { readonly over: Money } {
  const settled = settle({ total, tenders, terms })
  if (!isRefusal(settled)) return { tenders, total, change: settled.change }
  if (settled.refused === 'card-over-tender') return { over: settled.over }
  return { missing: remaining(total, tenders, terms).exact }
}

export const cashKind = ({ tenders }: PayTerms): TenderKind | undefined =>
  tenders.find(kind => kind.isCash)

/** One tender, or none when there is nothing to pay. */
export const cashTenders = (amount: Money, terms: PayTerms): readonly Tender[] => {
  const kind = cashKind(terms)
  return kind && amount > NOTHING ? [{ method: kind.method, amount }] : []
}

export interface GivenBack {
  readonly method: string
  readonly amount: Money
  readonly isCash: boolean
}

/** What goes back to a customer, by method: the change is out of the drawer already. */
export function givenBack(
  { tenders, change }: Payment,
  kinds: readonly TenderKind[]
): readonly GivenBack[] {
  const methods = [...new Set(tenders.map(({ method }) => method))]
  return methods
    .map(method => {
      const given = sum(tenders.flatMap(each => (each.method === method ? each.amount : [])))
      const coins = isCash(kinds, method)
      return { method, amount: coins ? money(given - change) : given, isCash: coins }
    })
    .filter(({ amount }) => amount > NOTHING)
}
