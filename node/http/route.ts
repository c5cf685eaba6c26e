import type { ServerResponse } from 'node:http'
import * as v from 'valibot'
import type { Refusal } from '../core/refusal.ts'
import { type Problem, type ProblemName, problem } from './problem.ts'
import type { Shop } from './shop.ts'

export type Role = 'customer' | 'helper' | 'keeper' | 'technician' | 'hub'

/** A decoded request, as its handler sees it. */
interface Call<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly idempotencyKey: string | undefined
  readonly lastEventId: string | undefined
}

type Headers = Readonly<Record<string, string>>

export interface JsonAnswer {
  readonly status: number
  readonly json: unknown
  readonly headers?: Headers
}

export type Answer =
  | JsonAnswer
  | { readonly status: number; readonly text: string; readonly contentType: string }
  /** Takes the response over and keeps it open. False when there are too many streams already. */
  | { readonly stream: (response: ServerResponse) => boolean }
  | Problem

type Shape = v.GenericSchema<unknown, unknown>
type Out<Schema extends Shape> = v.InferOutput<Schema>
/** A reply's shape, or the media type of one that is not JSON. */
export type ReplyShape = v.GenericSchema | 'text/event-stream' | 'text/plain' | 'application/json'

interface RowWords {
  readonly method: 'GET' | 'POST'
  /** `{name}` stands for one segment. */
  readonly path: string
  /** Whom the row is for; `access.ts` knows who else may call it. */
  readonly role: Role
  readonly summary: string
  readonly reply: Readonly<Record<number, ReplyShape>>
  readonly errors: readonly (ProblemName | Refusal['refused'])[]
  /** Takes an `Idempotency-Key`, and sending the same again changes nothing. */
  readonly isIdempotent?: boolean
  /** Left out where the stall has no such part. */
  readonly isHere?: (shop: Shop) => boolean
}

interface RowShapes<Params extends Shape, Query extends Shape, Body extends Shape> {
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  readonly handle: (
    call: Call<Out<Params>, Out<Query>, Out<Body>>,
    shop: Shop
  ) => Answer | Promise<Answer>
}

/** What came in, before anything is believed of it. */
interface RawCall extends Call<unknown, unknown, unknown> {}

/** A row of the table: one call, all there is to know of it. */
export interface Route extends RowWords {
  readonly params: Shape
  readonly query: Shape
  readonly body: Shape
  readonly answer: (call: RawCall, shop: Shop) => Answer | Promise<Answer>
}

const Nothing = v.strictObject({})

/** Makes a row whose handler sees only what its shapes let through. */
export function route<
  Params extends Shape = typeof Nothing,
  Query extends Shape = typeof Nothing,
  Body extends Shape = typeof Nothing
>(row: RowWords & RowShapes<Params, Query, Body>): Route {
  const { params = Nothing, query = Nothing, body = Nothing, handle, ...words } = row
  const answer = (call: RawCall, shop: Shop) => {
    const inParams = v.safeParse(params, call.params, EARLY)
    if (!inParams.success) return invalid('the address', inParams.issues[0])
    const inQuery = v.safeParse(query, call.query, EARLY)
    if (!inQuery.success) return invalid('the query', inQuery.issues[0])
    const inBody = v.safeParse(body, call.body, EARLY)
    if (!inBody.success) return invalid('the body', inBody.issues[0])
    // The defaults stand in exactly where the caller of `route` named no shape of its own.
    const decoded = { params: inParams.output, query: inQuery.output, body: inBody.output }
    return handle({ ...call, ...(decoded as Decoded<Params, Query, Body>) }, shop)
  }
  return { ...words, params, query, body, answer }
}

type Decoded<Params extends Shape, Query extends Shape, Body extends Shape> = {
  readonly params: Out<Params>
  readonly query: Out<Query>
  readonly body: Out<Body>
}

/** One fault is enough: a hostile body could hold thousands. */
const EARLY = { abortEarly: true, abortPipeEarly: true } as const

function invalid(where: string, issue: v.BaseIssue<unknown>): Problem {
  const keys = issue.path?.map(({ key }) => String(key)) ?? []
  const pointer = keys.map(key => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  const at = keys.length > 0 ? `"${keys.join('.').slice(0, 100)}" in ${where}` : where
  return problem('invalid-request', {
    detail: `${at[0]?.toUpperCase()}${at.slice(1)} ${wordsOf(issue)}.`.slice(0, 300),
    errors: [{ pointer: pointer.slice(0, 200), code: issue.type }]
  })
}

/** The shapes' own checks say what they expect; valibot's say its type. */
function wordsOf({ kind, type, message, expected, path }: v.BaseIssue<unknown>): string {
  if (kind === 'validation') return `must be ${message}`
  if (expected === 'never') return 'is not a name that this call knows'
  const isMissing = type === 'strict_object' && expected === `"${path?.at(-1)?.key}"`
  return isMissing ? 'is missing' : `must be ${expected ?? message}`
}

/** Finds rows by method and path. Built once; looks at rows of the same length only. */
export function matcher(routes: readonly Route[]) {
  const rows = routes.map(row => ({ row, segments: row.path.split('/') }))
  return (path: string): readonly Match[] => {
    const asked = path.split('/')
    return rows.flatMap(({ row, segments }) => {
      const params = segments.length === asked.length ? paramsOf(segments, asked) : undefined
      return params ? [{ route: row, params }] : []
    })
  }
}

export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

function paramsOf(segments: readonly string[], asked: readonly string[]) {
  const params: Record<string, string> = {}
  for (const [at, segment] of segments.entries()) {
    const value = asked[at] ?? ''
    if (segment.startsWith('{')) params[segment.slice(1, -1)] = value
    else if (segment !== value) return undefined
  }
  return params
}
