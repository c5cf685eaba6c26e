import { grossOf, type Line } from './basket.ts'
import { currencyOf, type Money, money, moneyText } from './money.ts'
import type { Sold } from './sale.ts'
import type { Terms } from './terms.ts'

/** A receipt as a document: what printers, the till's paper and a customer's page show. */
export interface Receipt {
  readonly sale: string
  readonly number: string
  readonly copy: number
  readonly parts: readonly ReceiptPart[]
}

export type ReceiptPart =
  | { readonly part: 'title'; readonly text: string }
  | { readonly part: 'text'; readonly text: string; readonly isCentred: boolean }
  | {
      readonly part: 'pair'
      readonly left: string
      readonly right: string
      readonly isStrong: boolean
    }
  | { readonly part: 'rule' }
  | { readonly part: 'qr'; readonly data: string }

export interface ReceiptRequest {
  readonly sold: Sold & { readonly at: number }
  readonly terms: Terms
  readonly copy: number
  readonly isVoided: boolean
  /** The signed receipt as a web address; null leaves the code out. */
  readonly url: string | null
}

/**
 * The same request gives the same document. Of a sale itself a reprint says what the first print
 * said; names of the stall, of tenders and of taxes, and the time zone are those of today's terms.
 */
export function receiptOf(request: ReceiptRequest): Receipt {
  const { sold, copy, isVoided, url } = request
  return {
    sale: sold.sale,
    number: sold.number,
    copy,
    parts: [
      ...head(request),
      rule,
      ...sold.lines.flatMap(line => lineParts(line, request)),
      ...basketDiscount(request),
      rule,
      ...totals(request),
      ...taxes(request),
      rule,
      ...(isVoided ? givenBack(request) : [centred('Thank you!'), ...checkable(url)])
    ]
  }
}

/** A slip for money that went back: it proves no purchase, so it carries no code to check. */
const givenBack = (request: ReceiptRequest): ReceiptPart[] => {
  const { total, rounding } = request.sold
  const back = amountText(request)(money(total + rounding))
  return [{ ...pair('GIVEN BACK', back), isStrong: true }]
}

const checkable = (url: string | null): ReceiptPart[] =>
  url === null ? [] : [{ part: 'qr', data: url }, centred('Scan to check this receipt')]

/** Printers mark a copy as one by themselves; `copy` is for them. */
function head({ sold, terms, isVoided }: ReceiptRequest): ReceiptPart[] {
  const { stallName, vendor, marketName, timezone } = terms
  return [
    ...(isVoided ? [{ part: 'title', text: 'VOID' } as const] : []),
    { part: 'title', text: stallName },
    ...[vendor, marketName].filter(text => text !== '' && text !== stallName).map(centred),
    pair(`No. ${sold.number}`, localTime(sold.soldAt ?? sold.at, timezone)),
    ...(sold.isTimeUnsure ? [centred('Time not verified')] : [])
  ]
}

function lineParts({ name, quantity, unitPrice, discount }: Line, request: ReceiptRequest) {
  const text = amountText(request)
  const gross = grossOf({ quantity, unitPrice })
  const label = quantity === 1 ? name : `${quantity} x ${name}`
  return [
    pair(label, text(gross)),
    ...(quantity === 1 ? [] : [left(`  ${text(unitPrice)} each`)]),
    ...(discount ? [pair(`  ${discount.reason}`, text(money(-discount.amount)))] : [])
  ]
}

function basketDiscount(request: ReceiptRequest): ReceiptPart[] {
  const { discount } = request.sold
  return discount ? [pair(discount.reason, amountText(request)(money(-discount.amount)))] : []
}

function totals(request: ReceiptRequest): ReceiptPart[] {
  const { sold, terms } = request
  const text = amountText(request)
  const nameOf = (method: string) =>
    terms.tenders.find(kind => kind.method === method)?.name ?? method
  const onTop = sold.taxes.filter(({ isInclusive, tax }) => !isInclusive && tax !== 0)
  const goods = money(sold.total - onTop.reduce((all, { tax }) => all + tax, 0))
  return [
    ...(onTop.length > 0 ? [pair('Subtotal', text(goods))] : []),
    ...onTop.map(({ taxClass, tax }) => pair(`+ ${taxName(taxClass, terms)}`, text(tax))),
    { ...pair(`TOTAL ${sold.currency}`, text(sold.total)), isStrong: true },
    ...(sold.rounding === 0 ? [] : [pair('Rounding', text(sold.rounding))]),
    ...sold.tenders.map(({ method, amount, reference }) =>
      pair(reference ? `${nameOf(method)} ${reference}` : nameOf(method), text(amount))
    ),
    ...(sold.change === 0 ? [] : [pair('Change', text(sold.change))])
  ]
}

const taxes = (request: ReceiptRequest): ReceiptPart[] =>
  request.sold.taxes
    .filter(({ isInclusive, ratePpm }) => isInclusive && ratePpm > 0)
    .map(({ taxClass, net, tax }) => {
      const text = amountText(request)
      return pair(`${taxName(taxClass, request.terms)} on ${text(net)}`, text(tax))
    })

const taxName = (id: string, { taxClasses }: Terms): string =>
  taxClasses.find(each => each.id === id)?.name ?? id

const amountText =
  ({ sold }: Pick<ReceiptRequest, 'sold'>) =>
  (amount: Money): string =>
    moneyText(amount, currencyOf(sold.currency))

/** "2026-11-22 20:31": sorts, and reads the same in every country. */
function localTime(at: number, timezone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'short'
  })
  return format.format(at)
}

const rule: ReceiptPart = { part: 'rule' }
const centred = (text: string): ReceiptPart => ({ part: 'text', text, isCentred: true })
const left = (text: string): ReceiptPart => ({ part: 'text', text, isCentred: false })
const pair = (start: string, end: string) =>
  ({ part: 'pair', left: start, right: end, isStrong: false }) as const
