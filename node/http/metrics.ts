import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { TurnListener } from '../core/ports.ts'

/** Prometheus text format 0.0.4: names, help, label values that come from a fixed set only. */
export interface Metrics {
  readonly countRequest: (request: {
    /** The row's path as the table has it, never the one that was asked for. */
    readonly route: string
    readonly method: string
    readonly status: number
    readonly seconds: number
  }) => void
  readonly observeTurn: TurnListener
  readonly text: () => string
  readonly close: () => void
}

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export interface Gauges {
  readonly ledgerEntries: () => number
  readonly printJobs: () => number
  readonly streams: () => number
}

/** A receipt that takes longer than this many later sales was not timed. */
const UNPRINTED_MAX = 500

export function openMetrics(gauges: Gauges): Metrics {
  const requests = openCounter()
  const requestSeconds = openHistogram([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5])
  const printSeconds = openHistogram([0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300])
  const outboxSeconds = openHistogram([1, 10, 60, 300, 1_800, 7_200, 43_200])
  const sales = { sold: 0, voided: 0 }
  const unprinted = new Map<string, number>()
  const lag = monitorEventLoopDelay({ resolution: 50 })
  lag.enable()

  const observeTurn: TurnListener = ({ entries }) => {
    for (const entry of entries) {
      if (entry.type === 'voided') sales.voided += 1
      if (entry.type === 'sold') {
        sales.sold += 1
        // Only a sale that a tablet had kept for a while says when it was sold.
        if (entry.soldAt !== undefined) outboxSeconds.observe((entry.at - entry.soldAt) / 1_000)
        unprinted.set(entry.sale, entry.at)
        const [oldest] = unprinted.size > UNPRINTED_MAX ? unprinted.keys() : []
        if (oldest !== undefined) unprinted.delete(oldest)
      }
      if (entry.type === 'printed' && entry.copy === 1) {
        const soldAt = unprinted.get(entry.sale)
        const isPaper = entry.outcome === 'printed' || entry.outcome === 'sent'
        if (soldAt !== undefined && isPaper) printSeconds.observe((entry.at - soldAt) / 1_000)
        unprinted.delete(entry.sale)
      }
    }
  }
  const text = () => {
    const memory = process.memoryUsage.rss()
    return [
      family('sales_total', 'counter', 'Sales booked since the start', [['', sales.sold]]),
      family('voids_total', 'counter', 'Sales undone since the start', [['', sales.voided]]),
      histogram('sale_print_seconds', 'From the booking of a sale to its paper', printSeconds),
      histogram('outbox_age_seconds', 'How old sales were that tablets had kept', outboxSeconds),
      gauge('ledger_entries', 'Entries in the log being written', gauges.ledgerEntries()),
      gauge('print_jobs', 'Receipts waiting for paper or for an answer', gauges.printJobs()),
      gauge('streams', 'Open event streams', gauges.streams()),
      gauge('event_loop_lag_seconds', 'The longest delay since last asked', lag.max / 1e9),
      gauge('process_resident_memory_bytes', 'Memory in use', memory),
      family('http_requests_total', 'counter', 'Requests answered', requests.rows()),
      histogram('http_request_seconds', 'Time to the end of an answer', requestSeconds),
      ''
    ].join('\n')
  }
  return {
    countRequest: ({ route, method, status, seconds }) => {
      requests.add(`{route="${label(route)}",method="${label(method)}",status="${status}"}`)
      requestSeconds.observe(seconds)
    },
    observeTurn,
    text: () => {
      const answer = text()
      lag.reset()
      return answer
    },
    close: () => lag.disable()
  }
}

type Rows = readonly (readonly [labels: string, value: number])[]

const family = (name: string, type: string, help: string, rows: Rows): string =>
  [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...rows.map(([labels, value]) => `${name}${labels} ${value}`)
  ].join('\n')

const gauge = (name: string, help: string, value: number): string =>
  family(name, 'gauge', help, [['', value]])

/** A backslash, a quote and a line break are written as two characters (format 0.0.4). */
export const label = (value: string): string =>
  value.replace(/[\\"\n]/g, character => (character === '\n' ? '\\n' : `\\${character}`))

function openCounter() {
  const counts = new Map<string, number>()
  return {
    add: (labels: string) => {
      counts.set(labels, (counts.get(labels) ?? 0) + 1)
    },
    rows: (): Rows => [...counts]
  }
}

interface Histogram {
  readonly observe: (value: number) => void
  /** How many were at or under each bound; the last is all of them. */
  readonly buckets: () => Rows
  readonly sum: () => number
}

function openHistogram(bounds: readonly number[]): Histogram {
  const counts = new Array<number>(bounds.length + 1).fill(0)
  let sum = 0
  return {
    observe: value => {
      const at = bounds.findIndex(bound => value <= bound)
      const bucket = at < 0 ? bounds.length : at
      counts[bucket] = (counts[bucket] ?? 0) + 1
      sum += value
    },
    buckets: () => {
      let below = 0
      return counts.map((count, at) => {
        below += count
        return [`{le="${bounds[at] ?? '+Inf'}"}`, below]
      })
    },
    sum: () => sum
  }
}

function histogram(name: string, help: string, { buckets, sum }: Histogram): string {
  const rows = buckets()
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} histogram`,
    ...rows.map(([labels, value]) => `${name}_bucket${labels} ${value}`),
    `${name}_sum ${sum()}`,
    `${name}_count ${rows.at(-1)?.[1] ?? 0}`
  ].join('\n')
}
