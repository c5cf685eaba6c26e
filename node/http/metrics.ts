import type { DeviceView } from '../core/device.ts'
import { HEALTH_STATES, type PrintJob, type TurnListener } from '../core/ports.ts'

/** Prometheus text format 0.0.4: names, help, label values that come from a fixed set only. */
export interface Metrics {
  readonly countRequest: (request: {
    /** The row's path as the table has it, never the one that was asked for. */
    readonly route: string
    readonly method: string
    readonly status: number
    /** Undefined for a stream, which lasts as long as its reader likes. */
    readonly seconds: number | undefined
  }) => void
  readonly observeTurn: TurnListener
  /** The print queue as it is now; told whenever it changes. */
  readonly observeJobs: (jobs: readonly PrintJob[]) => void
  readonly text: () => string
}

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

interface Gauges {
  readonly ledgerEntries: () => number
  readonly printJobs: () => number
  readonly streams: () => number
  /** The longest standstill of the last minute or two, in ms. */
  readonly lagMs: () => number
  readonly devices: () => readonly DeviceView[]
}

export function openMetrics({
  gauges,
  now
}: {
  readonly gauges: Gauges
  /** Milliseconds of a clock that only grows. */
  readonly now: () => number
}): Metrics {
  const requests = openCounter()
  const requestSeconds = openHistogram([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5])
  const printSeconds = openHistogram([0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300])
  const outboxSeconds = openHistogram([1, 10, 60, 300, 1_800, 7_200, 43_200])
  const sales = { sold: 0, voided: 0 }
  const observeJobs = openJobTimer(now, printSeconds.observe)

  const observeTurn: TurnListener = ({ entries }) => {
    for (const entry of entries) {
      if (entry.type === 'voided') sales.voided += 1
      if (entry.type === 'sold') {
        sales.sold += 1
        // Only a sale that a tablet had kept for a while says when it was sold.
        if (entry.soldAt !== undefined) outboxSeconds.observe((entry.at - entry.soldAt) / 1_000)
      }
    }
  }
  const text = () => {
    const memory = process.memoryUsage.rss()
    return [
      family('sales_total', 'counter', 'Sales booked since the start', [['', sales.sold]]),
      family('voids_total', 'counter', 'Sales undone since the start', [['', sales.voided]]),
      histogram('sale_print_seconds', 'From the wish for paper to the proof of it', printSeconds),
      histogram('outbox_age_seconds', 'How old sales were that tablets had kept', outboxSeconds),
      gauge('ledger_entries', 'Entries in the log being written', gauges.ledgerEntries()),
      gauge('print_jobs', 'Receipts waiting for paper or for an answer', gauges.printJobs()),
      ...deviceFamilies(gauges.devices()),
      gauge('streams', 'Open event streams', gauges.streams()),
      gauge('event_loop_lag_seconds', 'The longest delay of late', gauges.lagMs() / 1e3),
      gauge('process_resident_memory_bytes', 'Memory in use', memory),
      family('http_requests_total', 'counter', 'Requests answered', requests.rows()),
      histogram('http_request_seconds', 'Time to the end of an answer', requestSeconds),
      ''
    ].join('\n')
  }
  return {
    countRequest: ({ route, method, status, seconds }) => {
      requests.add(`{route="${label(route)}",method="${label(method)}",status="${status}"}`)
      if (seconds !== undefined) requestSeconds.observe(seconds)
    },
    observeTurn,
    observeJobs,
    text
  }
}

/** A state set (OpenMetrics 5.1): of each device's states one is 1. Names come from stall.toml. */
function deviceFamilies(devices: readonly DeviceView[]): readonly string[] {
  const states = devices.flatMap(({ name, role, health }) =>
    HEALTH_STATES.map(state => {
      const labels = `{device="${label(name)}",role="${role}",device_state="${state}"}`
      return [labels, health.state === state ? 1 : 0] as const
    })
  )
  const restarts = devices.map(
    ({ name, role, restarts }) => [`{device="${label(name)}",role="${role}"}`, restarts] as const
  )
  return [
    family('device_state', 'gauge', 'How each device is', states),
    family('device_restarts_total', 'counter', 'Starts after a failure', restarts)
  ]
}

/**
 * Times receipts by the queue itself: their `printed` entries wait seconds for a sale to ride
 * with. One that leaves the queue while it prints is printed; any other was given up.
 */
function openJobTimer(now: () => number, observe: (seconds: number) => void) {
  let timed = new Map<string, { readonly since: number; readonly isPrinting: boolean }>()
  return (jobs: readonly PrintJob[]): void => {
    const next = new Map(
      jobs.map(({ sale, copy, state }) => {
        const key = `${sale} ${copy}`
        const since = timed.get(key)?.since ?? now()
        return [key, { since, isPrinting: state === 'printing' }]
      })
    )
    for (const [key, { since, isPrinting }] of timed) {
      if (isPrinting && !next.has(key)) observe((now() - since) / 1_000)
    }
    timed = next
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
