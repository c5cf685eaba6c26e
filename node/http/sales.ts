import * as v from 'valibot'
import type { EntryOf } from '../core/entry.ts'
import type { Id } from '../core/id.ts'
import { isRefusal } from '../core/refusal.ts'
import type { Sell, Sold } from '../core/sell/sale.ts'
import { get } from '../core/table.ts'
import { json, placeOf } from './json.ts'
import { faultProblem, problem } from './problem.ts'
import { refusalProblem } from './refusals.ts'
import { type Answer, route } from './route.ts'
import { isSameSale } from './samesale.ts'
import * as shapes from './shapes.ts'
import type { Shop } from './shop.ts'
import { placeIn, submitted } from './submitted.ts'

const SaleAnswer = v.object({
  id: shapes.SaleId,
  receipt: v.object({
    number: v.string(),
    total: shapes.Money,
    tax: shapes.Money,
    change: shapes.Money,
    qr: v.nullable(v.string()),
    printed: v.boolean()
  }),
  entry: shapes.EntryPlace
})

const Sale = v.object({
  id: shapes.SaleId,
  number: v.string(),
  at: shapes.Time,
  sold_at: v.exactOptional(shapes.Time),
  session: shapes.Count,
  currency: v.string(),
  lines: v.array(shapes.BookedLine),
  discount: v.exactOptional(shapes.TakenDiscount),
  taxes: v.array(shapes.TaxRow),
  total: shapes.Money,
  rounding: shapes.Money,
  tenders: shapes.Tenders,
  change: shapes.Money,
  is_late: v.boolean(),
  is_time_unsure: v.exactOptional(v.boolean()),
  is_voided: v.boolean(),
  entry: shapes.EntryPlace
})

/** `receipt` is named as in the answer to the sale itself, so a till reads both alike. */
const SaleWithReceipt = v.object({
  ...Sale.entries,
  receipt: v.object({ number: v.string(), qr: v.nullable(v.string()) })
})

const LIMIT_DEFAULT = 20

export const salesRoutes = [
  route({
    method: 'POST',
    path: '/api/v1/sales',
    role: 'helper',
    summary: 'Books a paid sale; the same id is never booked twice',
    isIdempotent: true,
    body: v.strictObject({
      id: v.exactOptional(shapes.SaleId),
      lines: shapes.Lines,
      discount: v.exactOptional(shapes.Discount),
      tenders: shapes.Tenders,
      age_ms: v.exactOptional(
        v.pipe(
          shapes.CountFromZero,
          v.description('How long ago the money was taken, by the clock of a tablet that kept it.')
        )
      )
    }),
    reply: { 201: SaleAnswer, 200: SaleAnswer },
    errors: [
      'idempotency-key-missing',
      'idempotency-key-mismatch',
      'different-sale',
      'under-way',
      'entry-unreadable',
      'unknown-sku',
      'bad-quantity',
      'bad-amount',
      'amount-too-large',
      'empty-basket',
      'too-many-lines',
      'price-not-shown',
      'unknown-tax-class',
      'discount-too-large',
      'reason-missing',
      'name-missing',
      'sale-too-long',
      'too-many-tenders',
      'not-paid',
      'card-over-tender',
      'unknown-tender',
      'busy'
    ],
    handle: ({ body, idempotencyKey }, shop) => {
      const { id: idInBody, age_ms: ageMs, ...basket } = body
      const key = v.safeParse(shapes.SaleId, idempotencyKey ?? idInBody)
      if (!key.success) return problem('idempotency-key-missing')
      const sale = key.output
      if (idInBody !== undefined && idInBody !== sale) return problem('idempotency-key-mismatch')
      return sell(
        { type: 'sell', sale, ...basket, ...(ageMs === undefined ? {} : { ageMs }) },
        shop
      )
    }
  }),
  route({
    method: 'GET',
    path: '/api/v1/sales',
    role: 'helper',
    summary: 'The newest sales, newest first',
    query: v.strictObject({ limit: v.exactOptional(shapes.Digits) }),
    reply: { 200: v.object({ sales: v.array(Sale) }) },
    errors: [],
    handle: ({ query }, { stall }) => {
      const { recent, sales } = stall()
      const newest = recent.slice(-Math.max(query.limit ?? LIMIT_DEFAULT, 1)).reverse()
      const isVoided = ({ sale }: Sold) => get(sales, sale)?.isVoided ?? false
      return {
        status: 200,
        json: { sales: newest.map(sold => saleJson(sold, isVoided(sold))) }
      }
    }
  }),
  route({
    method: 'GET',
    path: '/api/v1/sales/{id}',
    role: 'helper',
    summary: 'One sale, however old, and what the QR of its receipt says',
    params: shapes.SaleParams,
    reply: { 200: SaleWithReceipt },
    errors: ['unknown-sale', 'entry-unreadable'],
    handle: async ({ params }, shop) => {
      const { sales, terms } = shop.stall()
      const record = get(sales, params.id)
      if (!record) return refusalProblem({ refused: 'unknown-sale' }, terms.currency)
      const sold = await shop.readSold(params.id)
      if (!sold) return problem('entry-unreadable')
      const receipt = { number: sold.number, qr: await qrOf(params.id, shop) }
      return { status: 200, json: { ...saleJson(sold, record.isVoided), receipt } }
    }
  }),
  route({
    method: 'POST',
    path: '/api/v1/sales/{id}/void',
    role: 'helper',
    summary: 'Undoes a sale right after it was paid',
    params: shapes.SaleParams,
    body: v.strictObject({
      reason: shapes.text(200),
      after_ms: v.pipe(
        shapes.CountFromZero,
        v.description('How long after the payment it was undone, by the clock of the tablet.')
      )
    }),
    reply: { 200: v.object({ id: shapes.SaleId, entry: v.nullable(shapes.EntryPlace) }) },
    errors: ['unknown-sale', 'too-late-to-void', 'amount-too-large', 'reason-missing', 'busy'],
    handle: async ({ params, body }, shop) => {
      const { reason, after_ms: afterMs } = body
      const outcome = await shop.submit({ type: 'voidSale', sale: params.id, reason, afterMs })
      // An undo whose answer was lost is sent again, and is as done as it was.
      const isDone = 'refused' in outcome && outcome.refused === 'already-voided'
      if (isDone) return { status: 200, json: { id: params.id, entry: null } }
      return submitted(outcome, shop, entries => ({
        status: 200,
        json: { id: params.id, entry: placeIn(entries, 'voided') }
      }))
    }
  })
]

async function sell(wish: Sell, shop: Shop): Promise<Answer> {
  const { salesUnderWay, submit, stall } = shop
  if (salesUnderWay.has(wish.sale)) return problem('under-way', { headers: { 'Retry-After': '1' } })
  salesUnderWay.add(wish.sale)
  const outcome = await submit(wish)
  salesUnderWay.delete(wish.sale)
  if ('fault' in outcome) return faultProblem(outcome.fault)
  if (!isRefusal(outcome)) {
    const sold = outcome.entries.find(entry => entry.type === 'sold')
    if (!sold) throw new Error('A sale was accepted without a sold entry')
    return { status: 201, json: await firstAnswer(sold, shop) }
  }
  if (outcome.refused !== 'already-sold') return refusalProblem(outcome, stall().terms.currency)
  const sold = await shop.readSold(wish.sale)
  if (!sold) return problem('entry-unreadable')
  if (!isSameSale(wish, sold)) return problem('different-sale')
  const headers = { 'Idempotency-Replayed': 'true' }
  return { status: 200, json: await firstAnswer(sold, shop), headers }
}

/** Made from the entry alone, so that a replay after any restart gives the very same answer. */
async function firstAnswer(sold: EntryOf<'sold'>, shop: Shop) {
  const { sale, number, total, taxes, change } = sold
  return {
    id: sale,
    receipt: {
      number,
      total,
      tax: taxes.reduce((all, { tax }) => all + tax, 0),
      change,
      qr: await qrOf(sale, shop),
      // Nothing is printed before it is durable, so no first answer can say that paper is out.
      printed: false
    },
    entry: placeOf(sold)
  }
}

const qrOf = async (sale: Id, { receiptUrl }: Shop): Promise<string | null> =>
  (await receiptUrl(sale)) ?? null

const saleJson = ({ type: _, sale, log, seq, ...sold }: EntryOf<'sold'>, isVoided: boolean) => ({
  id: sale,
  ...Object(json(sold, ['at', 'soldAt'])),
  is_voided: isVoided,
  entry: placeOf({ log, seq })
})
