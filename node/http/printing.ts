import * as v from 'valibot'
import { route } from './route.ts'
import * as shapes from './shapes.ts'
import { submitted } from './submitted.ts'
import { WISH_ERRORS, wished } from './wished.ts'

const Copy = v.pipe(
  v.number(),
  v.safeInteger('a whole number'),
  v.minValue(1, 'a whole number from 1'),
  v.description('1 is the receipt itself, 2 its first copy.')
)

export const printingRoutes = [
  route({
    method: 'POST',
    path: '/api/v1/sales/{id}/copy',
    role: 'helper',
    summary: 'Prints a receipt again, marked as a copy',
    isIdempotent: true,
    params: shapes.SaleParams,
    reply: { 200: v.object({ id: shapes.SaleId, copy: Copy }) },
    errors: ['unknown-sale', 'busy', ...WISH_ERRORS],
    handle: (call, shop) => {
      const sale = call.params.id
      return wished(call, shop, {
        command: { type: 'requestCopy', sale },
        asked: { type: 'copyRequested', sale },
        say: entries => ({
          status: 200,
          json: { id: sale, copy: entries.find(entry => entry.type === 'copyRequested')?.copy }
        })
      })
    }
  }),
  route({
    method: 'POST',
    path: '/api/v1/sales/{id}/print-outcome',
    role: 'helper',
    summary: 'Says whether a receipt came out, where the printer could not',
    params: shapes.SaleParams,
    body: v.strictObject({ copy: Copy, outcome: v.picklist(['seen', 'skipped']) }),
    reply: {
      200: v.object({ id: shapes.SaleId, copy: Copy, outcome: v.picklist(['seen', 'skipped']) })
    },
    errors: ['not-due', 'busy'],
    handle: async ({ params: { id }, body }, shop) =>
      submitted(await shop.submit({ type: 'recordPrint', sale: id, ...body }), shop, () => ({
        status: 200,
        json: { id, ...body }
      }))
  })
]
