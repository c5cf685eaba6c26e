import * as v from 'valibot'
import { isLogId } from '../core/id.ts'
import type { Place } from '../core/time.ts'
import { problem } from './problem.ts'
import { route } from './route.ts'
import * as shapes from './shapes.ts'
import type { Shop } from './shop.ts'

const TEXT = 'text/plain; charset=utf-8'

export const ledgerRoutes = [
  route({
    method: 'GET',
    path: '/api/v1/entries',
    role: 'keeper',
    summary:
      'Entries as they are written (events `entry`), after a place `<log>-<seq>` or a number',
    query: v.strictObject({
      after: v.exactOptional(
        v.pipe(
          v.string(),
          v.regex(/^([0-9a-f]{16}-)?\d{1,15}$/, 'an event id or a number'),
          v.description('Like Last-Event-ID, which wins.')
        )
      )
    }),
    reply: { 200: 'text/event-stream' },
    errors: ['too-many-connections'],
    handle: ({ query, lastEventId }, shop) => {
      const after = placeAfter(lastEventId, shop) ?? placeAfter(query.after, shop)
      return { stream: response => shop.entryFeed.join(response, after) }
    }
  }),
  route({
    method: 'GET',
    path: '/api/v1/log/{log}/head',
    role: 'customer',
    summary: "A log's signed head (C2SP tlog-checkpoint)",
    params: v.strictObject({ log: shapes.LogName }),
    reply: { 200: 'text/plain' },
    errors: ['unknown-log'],
    handle: async ({ params }, { proofs }) => {
      const text = await proofs.head(params.log)
      return text === undefined ? problem('unknown-log') : { status: 200, text, contentType: TEXT }
    }
  }),
  route({
    method: 'GET',
    path: '/api/v1/log/{log}/proof/{seq}',
    role: 'customer',
    summary: 'That an entry is in a log (C2SP tlog-proof)',
    params: v.strictObject({ log: shapes.LogName, seq: shapes.Digits }),
    reply: { 200: 'text/plain' },
    errors: ['unknown-log'],
    handle: async ({ params }, { proofs }) => {
      const text = await proofs.proof(params)
      return text === undefined ? problem('unknown-log') : { status: 200, text, contentType: TEXT }
    }
  })
]

function placeAfter(id: string | undefined, { end }: Shop): Place | undefined {
  const [, log, seq] = /^(?:([0-9a-f]{16})-)?(\d{1,15})$/.exec(id ?? '') ?? []
  if (seq === undefined) return undefined
  return { log: isLogId(log) ? log : end().log, seq: Number(seq) }
}
