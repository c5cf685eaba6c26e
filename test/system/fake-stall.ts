import type { PrintJob } from '../../node/core/ports.ts'
import type { TillPatch, TillView } from '../../node/core/till.ts'
import { nightMarket } from './night-market.ts'

/** What the simulated stall knows and does; its calls are the table below. */
export interface World {
  view: TillView
  readonly arrived: SaleRequest[]
  readonly booked: Map<string, SaleRequest>
  readonly voided: Set<string>
  refusal: object | null
  answersToLose: number
  readonly patch: (patch: TillPatch) => void
  readonly print: (lines: readonly string[]) => void
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

export const ROUTES: readonly (readonly [RegExp, (call: Call) => Answer])[] = [
  [
    /^POST \/api\/v1\/sales$/,
    ({ world, body }) => {
      const sale = body as SaleRequest
      world.arrived.push(sale)
      if (world.refusal) return { status: 422, body: world.refusal }
      const isKnown = world.booked.has(sale.id)
      if (!isKnown) book(world, sale)
      if (world.answersToLose > 0) {
        world.answersToLose -= 1
        return { status: 0, body: null }
      }
      return { status: isKnown ? 200 : 201, body: receipt(world, sale.id) }
    }
  ],
  [
    /^GET \/api\/v1\/sales\/(\w+)$/,
    ({ world, match }) => ({ status: 200, body: receipt(world, match[1] ?? '') })
  ],
  [
    /^POST \/api\/v1\/sales\/(\w+)\/void$/,
    ({ world, match }) => {
      const id = match[1] ?? ''
      if (!world.booked.has(id))
        return { status: 404, body: { detail: 'Nothing has this id.', do: '' } }
      world.voided.add(id)
      world.patch({
        recent: world.view.recent.map(sale =>
          sale.sale === id ? { ...sale, isVoided: true } : sale
        )
      })
      return { status: 200, body: { id } }
    }
  ],
  [
    /^POST \/api\/v1\/sales\/(\w+)\/print-outcome$/,
    ({ world, match }) => {
      const jobs = world.view.printing.jobs.filter(job => job.sale !== match[1])
      world.patch({ printing: { ...world.view.printing, jobs } })
      return { status: 200, body: {} }
    }
  ],
  [
    /^POST \/api\/v1\/baskets$/,
    ({ world, body }) => {
      const { id, name, lines, discount } = body as Parked
      const named = lines.map(({ unit_price: unitPrice, tax_class, ...line }) => {
        const item = world.view.items.find(each => each.sku === line.sku)
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
      world.patch({ parked: [...world.view.parked, parked] as unknown as TillView['parked'] })
      return { status: 201, body: { id } }
    }
  ],
  [
    /^POST \/api\/v1\/baskets\/(\w+)\/take$/,
    ({ world, match }) => {
      world.patch({ parked: world.view.parked.filter(basket => basket.basket !== match[1]) })
      return { status: 200, body: {} }
    }
  ],
  [
    /^POST \/api\/v1\/sessions\/open$/,
    ({ world, body }) => {
      world.patch({
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
    ({ world, body }) => {
      world.patch({ session: null })
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

export interface Call {
  readonly world: World
  readonly match: RegExpExecArray
  readonly body: unknown
}

export interface Answer {
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

function book(world: World, sale: SaleRequest): void {
  world.booked.set(sale.id, sale)
  const total = totalOf(sale)
  const number = `12-3-${world.booked.size}-K7`
  const nameOf = (sku: string | null) => world.view.items.find(item => item.sku === sku)?.name
  const lines = sale.lines.map(({ sku, name, quantity }) => ({
    name: nameOf(sku) ?? name ?? '',
    quantity
  }))
  const change = sale.tenders.reduce((all, each) => all + each.amount, 0) - total
  const slip = paperOf({ number, lines, total, change })
  world.patch({
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
      ...world.view.recent
    ].slice(0, 20) as unknown as TillView['recent'],
    items: world.view.items.flatMap(item => {
      const sold = sale.lines.filter(line => line.sku === item.sku)
      return sold.length === 0
        ? []
        : {
            ...item,
            stock: (item.stock ?? 0) - sold.reduce((all, line) => all + line.quantity, 0)
          }
    })
  })
  world.print(slip)
}

const totalOf = (sale: SaleRequest): number =>
  sale.lines.reduce((all, line) => all + line.quantity * line.unit_price, 0) -
  (sale.discount?.amount ?? 0)

const receipt = (world: World, id: string) => ({
  id,
  receipt: {
    number: world.view.recent.find(sale => sale.sale === id)?.number ?? '',
    qr: `https://market.example/r#${'1234567890'.repeat(40)}`,
    printed: true
  },
  entry: { log: '00'.repeat(8), seq: world.booked.size }
})

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
