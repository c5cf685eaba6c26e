import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PrintJob } from '../../node/core/ports.ts'
import type { TillPatch, TillView } from '../../node/core/till.ts'
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

export interface SaleRequest {
  readonly id: string
  readonly lines: readonly {
    sku: string | null
    quantity: number
    unit_price: number
    name?: string
  }[]
  readonly discount?: { readonly amount: number; readonly reason: string }
  readonly tenders: readonly { method: string; amount: number; reference?: string }[]
  readonly age_ms: number
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
  let view = options.view ?? nightMarket()
  let refusal: object | null = null
  let answersToLose = 0
  let port = 0
  let eventId = 0
  let paper: readonly string[] = []
  const streams = new Set<ServerResponse>()
  const arrived: SaleRequest[] = []
  const booked = new Map<string, SaleRequest>()
  const voided = new Set<string>()

  const emit = (event: string, body: unknown) => {
    eventId += 1
    for (const stream of streams) {
      stream.write(`id: ${eventId}\nevent: ${event}\ndata: ${JSON.stringify(body)}\n\n`)
    }
  }
  const patch = (next: TillPatch) => {
    const { items = [], withdrawn: _, ...parts } = next
    const changed = new Map(items.map(item => [item.sku, item]))
    view = { ...view, ...parts, items: view.items.map(item => changed.get(item.sku) ?? item) }
    emit('patch', next)
  }
  const totalOf = (sale: SaleRequest) =>
    sale.lines.reduce((all, line) => all + line.quantity * line.unit_price, 0) -
    (sale.discount?.amount ?? 0)

  const book = (sale: SaleRequest) => {
    booked.set(sale.id, sale)
    const total = totalOf(sale)
    const number = `12-3-${booked.size}-K7`
    const nameOf = (sku: string | null) => view.items.find(item => item.sku === sku)?.name
    const lines = sale.lines.map(({ sku, name, quantity }) => ({
      name: nameOf(sku) ?? name ?? '',
      quantity
    }))
    const change = sale.tenders.reduce((all, each) => all + each.amount, 0) - total
    const slip = paperOf({ number, lines, total, change })
    paper = [...paper, ...slip]
    patch({
      recent: [
        {
          sale: sale.id,
          number,
          at: Date.now() - sale.age_ms,
          total,
          change,
          tenders: sale.tenders,
          lines,
          isVoided: false
        },
        ...view.recent
      ].slice(0, 20) as unknown as TillView['recent'],
      items: view.items.flatMap(item => {
        const sold = sale.lines.filter(line => line.sku === item.sku)
        return sold.length === 0
          ? []
          : {
              ...item,
              stock: (item.stock ?? 0) - sold.reduce((all, line) => all + line.quantity, 0)
            }
      })
    })
    emit('paper', { lines: slip })
  }
  const receipt = (id: string) => ({
    id,
    receipt: {
      number: view.recent.find(sale => sale.sale === id)?.number ?? '',
      qr: `https://market.example/r#${'1234567890'.repeat(40)}`,
      printed: true
    },
    entry: { log: '00'.repeat(8), seq: booked.size }
  })

  const routes: readonly [RegExp, (args: Call) => Answer][] = [
    [
      /^POST \/api\/v1\/sales$/,
      ({ body }) => {
        const sale = body as SaleRequest
        arrived.push(sale)
        if (refusal) return { status: 422, body: refusal }
        const isKnown = booked.has(sale.id)
        if (!isKnown) book(sale)
        if (answersToLose > 0) {
          answersToLose -= 1
          return { status: 0, body: null }
        }
        return { status: isKnown ? 200 : 201, body: receipt(sale.id) }
      }
    ],
    [
      /^GET \/api\/v1\/sales\/(\w+)$/,
      ({ match }) => ({ status: 200, body: receipt(match[1] ?? '') })
    ],
    [
      /^POST \/api\/v1\/sales\/(\w+)\/void$/,
      ({ match }) => {
        const id = match[1] ?? ''
        if (!booked.has(id))
          return { status: 404, body: { detail: 'Nothing has this id.', do: '' } }
        voided.add(id)
        patch({
          recent: view.recent.map(sale => (sale.sale === id ? { ...sale, isVoided: true } : sale))
        })
        return { status: 200, body: { id } }
      }
    ],
    [
      /^POST \/api\/v1\/sales\/(\w+)\/print-outcome$/,
      ({ match }) => {
        const jobs = view.printing.jobs.filter(job => job.sale !== match[1])
        patch({ printing: { ...view.printing, jobs } })
        return { status: 200, body: {} }
      }
    ],
    [
      /^POST \/api\/v1\/baskets$/,
      ({ body }) => {
        const { id, name, lines, discount } = body as Parked
        const named = lines.map(({ unit_price: unitPrice, tax_class, ...line }) => {
          const item = view.items.find(each => each.sku === line.sku)
          return {
            name: item?.name ?? '',
            taxClass: item?.taxClass ?? tax_class ?? '',
            unitPrice,
            ...line
          }
        })
        const parked = {
          basket: id,
          name,
          at: Date.now(),
          lines: named,
          ...(discount ? { discount } : {})
        }
        patch({ parked: [...view.parked, parked] as unknown as TillView['parked'] })
        return { status: 201, body: { id } }
      }
    ],
    [
      /^POST \/api\/v1\/baskets\/(\w+)\/take$/,
      ({ match }) => {
        patch({ parked: view.parked.filter(basket => basket.basket !== match[1]) })
        return { status: 200, body: {} }
      }
    ],
    [
      /^POST \/api\/v1\/sessions\/open$/,
      ({ body }) => {
        patch({
          session: {
            ...nightMarket().session,
            float: (body as { float: number }).float
          } as TillView['session']
        })
        return { status: 201, body: {} }
      }
    ],
    [
      /^POST \/api\/v1\/sessions\/close$/,
      ({ body }) => {
        patch({ session: null })
        return {
          status: 201,
          body: { cash: 12_050, counted: (body as { counted: number }).counted }
        }
      }
    ],
    [
      /^POST \/api\/v1\/(cash|stock|sim\/printer|sales\/\w+\/copy)$/,
      () => ({ status: 200, body: {} })
    ]
  ]

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://till')
    if (pathname === '/api/v1/live') return void stream(response)
    if (!pathname.startsWith('/api/'))
      return serve({ pathname, response, marketKey: options.marketKey ?? '' })
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString() || 'null')
    for (const [pattern, handle] of routes) {
      const match = pattern.exec(`${request.method} ${pathname}`)
      if (!match) continue
      const { status, body: said } = handle({ match, body })
      if (status === 0) return void request.socket.destroy()
      response.writeHead(status, { 'content-type': 'application/json' })
      return void response.end(JSON.stringify(said))
    }
    response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
  }

  function stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`retry: 300\n\nid: ${eventId}\nevent: view\ndata: ${JSON.stringify(view)}\n\n`)
    response.write(`event: paper\ndata: ${JSON.stringify({ lines: paper })}\n\n`)
    streams.add(response)
    response.on('close', () => streams.delete(response))
  }

  let server: Server | null = null
  const up = async () => {
    const next = createServer((request, response) => {
      answer(request, response).catch(error => response.destroy(error))
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
    arrived: () => arrived,
    booked: () => booked,
    voided: () => voided,
    view: () => view,
    patch,
    refuse: problem => {
      refusal = problem
    },
    loseAnswers: count => {
      answersToLose = count
    },
    up,
    down,
    close: down
  }
}

interface Call {
  readonly match: RegExpExecArray
  readonly body: unknown
}

interface Answer {
  /** 0 breaks the connection without a word. */
  readonly status: number
  readonly body: unknown
}

interface Parked {
  readonly id: string
  readonly name: string
  readonly lines: readonly {
    sku: string | null
    quantity: number
    unit_price: number
    tax_class?: string
  }[]
  readonly discount?: object
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

function paperOf(sale: {
  readonly number: string
  readonly lines: readonly { readonly name: string; readonly quantity: number }[]
  readonly total: number
  readonly change: number
}): string[] {
  const pair = (left: string, amount: number) =>
    left.padEnd(24) + (amount / 100).toFixed(2).padStart(8)
  return [
    "           Mei's Bao            ",
    '     Alley Night Market 07      ',
    `No. ${sale.number}`,
    '-'.repeat(32),
    ...sale.lines.map(({ name, quantity }) => `${quantity} x ${name}`),
    '-'.repeat(32),
    pair('TOTAL EUR', sale.total),
    pair('Change', sale.change),
    '',
    ''
  ]
}

export const unknownJob = (sale: string): PrintJob => ({
  sale,
  number: `12-3-${sale}-K7`,
  copy: 1,
  state: 'unknown'
})
