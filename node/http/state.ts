import * as v from 'valibot'
import { worstFirst } from '../core/health.ts'
import { HEALTH_STATES, type Health } from '../core/ports.ts'
import { METRICS_TYPE } from './metrics.ts'
import { type Route, route } from './route.ts'
import * as shapes from './shapes.ts'
import type { Shop } from './shop.ts'

const Edge = v.object({
  name: v.string(),
  state: v.picklist(HEALTH_STATES),
  sentence: v.string(),
  do: v.string()
})

const Ready = v.object({ ready: v.boolean(), because: v.array(v.string()) })

export const stateRoutes = (table: () => readonly Route[]): readonly Route[] => [
  route({
    method: 'GET',
    path: '/api/v1/live',
    role: 'helper',
    summary:
      'All that a till shows: `view` once, then `patch`; `paper` of a simulated printer; `scan` ' +
      'for the till that was touched last, which `scanner` names',
    query: v.strictObject({ till: v.exactOptional(shapes.TillName) }),
    reply: { 200: 'text/event-stream' },
    errors: ['too-many-connections'],
    handle: ({ query: { till }, lastEventId }, { live }) => ({
      stream: response => live.join(response, { till, lastEventId })
    })
  }),
  route({
    method: 'GET',
    path: '/api/v1/health/live',
    role: 'customer',
    summary: 'Whether the program still answers',
    reply: { 200: v.object({ live: v.boolean() }) },
    errors: [],
    handle: () => ({ status: 200, json: { live: true } })
  }),
  route({
    method: 'GET',
    path: '/api/v1/health/ready',
    role: 'customer',
    summary: 'Whether sales can be kept safe right now',
    reply: { 200: Ready, 503: Ready },
    errors: [],
    handle: (_, shop) => {
      // No device among them, whatever it is called.
      const because = shop
        .health()
        .flatMap(({ name, state, sentence }) =>
          state === 'down' && NEEDED.has(name) ? [sentence] : []
        )
      const isReady = because.length === 0
      return { status: isReady ? 200 : 503, json: { ready: isReady, because } }
    }
  }),
  route({
    method: 'GET',
    path: '/api/v1/health/detail',
    role: 'technician',
    summary: 'How every part is, and what to do about it',
    reply: { 200: v.object({ parts: v.array(Edge) }) },
    errors: [],
    handle: (_, shop) => ({
      status: 200,
      json: {
        parts: allHealth(shop).map(({ name, state, sentence, fix }) => ({
          name,
          state,
          sentence,
          do: fix
        }))
      }
    })
  }),
  route({
    method: 'GET',
    path: '/api/v1/metrics',
    role: 'technician',
    summary: 'Counters and gauges (Prometheus text 0.0.4)',
    reply: { 200: 'text/plain' },
    errors: [],
    handle: (_, { metrics }) => ({ status: 200, text: metrics.text(), contentType: METRICS_TYPE })
  }),
  route({
    method: 'GET',
    path: '/api/v1/openapi.json',
    role: 'customer',
    summary: 'This list of calls (OpenAPI 3.1)',
    reply: { 200: 'application/json' },
    errors: [],
    handle: async () => {
      // Imported when first asked for: a till's start must not wait for a document.
      const { openApi } = await import('./openapi.ts')
      return { status: 200, json: openApi(table()) }
    }
  })
]

/** A printer that is down does not stop a sale; a disk that is down does. */
const NEEDED: ReadonlySet<string> = new Set(['ledger', 'disk'])

const allHealth = ({ health, devices }: Shop): readonly Health[] =>
  worstFirst([...health(), ...devices.view().map(view => view.health)])
