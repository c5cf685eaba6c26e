import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { PROBLEM_TYPE, PROBLEM_WORDS, type ProblemName } from './problem.ts'
import { REFUSALS } from './refusals.ts'
import type { ReplyShape, Route } from './route.ts'

/** The route table as an OpenAPI 3.1 document. */
export const openApi = (routes: readonly Route[]): object => ({
  openapi: '3.1.0',
  info: {
    title: 'stallmesh',
    version: '1',
    summary: 'One stall: sells, prints, keeps a signed ledger.',
    description:
      'Money is in minor units of the currency. Times are RFC 3339 UTC. Until devices can be ' +
      'paired, calls for anybody but customers answer only to the machine itself.'
  },
  paths: Object.fromEntries(
    [...new Set(routes.map(({ path }) => path))].map(path => [
      path,
      Object.fromEntries(
        routes.filter(row => row.path === path).map(row => [row.method.toLowerCase(), call(row)])
      )
    ])
  ),
  components: {
    schemas: { Problem: PROBLEM },
    responses: {
      Problem: {
        description: 'Why not, and what to do',
        content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } }
      }
    }
  }
})

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457, and what to do about it.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'do', 'retryable'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    do: { type: 'string' },
    retryable: { type: 'boolean' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { pointer: { type: 'string' }, code: { type: 'string' } }
      }
    }
  }
}

const call = (row: Route) => ({
  operationId: operationId(row),
  summary: row.summary,
  'x-role': row.role,
  parameters: parametersOf(row),
  ...(row.method === 'POST'
    ? { requestBody: { required: isNeeded(row.body), content: content(row.body) } }
    : {}),
  responses: { ...repliesOf(row), ...problemsOf(row) }
})

/** `POST /api/v1/sales/{id}/void` is `postSalesIdVoid`. */
const operationId = ({ method, path }: Route): string =>
  method.toLowerCase() +
  path
    .replace('/api/v1', '')
    .replace(/[^a-z0-9]+([a-z0-9]?)/gi, (_, letter: string) => letter.toUpperCase())

function parametersOf({ params, query, isIdempotent }: Route) {
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Names what is asked for: the same again is answered with the first answer. Where the ' +
      'body has an id, it is that id.',
    schema: { type: 'string', pattern: '^[0-9a-f]{32}$' }
  }
  return [
    ...named(params).map(({ name, schema }) => ({ name, in: 'path', required: true, schema })),
    ...named(query).map(({ name, schema }) => ({ name, in: 'query', schema })),
    ...(isIdempotent ? [key] : [])
  ]
}

const named = (shape: GenericSchema) =>
  Object.entries(schemaOf(shape).properties ?? {}).map(([name, schema]) => ({ name, schema }))

const isNeeded = (body: GenericSchema): boolean => {
  const { type, required, anyOf } = schemaOf(body)
  return anyOf !== undefined || (type === 'object' && (required?.length ?? 0) > 0)
}

const repliesOf = ({ reply }: Route) =>
  Object.fromEntries(
    Object.entries(reply).map(([status, shape]) => [
      status,
      { description: REPLY_WORDS[status] ?? 'Done', content: content(shape) }
    ])
  )

const REPLY_WORDS: Readonly<Record<string, string>> = {
  200: 'Done, or done before',
  201: 'Done, and safe on disk',
  503: 'Not now'
}

const content = (shape: ReplyShape) =>
  typeof shape === 'string' ? { [shape]: {} } : { 'application/json': { schema: schemaOf(shape) } }

/** What may go wrong with this row, and what may go wrong with any. */
function problemsOf({ errors, method, role, reply }: Route) {
  const common: readonly ProblemName[] = [
    'invalid-request',
    'wrong-host',
    'too-many-connections',
    'closing',
    ...(role === 'customer' ? (['too-many-requests'] as const) : (['not-here'] as const)),
    ...(method === 'POST'
      ? (['malformed-json', 'body-too-large', 'not-json', 'cross-site', 'request-timeout'] as const)
      : [])
  ]
  const words = { ...PROBLEM_WORDS, ...REFUSALS }
  const names = [...new Set([...common, ...errors])]
  const statuses = [...new Set(names.map(name => words[name].status))].sort((a, b) => a - b)
  return Object.fromEntries(
    statuses
      .filter(status => !(status in reply))
      .map(status => [
        String(status),
        {
          // In OpenAPI 3.1 a reference may have a description of its own.
          $ref: '#/components/responses/Problem',
          description: names
            .filter(name => words[name].status === status)
            .map(name => `\`${name}\``)
            .join(', ')
        }
      ])
  )
}

function schemaOf(shape: GenericSchema) {
  const { $schema: _, ...schema } = toJsonSchema(shape, {
    target: 'draft-2020-12',
    typeMode: 'input',
    errorMode: 'ignore'
  })
  return schema
}
