import type { Ask } from './ports.ts'
import type { Request, Trouble } from './request.ts'

const ANSWER_MS_MAX = 10_000

/** Asks the stall by `fetch`, and sorts what comes back into four kinds of answer. */
export const openAsk =
  (fetch: typeof globalThis.fetch): Ask =>
  async request => {
    try {
      return await sort(await send(fetch, request))
    } catch {
      return { state: 'away' }
    }
  }

const send = (fetch: typeof globalThis.fetch, { method, path, body, key }: Request) =>
  fetch(path, {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key })
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    cache: 'no-store',
    signal: AbortSignal.timeout(ANSWER_MS_MAX)
  })

async function sort(response: Response): Promise<Awaited<ReturnType<Ask>>> {
  const body: unknown = await response.json()
  if (response.ok) return { state: 'done', body }
  const said = typeof body === 'object' && body !== null ? body : {}
  const isRetryable = 'retryable' in said && said.retryable === true
  if (isRetryable || RETRY_STATUSES.has(response.status) || response.status >= 500) {
    return { state: 'later' }
  }
  return { state: 'refused', trouble: troubleOf(said, response.status) }
}

/** Too slow, too early (RFC 8470), too many: the same request may do in a moment. */
const RETRY_STATUSES = new Set([408, 425, 429])

function troubleOf(said: object, status: number): Trouble {
  const text = (value: unknown, otherwise: string) =>
    typeof value === 'string' && value !== '' ? value : otherwise
  return {
    problem: text('type' in said && said.type, `http ${status}`).replace(/^.*:/, ''),
    detail: text('detail' in said && said.detail, `The stall box refused this (${status}).`),
    fix: text('do' in said && said.do, 'Write it down and ask a technician.')
  }
}
