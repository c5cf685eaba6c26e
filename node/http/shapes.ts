import * as v from 'valibot'
import { isId, isLogId } from '../core/id.ts'
import type { WishedDiscount, WishedLine } from '../core/sell/basket.ts'
import { money } from '../core/sell/money.ts'

/** The shapes that several calls share. Names on the wire are snake_case, in core camelCase. */

/** Adding zero turns JSON's -0 into 0. */
export const Money = v.pipe(
  v.number(),
  v.safeInteger('a whole number of the smallest coin, within 2^53-1'),
  v.description('Minor units of the currency: cents, yen, fils.'),
  v.transform(amount => money(amount + 0))
)

export const SaleId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, '32 hex digits'), v.guard(isId))

/** A till's own name for itself: 32 hex digits, minted when its page opens. */
export const TillName = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, '32 hex digits'))

export const LogName = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{16}$/, '16 hex digits'),
  v.guard(isLogId)
)

/**
 * One line of text: no control characters, and nothing that UTF-8 cannot say. A byte order mark at
 * its start, which nobody sees and the ledger does not take (WIRE.md 1.4), is left out: a sale that
 * was paid is not turned away for it.
 */
export const text = (charactersMax: number) =>
  v.pipe(
    v.string(),
    v.maxLength(charactersMax, `${charactersMax} characters at most`),
    v.check(
      line => !/[\p{Cc}\p{Surrogate}\u2028\u2029]/u.test(line),
      'one line of text without control characters'
    ),
    v.transform(line => line.replace(/^\ufeff+/, ''))
  )

export const Count = v.pipe(v.number(), v.safeInteger('a whole number'))
export const CountFromZero = v.pipe(
  v.number(),
  v.safeInteger('a whole number'),
  v.minValue(0, 'a whole number from 0')
)
/** Parts per million of a whole: no discount is more than all of it. */
const RATE_PPM_MAX = 1_000_000
const Rate = v.pipe(
  CountFromZero,
  v.maxValue(RATE_PPM_MAX, `${RATE_PPM_MAX} parts per million at most`)
)
export const Time = v.pipe(v.string(), v.isoTimestamp(), v.description('RFC 3339 UTC'))

/** A number in a path or a query. */
export const Digits = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}$/, 'a whole number'),
  v.transform(Number)
)

export const Discount = v.pipe(
  v.union([
    v.strictObject({ amount: Money, reason: text(200) }),
    v.strictObject({ rate_ppm: Rate, reason: text(200) })
  ]),
  v.transform(
    (discount): WishedDiscount =>
      'amount' in discount ? discount : { ratePpm: discount.rate_ppm, reason: discount.reason }
  )
)

/** The quantity is any number here, for `decide` refuses a bad one with the item's name. */
const WireLine = v.variant('sku', [
  v.strictObject({
    sku: v.null(),
    name: text(100),
    tax_class: text(40),
    quantity: v.number(),
    unit_price: Money,
    discount: v.exactOptional(Discount)
  }),
  v.strictObject({
    sku: text(64),
    quantity: v.number(),
    unit_price: v.exactOptional(Money),
    discount: v.exactOptional(Discount)
  })
])

/** `decide` refuses too many, as it does with payments. */
export const Lines = v.array(v.pipe(WireLine, v.transform(lineOf)))

export const Tenders = v.array(
  v.strictObject({
    method: text(40),
    amount: Money,
    reference: v.exactOptional(text(100))
  })
)

export const EntryPlace = v.object({ log: LogName, seq: CountFromZero })

export const SaleParams = v.strictObject({ id: SaleId })

/** A discount as it was booked: a rate is an amount by then. */
export const TakenDiscount = v.object({ amount: Money, reason: v.string() })

export const BookedLine = v.object({
  sku: v.nullable(v.string()),
  name: v.string(),
  quantity: Count,
  unit_price: Money,
  tax_class: v.string(),
  discount: v.exactOptional(TakenDiscount)
})

export const TaxRow = v.object({
  tax_class: v.string(),
  rate_ppm: Count,
  is_inclusive: v.boolean(),
  net: Money,
  tax: Money
})

function lineOf(line: v.InferOutput<typeof WireLine>): WishedLine {
  const discount = line.discount === undefined ? {} : { discount: line.discount }
  const { quantity } = line
  if (line.sku === null) {
    const { sku, name, tax_class: taxClass, unit_price: unitPrice } = line
    return { sku, name, taxClass, quantity, unitPrice, ...discount }
  }
  const unitPrice = line.unit_price === undefined ? {} : { unitPrice: line.unit_price }
  return { sku: line.sku, quantity, ...unitPrice, ...discount }
}
