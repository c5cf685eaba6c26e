import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { matcher } from '../../node/http/route.ts'
import { routes } from '../../node/http/routes.ts'
import { type Answer, ask, valueAt } from './ask.ts'

/**
 * HTTP behaviour as plain text. A block is a request, then what must be true of its answer:
 *
 *     POST /api/v1/sales          method and path
 *     Content-Type: text/plain    headers; `Host` too
 *     | {"id": ...}               the body, one line after another
 *     code == 201
 *     header ETag == "x"          also `~` for a pattern and `!` for absent
 *     json .receipt.total == 650  a path into the body and a JSON value; also `~` and `!`
 *     text ~ sales_total          the body as text
 *
 * Blocks are parted by empty lines; `#` begins a comment.
 */
export async function runScript(script: string, port: number): Promise<void> {
  let blocks = 0
  for (const block of script.split(/\n\s*\n/)) {
    const lines = block.split('\n').filter(line => line.trim() !== '' && !line.startsWith('#'))
    const [start, ...rest] = lines
    if (start === undefined) continue
    const body = rest.flatMap(line => (line.startsWith('| ') ? [line.slice(2)] : []))
    const headers = rest.flatMap(line => {
      const [, name, value] = /^([A-Z][\w-]*): (.*)$/.exec(line) ?? []
      return name !== undefined && value !== undefined ? [[name, value] as const] : []
    })
    const checks = rest.filter(line => /^(code|header|json|text) /.test(line))
    assert.is(
      body.length + headers.length + checks.length,
      rest.length,
      `A line of this block says nothing:\n${block}`
    )
    assert.ok(checks.length > 0, `This block checks nothing:\n${block}`)
    const [method, path] = start.split(' ')
    const answer = await ask({
      port,
      method,
      path,
      headers: Object.fromEntries(headers),
      body: body.join('\n')
    })
    assertInShape(method ?? '', path ?? '', answer)
    for (const check of checks) {
      assert.ok(holds(check, answer), `${start}: ${check}\nbut got ${show(answer)}`)
    }
    blocks += 1
  }
  assert.ok(blocks > 0, 'The script asks nothing')
}

const match = matcher(routes)

/** Whatever a block checks, its answer must have the shape that the route table promises. */
export function assertInShape(method: string, path: string, { code, text }: Answer): void {
  const found = match(path.split('?')[0] ?? '').find(({ route }) => route.method === method)
  const shape = found?.route.reply[code]
  if (code >= 400 && shape === undefined) return
  if (!found || shape === undefined) assert.is(method, 'HEAD', `${method} ${path}: no ${code}`)
  else if (typeof shape !== 'string') {
    const { issues = [] } = v.safeParse(shape, JSON.parse(text))
    assert.equal(
      issues.map(issue => v.getDotPath(issue)),
      [],
      `${method} ${path}: ${text}`
    )
  }
}

function holds(check: string, answer: Answer): boolean {
  const [, kind = '', what = '', sign, value = ''] =
    /^(code|header|json|text) (?:(\S+) )?(==|~|!)(?: (.*))?$/.exec(check) ?? []
  const found = part(answer, kind, what)
  if (sign === '!') return found === undefined
  if (sign === '~') return new RegExp(value).test(textOf(found))
  const wanted = kind === 'header' ? value : JSON.parse(value)
  return JSON.stringify(found) === JSON.stringify(wanted)
}

function part({ code, headers, text }: Answer, kind: string, what: string): unknown {
  if (kind === 'code') return code
  if (kind === 'header') return headers[what.toLowerCase()]
  return kind === 'json' ? valueAt(JSON.parse(text), what) : text
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)

const show = ({ code, headers, text }: Answer): string =>
  `${code} ${JSON.stringify(headers)}\n${text.slice(0, 2_000)}`
