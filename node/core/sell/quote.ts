import type { Refusal } from '../refusal.ts'
import { type Discount, grossOf, type Line } from './basket.ts'
import { allocate, divideRound, type Money, money, NOTHING, sum } from './money.ts'
import type { TaxAmount, TaxClass } from './tax.ts'
import { isCash, type Tender } from './tender.ts'
import type { CashRounding, Terms } from './terms.ts'

/** A basket worked out: what a till shows while it fills, and what the sale will book. */
export interface Quote {
  readonly lines: readonly QuotedLine[]
  /** The lines after their own discounts. */
  readonly subtotal: Money
  /** All money taken off, by lines and on the basket. */
  readonly discounts: Money
  readonly taxes: readonly TaxAmount[]
  /** What is to pay, with tax, before cash rounding. */
  readonly total: Money
}

export interface QuotedLine {
  readonly line: Line
  /** Quantity times unit price. */
  readonly gross: Money
  /** After the line's own discount and its share of the basket's. */
  readonly amount: Money
}

/**
 * Adds a basket up. Tax is rounded once per class and receipt, half away from zero, and the
 * basket's discount is spread over the lines by largest remainder.
 */
export function quote(basket: {
  readonly lines: readonly Line[]
  readonly discount?: Discount
  readonly taxClasses: readonly TaxClass[]
}): Quote {
  const { lines, discount, taxClasses } = basket
  const gross = lines.map(grossOf)
  const net = lines.map((line, at) => money((gross[at] ?? 0) - (line.discount?.amount ?? 0)))
  const subtotal = sum(net)
  const shares = allocate(discount?.amount ?? NOTHING, net)
  const quoted = lines.map((line, at) => ({
    line,
    gross: gross[at] ?? NOTHING,
    amount: money((net[at] ?? 0) - (shares[at] ?? 0))
  }))
  const taxes = taxesOf(quoted, taxClasses)
  const onTop = sum(taxes.map(({ isInclusive, tax }) => (isInclusive ? NOTHING : tax)))
  const off = money(subtotal - (discount?.amount ?? 0))
  return {
    lines: quoted,
    subtotal,
    discounts: money(sum(gross) - off),
    taxes,
    total: sum([off, onTop])
  }
}

/**
 * One row per tax class that occurs, in the order of the terms. A class that the terms no longer
 * name is untaxed: what is sold must still be booked somewhere.
 */
function taxesOf(lines: readonly QuotedLine[], taxClasses: readonly TaxClass[]): TaxAmount[] {
  const bases = new Map<string, Money>(taxClasses.map(({ id }) => [id, NOTHING]))
  for (const { line, amount } of lines) {
    bases.set(line.taxClass, sum([bases.get(line.taxClass) ?? NOTHING, amount]))
  }
  const used = new Set(lines.map(({ line }) => line.taxClass))
  return [...bases].flatMap(([taxClass, base]) => {
    if (!used.has(taxClass)) return []
    const known = taxClasses.find(({ id }) => id === taxClass)
    const { ratePpm, isInclusive } = known ?? { ratePpm: 0, isInclusive: true }
    const whole = isInclusive ? 1_000_000 + ratePpm : 1_000_000
    const tax = money(Number(divideRound(BigInt(base) * BigInt(ratePpm), BigInt(whole))))
    return [{ taxClass, ratePpm, isInclusive, net: isInclusive ? money(base - tax) : base, tax }]
  })
}

export interface Settlement {
  readonly rounding: Money
  readonly change: Money
}

/**
 * Sets tenders against a total. Only the part that is paid in cash is rounded to what coins can
 * pay; cards are charged to the cent and never over what is due.
 */
export function settle(payment: {
  readonly total: Money
  readonly tenders: readonly Tender[]
  readonly terms: Pick<Terms, 'cashRounding' | 'tenders'>
}): Settlement | Refusal {
  const { total, tenders, terms } = payment
  const cash = tenders.filter(({ method }) => isCash(terms.tenders, method))
  const exact = tenders.filter(({ method }) => !isCash(terms.tenders, method))
  const rest = money(total - sum(exact.map(tender => tender.amount)))
  if (rest < 0) return { refused: 'card-over-tender', over: money(-rest) }
  const due = cash.length > 0 ? roundCash(rest, terms.cashRounding) : rest
  const change = money(sum(cash.map(tender => tender.amount)) - due)
  if (change < 0) return { refused: 'not-paid', missing: money(-change) }
  return { rounding: money(due - rest), change }
}

/** To the nearest step; half a step goes where the country's rule says. */
export function roundCash(amount: Money, { step, tie }: CashRounding): Money {
  const below = Math.floor(amount / step) * step
  const over = amount - below
  const goesUp = over * 2 > step || (over * 2 === step && tie === 'up')
  return money(goesUp ? below + step : below)
}
