import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TillPatch, TillView } from '../../node/core/till.ts'
import { assertInShape } from '../http/script.ts'
import { nightMarket } from './night-market.ts'

/**
 * The pages and a live stream that says whatever a test orders, for states of a stall that nobody
 * can bring about on a real one. It takes sales, in the shape that the real route table promises,
 * and nothing else; whatever is about selling is tested at a real stall.
 */
export interface FakeBox {
  readonly url: string
  readonly patch: (patch: TillPatch) => void
  readonly down: () => Promise<void>
  /** Throws when an answer was not in the shape of the real one. */
  readonly close: () => Promise<void>
}

const PAGES = new URL('../../pages/', import.meta.url)
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml'
}

export async function openFakeBox({ marketKey = '' } = {}): Promise<FakeBox> {
  const { stream, patch, book } = openStreams(nightMarket())
  const faults: unknown[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', 'http://till')
    if (pathname === '/api/v1/live') return stream(response)
    if (!pathname.startsWith('/api/')) return serve({ pathname, response, marketKey })
    const isSale = request.method === 'POST' && pathname === '/api/v1/sales'
    if (!isSale) return void response.writeHead(404).end('{}')
    const text = JSON.stringify(book(await readSale(request)))
    assertInShape('POST', pathname, { code: 201, headers: {}, text })
    response.writeHead(201, { 'content-type': 'application/json' }).end(text)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(error => {
      faults.push(error)
      response.destroy()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const down = () => stop(server)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    patch,
    down,
    close: async () => {
      await down()
      if (faults.length > 0) throw faults[0]
    }
  }
}

const stop = (server: Server): Promise<void> =>
  new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

interface SaleRequest {
  readonly id: string
  readonly lines: readonly { readonly quantity: number; readonly unit_price: number }[]
}

async function readSale(request: IncomingMessage): Promise<SaleRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString()) as SaleRequest
}

function openStreams(first: TillView) {
  const streams = new Set<ServerResponse>()
  let view = first
  let sales = 0
  const write = (stream: ServerResponse, event: string, body: unknown) =>
    stream.write(`event: ${event}\ndata: ${JSON.stringify(body)}\n\n`)
  const emit = (event: string, body: unknown) => {
    for (const stream of streams) write(stream, event, body)
  }
  return {
    stream: (response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      write(response, 'view', view)
      write(response, 'paper', { lines: [] })
      streams.add(response)
      response.on('close', () => streams.delete(response))
    },
    patch: (patch: Omit<TillPatch, 'items' | 'withdrawn'>): void => {
      view = { ...view, ...patch }
      emit('patch', patch)
    },
    book: ({ id, lines }: SaleRequest): object => {
      sales += 1
      const number = `12-3-${sales}-K7`
      const total = lines.reduce((all, line) => all + line.quantity * line.unit_price, 0)
      emit('paper', {
        lines: [
          { text: "Mei's Bao", style: 'large' },
          { text: `No. ${number}`, style: 'plain' },
          { text: `TOTAL EUR ${(total / 100).toFixed(2)}`, style: 'strong' },
          { text: '', style: 'cut' }
        ]
      })
      const qr = `https://market.example/r#${'1234567890'.repeat(40)}`
      const receipt = { number, total, tax: 0, change: 0, qr, printed: true }
      return { id, receipt, entry: { log: '00'.repeat(8), seq: sales } }
    }
  }
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
