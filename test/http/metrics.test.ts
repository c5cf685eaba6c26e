import * as assert from 'uvu/assert'
import type { Entry } from '../../node/core/entry.ts'
import type { PrintJob } from '../../node/core/ports.ts'
import { emptyStall } from '../../node/core/stall.ts'
import { label, openMetrics } from '../../node/http/metrics.ts'
import { deviceView } from '../device-views.ts'
import { suite } from '../harness.ts'
import { ask } from './ask.ts'
import { LOG, openTestStall } from './stall.ts'

suite('metrics', test => {
  test('every line is one of the format, and buckets add up', async () => {
    const stall = await openTestStall()
    const { port } = stall.server
    await ask({ port, path: '/api/v1/items' })
    await ask({ port, path: '/api/v1/items/"}\\evil' })
    const { text } = await ask({ port, path: '/api/v1/metrics' })
    const line = /^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="([^"\\\n]|\\.)*",?)+\})? [\d.e+-]+)$/
    for (const row of text.trimEnd().split('\n')) assert.match(row, line)
    assert.match(text, 'http_requests_total{route="none",method="GET",status="404"} 1')
    assert.not.match(text, 'evil')
    assert.match(text, 'http_request_seconds_bucket{le="+Inf"} 2\n')
    assert.match(text, 'http_request_seconds_count 2\n')
    assert.match(text, `ledger_entries ${stall.entries.length}\n`)
    await stall.close()
  })

  const gauges = {
    ledgerEntries: () => 0,
    printJobs: () => 0,
    streams: () => 0,
    lagMs: () => 250,
    devices: () => [deviceView({ name: 'door"s', role: 'footfall', restarts: 2 })]
  }

  test('a device has one state at a time', () => {
    const text = openMetrics({ now: () => 0, gauges }).text()
    const rows = text.split('\n').filter(row => row.startsWith('device_'))
    const labels = (state: string) => `device="door\\"s",role="footfall",device_state="${state}"`
    assert.equal(rows, [
      `device_state{${labels('up')}} 1`,
      `device_state{${labels('degraded')}} 0`,
      `device_state{${labels('down')}} 0`,
      `device_state{${labels('absent')}} 0`,
      `device_state{${labels('disabled')}} 0`,
      'device_restarts_total{device="door\\"s",role="footfall"} 2'
    ])
  })

  test('a receipt is timed from the queue to its paper, unless it was given up', () => {
    let nowMs = 0
    const metrics = openMetrics({ now: () => nowMs, gauges })
    const job = (sale: string, state: PrintJob['state']) => ({ sale, number: '1', copy: 1, state })
    metrics.observeJobs([job('a1', 'waiting'), job('a2', 'waiting'), job('a3', 'waiting')])
    nowMs = 300
    metrics.observeJobs([job('a1', 'printing'), job('a2', 'waiting'), job('a3', 'unknown')])
    nowMs = 400
    metrics.observeJobs([])
    const text = metrics.text()
    assert.match(text, 'sale_print_seconds_bucket{le="0.25"} 0\n')
    assert.match(text, 'sale_print_seconds_bucket{le="0.5"} 1\n')
    assert.match(text, 'sale_print_seconds_sum 0.4\n')
  })

  test('a sale that a tablet had kept is known by its age', () => {
    const metrics = openMetrics({ now: () => 0, gauges })
    const sold = { log: LOG, seq: 1, type: 'sold', at: 100_000 }
    const entries = [sold, { ...sold, soldAt: 70_000 }].map(entry => entry as Entry)
    metrics.observeTurn({ entries, stall: emptyStall })
    const text = metrics.text()
    assert.match(text, 'sales_total 2\n')
    assert.match(text, 'outbox_age_seconds_bucket{le="60"} 1\n')
    assert.match(text, 'outbox_age_seconds_sum 30\n')
  })

  test('a label cannot break out of its quotes', () => {
    assert.is(label('a"b\\c\nd'), 'a\\"b\\\\c\\nd')
  })
})
