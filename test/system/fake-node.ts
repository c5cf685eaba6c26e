import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TillPatch, TillView } from '../../node/core/till.ts'
import { ROUTES, type SaleRequest, type World } from './fake-stall.ts'
import { nightMarket } from './night-market.ts'

/**
 * A stall that answers as `GET /api/v1/live` and `POST /api/v1/sales` do, whose bad nights a test
 * can order. The till's tests take it through `Box` only, so the real node can stand in its place.
 */
export interface Box {
  readonly url: string
  /** Every request for a sale, in order, as it arrived. */
  readonly arrived: () => readonly SaleRequest[]
  /** The sales that count, by id. */
  readonly booked: () => ReadonlyMap<string, SaleRequest>
  readonly voided: () => ReadonlySet<string>
  readonly down: () => Promise<void>
  readonly up: () => Promise<void>
  readonly close: () => Promise<void>
}

/** What only a simulated stall can be told to do. */
export interface FakeBox extends Box {
  readonly patch: (patch: TillPatch) => void
  readonly view: () => TillView
  /** The next sales are refused with this problem, until null. */
  readonly refuse: (problem: object | null) => void
  /** Breaks the connection after a sale is booked and before it is answered, so many times. */
  readonly loseAnswers: (count: number) => void
}

const PAGES = new URL('../../pages/', import.meta.url)
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml'
}

export async function openFakeBox(
  options: { readonly view?: TillView; readonly marketKey?: string } = {}
): Promise<FakeBox> {
  const { world, stream } = openWorld(options.view ?? nightMarket())
  const marketKey = options.marketKey ?? ''
  let port = 0
  let server: Server | null = null
  const up = async () => {
    const next = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://till')
      if (pathname === '/api/v1/live') return stream(response)
      const done = pathname.startsWith('/api/')
        ? answer({ request, response, pathname, world })
        : serve({ pathname, response, marketKey })
      done.catch(error => response.destroy(error))
    })
    await new Promise<void>(resolve => next.listen(port, '127.0.0.1', resolve))
    port = (next.address() as AddressInfo).port
    server = next
  }
  const down = async () => {
    const last = server
    server = null
    if (!last) return
    await new Promise<void>(resolve => {
      last.close(() => resolve())
      last.closeAllConnections()
    })
  }
  await up()
  return {
    url: `http://127.0.0.1:${port}`,
    arrived: () => world.arrived,
    booked: () => world.booked,
    voided: () => world.voided,
    view: () => world.view,
    patch: world.patch,
    refuse: problem => {
      world.refusal = problem
    },
    loseAnswers: count => {
      world.answersToLose = count
    },
    up,
    down,
    close: down
  }
}

function openWorld(view: TillView) {
  const streams = new Set<ServerResponse>()
  let eventId = 0
  let paper: readonly string[] = []
  const emit = (event: string, body: unknown) => {
    eventId += 1
    for (const stream of streams) {
      stream.write(`id: ${eventId}\nevent: ${event}\ndata: ${JSON.stringify(body)}\n\n`)
    }
  }
  const world: World = {
    view,
    arrived: [],
    booked: new Map(),
    voided: new Set(),
    refusal: null,
    answersToLose: 0,
    patch: next => {
      const { items = [], withdrawn: _, ...parts } = next
      const changed = new Map(items.map(item => [item.sku, item]))
      const shown = world.view.items.map(item => changed.get(item.sku) ?? item)
      world.view = { ...world.view, ...parts, items: shown }
      emit('patch', next)
    },
    print: lines => {
      paper = [...paper, ...lines]
      emit('paper', { lines })
    }
  }
  const stream = (response: ServerResponse): void => {
    const whole = JSON.stringify(world.view)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`retry: 300\n\nid: ${eventId}\nevent: view\ndata: ${whole}\n\n`)
    response.write(`event: paper\ndata: ${JSON.stringify({ lines: paper })}\n\n`)
    streams.add(response)
    response.on('close', () => streams.delete(response))
  }
  return { world, stream }
}

async function answer(options: {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly pathname: string
  readonly world: World
}): Promise<void> {
  const { request, response, pathname, world } = options
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString() || 'null')
  for (const [pattern, handle] of ROUTES) {
    const match = pattern.exec(`${request.method} ${pathname}`)
    if (!match) continue
    const { status, body: said } = handle({ world, match, body })
    if (status === 0) return void request.socket.destroy()
    response.writeHead(status, { 'content-type': 'application/json' })
    return void response.end(JSON.stringify(said))
  }
  response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
}

async function serve(options: {
  readonly pathname: string
  readonly response: ServerResponse
  readonly marketKey: string
}): Promise<void> {
  const { pathname, response, marketKey } = options
  const file = { '/': 'till/index.html', '/r': 'check.html' }[pathname] ?? pathname.slice(1)
  const content = await readFile(new URL(file, PAGES)).catch(() => null)
  if (!content) return void response.writeHead(404).end()
  const isCheck = file === 'check.html'
  response.writeHead(200, {
    'content-type': TYPES[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    'cache-control': file.startsWith('assets/') ? 'max-age=31536000, immutable' : 'no-cache',
    ...(isCheck ? {} : { 'content-security-policy': "default-src 'self'" })
  })
  const filled = isCheck
    ? content.toString().replace('market" content=""', () => `market" content="${marketKey}"`)
    : content
  response.end(filled)
}
