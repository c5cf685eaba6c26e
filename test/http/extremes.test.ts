import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { ask } from './ask.ts'
import { openTestStall } from './stall.ts'

const MAX = Number.MAX_SAFE_INTEGER

/** Numbers as JSON can say them, most of them at an edge of what something can hold. */
const number = fc.oneof(
  fc.constantFrom(0, 1, 2, 100, 650, 1_000_000, 1_000_001, 2 ** 31, 2 ** 32, 8.64e15, 8.64e15 + 1),
  fc.constantFrom(MAX, MAX - 1, -MAX, -1, -0, 0.5, 1e21, 1e308, -1e308, 5e-324),
  fc.maxSafeInteger()
)
const discount = fc.oneof(
  fc.record({ amount: number, reason: fc.constant('regular') }),
  fc.record({ rate_ppm: number, reason: fc.constant('regular') })
)
const line = fc.oneof(
  fc.record(
    { sku: fc.constant('bao'), quantity: number, unit_price: number, discount },
    { requiredKeys: ['sku', 'quantity'] }
  ),
  fc.record(
    {
      sku: fc.constant(null),
      name: fc.constant('Sauce'),
      tax_class: fc.constant('food'),
      quantity: number,
      unit_price: number,
      discount
    },
    { requiredKeys: ['sku', 'name', 'tax_class', 'quantity', 'unit_price'] }
  )
)
const lines = fc.array(line, { minLength: 1, maxLength: 3 })
const tenders = fc.array(fc.record({ method: fc.constantFrom('cash', 'card'), amount: number }), {
  maxLength: 3
})

const ID = '000000000000000000000000000000a1'
const booked = {
  id: ID,
  lines: [{ sku: 'bao', quantity: 2, discount: { amount: 10, reason: 'regular' } }],
  discount: { rate_ppm: 100_000, reason: 'regular' },
  tenders: [{ method: 'cash', amount: 2_000 }]
}
const ids = fc.integer({ min: 2, max: 0xffff }).map(id => id.toString(16).padStart(32, '0'))

const calls = fc.oneof(
  fc.record({
    path: fc.constant('sales'),
    body: fc.record(
      { id: fc.oneof(ids, fc.constant(ID)), lines, discount, tenders, age_ms: number },
      { requiredKeys: ['id', 'lines', 'tenders'] }
    )
  }),
  fc.record({
    path: fc.constant('sales'),
    body: fc
      .record({ quantity: number, discount, of: discount, amount: number })
      .map(({ quantity, discount: onLine, of, amount }) => ({
        id: ID,
        lines: [{ sku: 'bao', quantity, discount: onLine }],
        discount: of,
        tenders: [{ method: 'cash', amount }]
      }))
  }),
  fc.record({
    path: fc.constant('baskets'),
    body: fc.record(
      { id: fc.constant(ID), name: fc.constant('red hat'), lines, discount },
      { requiredKeys: ['id', 'name', 'lines'] }
    )
  }),
  fc.record({
    path: fc.constant(`sales/${ID}/void`),
    body: fc.record({ reason: fc.constant('mistake'), after_ms: number })
  }),
  fc.record({
    path: fc.constant('stock'),
    body: fc.oneof(
      fc.record({ sku: fc.constant('bao'), change: number, reason: fc.constant('received') }),
      fc.record({ sku: fc.constant('bao'), count: number })
    )
  }),
  fc.record({
    path: fc.constant('cash'),
    body: fc.record({ amount: number, reason: fc.constant('change') })
  }),
  fc.record({
    path: fc.constantFrom('sessions/open', 'sessions/close'),
    body: fc.oneof(fc.record({ float: number }), fc.record({ counted: number }))
  })
)

suite('extreme numbers', test => {
  test('are booked or refused, first and again, and everything can still be shown', async () => {
    const stall = await openTestStall({}, 'simulated')
    const { port } = stall.server
    const post = (path: string, body: object, key: string) =>
      ask({
        port,
        method: 'POST',
        path: `/api/v1/${path}`,
        headers: {
          'Content-Type': 'application/json',
          ...(key === '' ? {} : { 'Idempotency-Key': key })
        },
        body: JSON.stringify(body)
      })
    assert.is((await post('sales', booked, '')).code, 201)
    const tooMuch = { ...booked, discount: { rate_ppm: MAX, reason: 'x' } }
    assert.is((await post('sales', tooMuch, '')).code, 400)
    let keys = 0
    await fc.assert(
      fc.asyncProperty(calls, async ({ path, body }) => {
        const isNamed = path === 'sales' || path === 'baskets'
        const key = isNamed ? '' : (++keys).toString(16).padStart(32, '0')
        for (const _ of ['first', 'again']) {
          const { code, text } = await post(path, body, key)
          assert.ok(code === 200 || code === 201 || (code >= 400 && code < 500), text)
        }
        for (const shown of ['sales', 'items', 'stock']) {
          assert.is((await ask({ port, path: `/api/v1/${shown}` })).code, 200, shown)
        }
      }),
      { seed: 20_260_801, numRuns: 200 }
    )
    await stall.close()
  })
})
