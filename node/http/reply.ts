import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Page } from './pages.ts'
import { isProblem, PROBLEM_TYPE, type Problem, problem, problemJson } from './problem.ts'
import type { Answer } from './route.ts'

/** How answers become bytes. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The path that was asked for, for a problem's `instance`. */
  readonly path: string
}

/** What every answer says, whatever it is (OWASP secure headers, Fetch 3.7). */
export function secure(response: ServerResponse): void {
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  )
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
}

export function writeAnswer(exchange: Exchange, answer: Answer): void {
  if (isProblem(answer)) writeProblem(exchange, answer)
  else if ('stream' in answer) {
    const isOpen = answer.stream(exchange.response)
    if (!isOpen) writeProblem(exchange, problem('too-many-connections'))
  } else if ('text' in answer) {
    const { status, text, contentType } = answer
    writeText(exchange, { status, headers: { 'Content-Type': contentType }, text })
  } else {
    const headers = { ...answer.headers, 'Content-Type': 'application/json; charset=utf-8' }
    writeText(exchange, { status: answer.status, headers, text: JSON.stringify(answer.json) })
  }
}

export function writePage({ request, response }: Exchange, page: Page): void {
  const isGzipTaken = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(
    String(request.headers['accept-encoding'] ?? '')
  )
  const bytes = (isGzipTaken ? page.gzipped : undefined) ?? page.plain
  const headers = { ...page.headers, ETag: page.etag, Vary: 'Accept-Encoding' }
  if (request.headers['if-none-match'] === page.etag) {
    response.writeHead(304, headers).end()
    return
  }
  response.writeHead(200, {
    ...headers,
    ...(bytes === page.plain ? {} : { 'Content-Encoding': 'gzip' }),
    'Content-Length': bytes.length
  })
  response.end(bytes)
}

function writeProblem(exchange: Exchange, answer: Problem): void {
  const { status } = answer
  const isForEyes = wantsPage(exchange)
  const type = isForEyes ? 'text/html; charset=utf-8' : PROBLEM_TYPE
  const headers = { ...answer.headers, 'Content-Type': type }
  const text = isForEyes ? problemPage(answer) : problemJson(answer, exchange.path)
  if (isWholeIn(exchange.request)) writeText(exchange, { status, headers, text })
  else {
    const rest = drained(exchange)
    writeText(exchange, { status, headers: { ...headers, Connection: 'close' }, text, rest })
  }
}

/** RFC 9112 6.3: without one of these headers a request ends where its headers do. */
const isWholeIn = ({ complete, headers }: IncomingMessage): boolean =>
  complete || (headers['transfer-encoding'] === undefined && !Number(headers['content-length']))

/** Somebody typed an address: programs ask below /api, and pages ask for JSON. */
const wantsPage = ({ request, path }: Exchange): boolean =>
  !path.startsWith('/api/') && /\btext\/html\b/.test(request.headers.accept ?? '')

/** The words are ours alone; nothing of the request is in them. */
const problemPage = ({ title, detail, fix }: Problem): string =>
  '<!doctype html><html lang="en"><meta charset="utf-8">' +
  '<meta name="viewport" content="width=device-width">' +
  `<title>${title}</title><h1>${title}</h1><p>${detail}</p><p>${fix}</p></html>`

interface Written {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** What to wait for before the connection is given up. */
  readonly rest?: Promise<void>
}

function writeText({ response }: Exchange, { status, headers, text, rest }: Written): void {
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    ...headers,
    'Content-Length': Buffer.byteLength(text)
  })
  if (!rest) {
    response.end(text)
    return
  }
  response.write(text)
  void rest.then(() => response.end())
}

/** What is read of a body that nobody wants, and for how long. */
const DRAIN_BYTES_MAX = 1024 * 1024
const DRAIN_MS_MAX = 2_000

/**
 * Reads a refused body on, within limits. A connection closed on unread bytes is reset, and a
 * reset may overtake the answer before the client has read why (RFC 9112 9.6).
 */
function drained({ request }: Exchange): Promise<void> {
  return new Promise(resolve => {
    let left = DRAIN_BYTES_MAX
    const timer = setTimeout(resolve, DRAIN_MS_MAX)
    const settle = () => {
      clearTimeout(timer)
      resolve()
    }
    request.on('end', settle).on('close', settle)
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) settle()
    })
  })
}
