import * as assert from 'uvu/assert'
import type { Entry } from '../../node/core/entry.ts'
import type { Id } from '../../node/core/id.ts'
import { emptyStall } from '../../node/core/stall.ts'
import { label, openMetrics } from '../../node/http/metrics.ts'
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

  test('a receipt is timed from its sale to its paper, and a kept sale by its age', () => {
    const gauges = { ledgerEntries: () => 0, printJobs: () => 0, streams: () => 0 }
    const metrics = openMetrics(gauges)
    const sale = '000000000000000000000000000000a1' as Id
    const stamp = { log: LOG, seq: 1 }
    const printed = { ...stamp, type: 'printed', sale, copy: 1, outcome: 'printed' } as const
    const sold = { ...stamp, type: 'sold', sale, at: 100_000, soldAt: 70_000 }
    const entries = [sold as Entry, { ...printed, at: 100_400 }, { ...printed, at: 900_000 }]
    metrics.observeTurn({ entries, stall: emptyStall })
    const text = metrics.text()
    assert.match(text, 'sales_total 1\n')
    assert.match(text, 'sale_print_seconds_bucket{le="0.25"} 0\n')
    assert.match(text, 'sale_print_seconds_bucket{le="0.5"} 1\n')
    assert.match(text, 'sale_print_seconds_sum 0.4\n')
    assert.match(text, 'outbox_age_seconds_bucket{le="60"} 1\n')
    metrics.close()
  })

  test('a label cannot break out of its quotes', () => {
    assert.is(label('a"b\\c\nd'), 'a\\"b\\\\c\\nd')
  })
})
