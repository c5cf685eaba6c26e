import * as v from 'valibot'
import { get } from '../core/table.ts'
import { json, timeText } from './json.ts'
import { route } from './route.ts'
import * as shapes from './shapes.ts'
import { forSale } from './tillview.ts'
import { WISH_ERRORS, wished } from './wished.ts'

const Item = v.object({
  sku: v.string(),
  name: v.string(),
  price: shapes.Money,
  tax_class: v.string(),
  category: v.string(),
  barcode: v.string()
})

const Price = v.object({
  sku: v.string(),
  price: shapes.Money,
  since: shapes.Time,
  why: v.pipe(v.string(), v.description('A sentence for the keeper and the customer.')),
  before: v.array(v.object({ price: shapes.Money, from: shapes.Time }))
})

export const stockRoutes = [
  route({
    method: 'GET',
    path: '/api/v1/items',
    role: 'customer',
    summary: 'The catalogue with the prices in force',
    reply: { 200: v.object({ currency: v.string(), items: v.array(Item) }) },
    errors: [],
    handle: (_, { stall }) => {
      const { items, terms } = stall()
      const listed = forSale(items).map(({ sku, name, price, taxClass, category, barcode }) =>
        json({ sku, name, price, taxClass, category, barcode })
      )
      return { status: 200, json: { currency: terms.currency.code, items: listed } }
    }
  }),
  route({
    method: 'GET',
    path: '/api/v1/prices',
    role: 'customer',
    summary: 'Why each item costs what it costs, and what it cost before',
    reply: { 200: v.object({ currency: v.string(), prices: v.array(Price) }) },
    errors: [],
    handle: (_, { stall }) => {
      const { items, terms } = stall()
      const prices = forSale(items).map(({ sku, price, prices: [now, ...before] }) => ({
        sku,
        price,
        since: timeText(now?.from ?? 0),
        why: 'The keeper set this price.',
        before: json(before, ['from'])
      }))
      return { status: 200, json: { currency: terms.currency.code, prices } }
    }
  }),
  route({
    method: 'GET',
    path: '/api/v1/stock',
    role: 'helper',
    summary: 'How many of each item are left',
    reply: {
      200: v.object({
        stock: v.array(v.object({ sku: v.string(), stock: v.nullable(shapes.Count) }))
      })
    },
    errors: [],
    handle: (_, { stall }) => ({
      status: 200,
      json: { stock: forSale(stall().items).map(({ sku, stock }) => ({ sku, stock })) }
    })
  }),
  route({
    method: 'POST',
    path: '/api/v1/stock',
    role: 'keeper',
    summary: 'Receives, wastes or counts an item; answers how many are left now',
    isIdempotent: true,
    body: v.union([
      v.strictObject({
        sku: shapes.text(64),
        change: v.number(),
        reason: v.picklist(['opening', 'received', 'wasted'])
      }),
      v.strictObject({
        sku: shapes.text(64),
        count: v.number(),
        reason: v.exactOptional(v.literal('counted'))
      })
    ]),
    reply: { 200: v.object({ sku: v.string(), stock: v.nullable(shapes.Count) }) },
    errors: ['unknown-sku', 'bad-quantity', 'busy', ...WISH_ERRORS],
    handle: (call, shop) => {
      const { sku, ...moved } = call.body
      const isCount = 'count' in moved
      return wished(call, shop, {
        command: isCount
          ? { type: 'countStock', sku, count: moved.count }
          : { type: 'moveStock', sku, ...moved },
        asked: isCount
          ? { moves: [{ sku }], counted: moved.count }
          : { moves: [{ sku, change: moved.change }], reason: moved.reason },
        say: () => ({
          status: 200,
          json: { sku, stock: get(shop.stall().items, sku)?.stock ?? null }
        })
      })
    }
  })
]
