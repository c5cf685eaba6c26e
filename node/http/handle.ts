import type { IncomingMessage, ServerResponse } from 'node:http'
import { Fault } from '../core/ports.ts'
import {
  hostFault,
  isFromThisMachine,
  type Limiter,
  mayCall,
  type RoleOf,
  siteFault
} from './access.ts'
import { parseJson, readBody } from './body.ts'
import type { Page, Pages } from './pages.ts'
import { faultProblem, isProblem, type Problem, problem } from './problem.ts'
import { type Exchange, secure, writeAnswer, writePage } from './reply.ts'
import { type Answer, type Match, matcher, type Role, type Route } from './route.ts'
import type { Shop } from './shop.ts'

interface Desk {
  readonly shop: Shop
  readonly pages: Pages | undefined
  readonly routes: readonly Route[]
  readonly allowedHosts: ReadonlySet<string>
  readonly roleOf: RoleOf
  readonly limiter: Limiter
  /** Why no request is taken from here right now, if so. */
  readonly doorFault: (request: IncomingMessage) => Problem | undefined
}

type Ask = Pick<Exchange, 'request' | 'response'> & {
  readonly path: string
  readonly query: URLSearchParams
}

/** Answers one request after another; `route` in the metrics is the row's path or a page's. */
export function requestHandler(desk: Desk) {
  const match = matcher(desk.routes)
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedMs = desk.shop.now()
    const { path, query } = targetOf(request)
    const ask = { request, response, path, query }
    secure(response)
    const page = desk.pages?.find(path)
    const isPage = page !== undefined && isGet(request)
    const matches = isPage ? [] : match(path)
    const found = matches.find(({ route }) => isAnsweredBy(request, route))
    response.once('close', () => {
      const isTimed = found === undefined || !isStream(found.route)
      const seconds = isTimed ? (desk.shop.now() - startedMs) / 1_000 : undefined
      const method = found?.route.method ?? (isGet(request) ? 'GET' : 'other')
      const route = found?.route.path ?? (isPage ? 'page' : 'none')
      desk.shop.metrics.countRequest({ route, method, status: response.statusCode, seconds })
    })
    const fault = desk.doorFault(request) ?? hostFault(request, desk.allowedHosts)
    if (fault) writeAnswer(ask, fault)
    else if (isPage) answerPage(desk, ask, page)
    else if (!found) writeAnswer(ask, notFound(matches))
    else {
      const answer = await answerCall(desk, ask, found).catch(problemOfFault)
      if (answer) writeAnswer(ask, answer)
    }
  }
}

/** An edge's bad news is an answer; anything else is a bug, which ends the process. */
function problemOfFault(error: unknown): Problem {
  if (error instanceof Fault) return faultProblem(error)
  throw error
}

const isGet = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD'

const isStream = ({ reply }: Route): boolean => reply[200] === 'text/event-stream'

const isAnsweredBy = (request: IncomingMessage, row: Route): boolean =>
  request.method === row.method || (request.method === 'HEAD' && isGetOnce(row))

/** A HEAD of a stream would never end. */
const isGetOnce = (row: Route): boolean => row.method === 'GET' && !isStream(row)

function notFound(matches: readonly Match[]): Problem {
  if (matches.length === 0) return problem('not-found')
  const allowed = matches.flatMap(({ route }) =>
    isGetOnce(route) ? ['GET', 'HEAD'] : [route.method]
  )
  return problem('method-not-allowed', { headers: { Allow: allowed.join(', ') } })
}

function answerPage(desk: Desk, ask: Ask, page: Page): void {
  const fault = roleFault(desk, ask.request, page.role)
  if (fault) writeAnswer(ask, fault)
  else writePage(ask, page)
}

async function answerCall(
  desk: Desk,
  { request, response, query }: Ask,
  { route, params }: Match
): Promise<Answer | undefined> {
  const fault = accessFault(desk, request, route)
  if (fault) return fault
  const body = await bodyOf(request, response)
  if (body === undefined || isProblem(body)) return body
  return route.answer(
    {
      params,
      query: queryOf(query),
      body: body.value,
      idempotencyKey: headerOf(request, 'idempotency-key'),
      lastEventId: headerOf(request, 'last-event-id')
    },
    desk.shop
  )
}

function accessFault(desk: Desk, request: IncomingMessage, row: Route): Problem | undefined {
  const site = row.method === 'POST' || isStream(row) ? siteFault(request) : undefined
  return site ?? roleFault(desk, request, row.role)
}

function roleFault(desk: Desk, request: IncomingMessage, role: Role): Problem | undefined {
  if (!mayCall(desk.roleOf(request), role)) return problem('not-here')
  // Whoever stands at the machine is never kept waiting by the crowd outside.
  if (role !== 'customer' || isFromThisMachine(request)) return undefined
  return desk.limiter(request.socket.remoteAddress ?? '')
}

/** Undefined when the client went away. A call without a body says `{}`. */
async function bodyOf(
  request: IncomingMessage,
  response: ServerResponse
): Promise<{ readonly value: unknown } | Problem | undefined> {
  const bytes = await readBody(request, () => {
    if (request.headers.expect !== undefined) response.writeContinue()
  })
  if (bytes === undefined || isProblem(bytes)) return bytes
  if (bytes.length === 0) return { value: {} }
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) return problem('not-json')
  return parseJson(bytes)
}

/** RFC 9112 3.2: a path, or a whole URL as a proxy sends it. */
function targetOf({ url = '' }: IncomingMessage) {
  const [target = '', ...query] = url.replace(/^https?:\/\/[^/?]*/i, '').split('?')
  return { path: target || '/', query: new URLSearchParams(query.join('?')) }
}

/** A name that is there twice becomes a list, which no shape takes. */
const queryOf = (query: URLSearchParams): Record<string, unknown> =>
  Object.fromEntries(
    [...new Set(query.keys())].map(name => {
      const values = query.getAll(name)
      return [name, values.length === 1 ? values[0] : values]
    })
  )

const headerOf = ({ headersDistinct }: IncomingMessage, name: string): string | undefined =>
  headersDistinct[name]?.join(', ')
