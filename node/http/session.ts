import * as v from 'valibot'
import { openedSession } from '../core/sell/session.ts'
import { json } from './json.ts'
import { problem } from './problem.ts'
import { refusalProblem } from './refusals.ts'
import { route } from './route.ts'
import * as shapes from './shapes.ts'
import { placeIn } from './submitted.ts'
import { WISH_ERRORS, wished } from './wished.ts'

const TIMES = ['openedAt', 'closedAt']

const session = {
  session: shapes.Count,
  opened_at: shapes.Time,
  float: shapes.Money,
  sales: shapes.Count,
  late_sales: shapes.Count,
  voids: shapes.Count,
  total: shapes.Money,
  voided_total: shapes.Money,
  discounts: shapes.Money,
  rounding: shapes.Money,
  tenders: v.array(v.object({ method: v.string(), amount: shapes.Money })),
  taxes: v.array(shapes.TaxRow),
  cash_moved: shapes.Money,
  cash: shapes.Money,
  first_number: v.string(),
  last_number: v.string()
}

const Report = v.object(session)
const Closing = v.object({
  ...session,
  closed_at: shapes.Time,
  counted: shapes.Money,
  grand_total: shapes.Money
})

const CashMoved = v.object({ entry: v.nullable(shapes.EntryPlace) })

export const sessionRoutes = [
  route({
    method: 'POST',
    path: '/api/v1/sessions/open',
    role: 'keeper',
    summary: 'Opens a trading session with the cash that lies in the drawer',
    isIdempotent: true,
    body: v.strictObject({ float: shapes.Money }),
    reply: { 200: Report },
    errors: ['session-open', 'bad-amount', 'amount-too-large', 'busy', ...WISH_ERRORS],
    handle: (call, shop) =>
      wished(call, shop, {
        command: { type: 'openSession', ...call.body },
        asked: { type: 'sessionOpened', ...call.body },
        say: entries => {
          const opened = entries.find(entry => entry.type === 'sessionOpened')
          return { status: 200, json: opened && json(openedSession(opened, opened.at), TIMES) }
        }
      })
  }),
  route({
    method: 'POST',
    path: '/api/v1/sessions/close',
    role: 'keeper',
    summary: 'Closes the session with the cash that was counted; answers the Z report',
    isIdempotent: true,
    body: v.strictObject({ counted: shapes.Money }),
    reply: { 200: Closing },
    errors: ['no-session', 'bad-amount', 'amount-too-large', 'busy', ...WISH_ERRORS],
    handle: (call, shop) =>
      wished(call, shop, {
        command: { type: 'closeSession', ...call.body },
        asked: { type: 'sessionClosed', closing: call.body },
        say: entries => ({
          status: 200,
          json: json(entries.find(entry => entry.type === 'sessionClosed')?.closing, TIMES)
        })
      })
  }),
  route({
    method: 'POST',
    path: '/api/v1/cash',
    role: 'keeper',
    summary: 'Puts cash in (positive) or takes it out (negative), outside a sale',
    isIdempotent: true,
    body: v.strictObject({ amount: shapes.Money, reason: shapes.text(200) }),
    reply: { 201: CashMoved, 200: CashMoved },
    errors: [
      'no-session',
      'bad-amount',
      'amount-too-large',
      'reason-missing',
      'busy',
      ...WISH_ERRORS
    ],
    handle: (call, shop) =>
      wished(call, shop, {
        command: { type: 'moveCash', ...call.body },
        asked: { type: 'cashMoved', ...call.body },
        say: entries => ({ status: 201, json: { entry: placeIn(entries, 'cashMoved') } })
      })
  }),
  route({
    method: 'GET',
    path: '/api/v1/reports/x',
    role: 'keeper',
    summary: 'The sums of the open session',
    reply: { 200: Report },
    errors: ['no-session'],
    handle: (_, { stall }) => {
      const { session, terms } = stall()
      return session
        ? { status: 200, json: json(session, TIMES) }
        : refusalProblem({ refused: 'no-session' }, terms.currency)
    }
  }),
  route({
    method: 'GET',
    path: '/api/v1/reports/z/{n}',
    role: 'keeper',
    summary: 'The report of a closed session',
    params: v.strictObject({ n: shapes.Digits }),
    reply: { 200: Closing },
    errors: ['unknown-report'],
    handle: ({ params }, { stall }) => {
      const closing = stall().closings.find(({ session }) => session === params.n)
      return closing ? { status: 200, json: json(closing, TIMES) } : problem('unknown-report')
    }
  })
]
