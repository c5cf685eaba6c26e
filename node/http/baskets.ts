import * as v from 'valibot'
import { type ParkBasket, type ParkedBasket, parkedOrTaken } from '../core/sell/basket.ts'
import { json } from './json.ts'
import { refusalProblem } from './refusals.ts'
import { route } from './route.ts'
import { areSameLines } from './samesale.ts'
import * as shapes from './shapes.ts'
import { submitted } from './submitted.ts'
import { WISH_ERRORS, wished } from './wished.ts'

const Parked = v.object({
  basket: shapes.SaleId,
  name: v.string(),
  at: shapes.Time,
  lines: v.array(shapes.BookedLine),
  discount: v.exactOptional(shapes.TakenDiscount)
})

export const basketRoutes = [
  route({
    method: 'POST',
    path: '/api/v1/baskets',
    role: 'helper',
    summary: 'Sets a basket aside with the prices it was promised',
    isIdempotent: true,
    body: v.strictObject({
      id: shapes.SaleId,
      name: shapes.text(60),
      lines: shapes.Lines,
      discount: v.exactOptional(shapes.Discount)
    }),
    reply: { 201: Parked, 200: Parked },
    errors: [
      'already-parked',
      'too-many-parked',
      'unknown-sku',
      'bad-quantity',
      'bad-amount',
      'amount-too-large',
      'empty-basket',
      'too-many-lines',
      'sale-too-long',
      'price-not-shown',
      'unknown-tax-class',
      'discount-too-large',
      'reason-missing',
      'name-missing',
      'busy'
    ],
    handle: async ({ body: { id, ...basket } }, shop) => {
      const wish: ParkBasket = { type: 'parkBasket', basket: id, ...basket }
      const outcome = await shop.submit(wish)
      const parked = parkedOrTaken(shop.stall(), id)
      const isKnown = 'refused' in outcome && outcome.refused === 'already-parked'
      if (isKnown && parked && isSameBasket(wish, parked)) {
        const headers = { 'Idempotency-Replayed': 'true' }
        return { status: 200, json: json(parked, ['at']), headers }
      }
      return submitted(outcome, shop, () => ({ status: 201, json: json(parked, ['at']) }))
    }
  }),
  route({
    method: 'POST',
    path: '/api/v1/baskets/{id}/take',
    role: 'helper',
    summary: 'Takes a parked basket back to a till, or gives it up; only one till gets it',
    isIdempotent: true,
    params: shapes.SaleParams,
    reply: { 200: Parked },
    errors: ['unknown-basket', 'busy', ...WISH_ERRORS],
    handle: (call, shop) => {
      const basket = call.params.id
      return wished(call, shop, {
        command: { type: 'takeBasket', basket },
        asked: { type: 'basketTaken', basket },
        say: () => {
          const { taken, terms } = shop.stall()
          const found = taken.findLast(each => each.basket === basket)
          if (!found) return refusalProblem({ refused: 'unknown-basket' }, terms.currency)
          return { status: 200, json: json(found, ['at']) }
        }
      })
    }
  })
]

const isSameBasket = (asked: ParkBasket, parked: ParkedBasket): boolean =>
  asked.name === parked.name && areSameLines(asked, parked)
