import { request } from 'node:http'
import { connect } from 'node:net'
import * as assert from 'uvu/assert'
import type { Id } from '../../node/core/id.ts'
import { money } from '../../node/core/sell/money.ts'
import type { TillPatch } from '../../node/core/till.ts'
import { viewOf } from '../../node/http/tillview.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import { ask, problemOf, valueAt } from './ask.ts'
import { DOOR, EVENING_MS, LOG, openTestStall, type TestStall } from './stall.ts'

interface StreamEvent {
  readonly id: string
  readonly name: string
  readonly data: unknown
}

interface Listening {
  readonly events: readonly StreamEvent[]
  readonly raw: () => string
  readonly isClosed: () => boolean
  readonly stop: () => void
}

async function listenTo(
  { server: { port } }: TestStall,
  path: string,
  lastEventId?: string
): Promise<Listening> {
  const events: StreamEvent[] = []
  let raw = ''
  let isClosed = false
  const headers = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }
  const asked = request({ port, host: '127.0.0.1', path, headers, agent: false })
  await new Promise<void>((resolve, reject) => {
    asked.on('error', reject)
    asked.on('response', response => {
      assert.is(response.headers['content-type'], 'text/event-stream; charset=utf-8')
      response.setEncoding('utf8').on('data', (chunk: string) => {
        raw += chunk
        const whole = raw.slice(0, raw.lastIndexOf('\n\n') + 2)
        events.splice(0, events.length, ...whole.split('\n\n').flatMap(eventOf))
      })
      response.on('close', () => {
        isClosed = true
      })
      response.on('error', () => {})
      resolve()
    })
    asked.end()
  })
  return { events, raw: () => raw, isClosed: () => isClosed, stop: () => asked.destroy() }
}

function eventOf(block: string): StreamEvent[] {
  const field = (name: string) =>
    block
      .split('\n')
      .find(line => line.startsWith(`${name}: `))
      ?.slice(name.length + 2)
  const data = field('data')
  if (data === undefined) return []
  return [{ id: field('id') ?? '', name: field('event') ?? '', data: JSON.parse(data) }]
}

const sell = ({ node }: TestStall, id: string) =>
  node.submit({
    type: 'sell',
    sale: id.padStart(32, '0') as Id,
    lines: [{ sku: 'bao', quantity: 1 }],
    tenders: [{ method: 'cash', amount: money(1000) }]
  })

const PRINTER_UP = { name: 'printer', state: 'up', sentence: 'Printer is ready', fix: '' } as const

/** Fills what the kernel buffers for a connection within a hundred or so. */
const LONG_VIEW = { health: { ...PRINTER_UP, sentence: 'x'.repeat(100_000) }, jobs: [] }

suite('streams', test => {
  test('a till gets the whole view, then what a sale changed', async () => {
    const stall = await openTestStall()
    const till = await listenTo(stall, '/api/v1/live')
    await until(() => till.events.length === 1)
    assert.match(till.raw(), /^retry: 300\n\n/)
    const view = viewOf(stall.node.stall(), {
      at: EVENING_MS,
      printing: { health: PRINTER_UP, jobs: [] },
      health: stall.node.health(),
      devices: stall.devices.view(),
      hasDrawer: true
    })
    assert.equal(till.events[0], { id: 'run-0', name: 'view', data: view })
    await sell(stall, 'a1')
    await until(() => till.events.length === 2)
    const { id, name, data } = till.events[1] ?? {}
    assert.equal([id, name], ['run-1', 'patch'])
    assert.equal(Object.keys(Object(data)).sort(), ['items', 'recent', 'session'])
    assert.equal([valueAt(data, '.items.length'), valueAt(data, '.items.0.stock')], [1, 23])
    assert.is(valueAt(data, '.recent.0.change'), 350)
    assert.is(valueAt(data, '.session.sales'), 1)
    till.stop()
    await stall.close()
  })

  test('every change adds up to the view', async () => {
    const stall = await openTestStall()
    const till = await listenTo(stall, '/api/v1/live')
    const { node } = stall
    const sale = 'a1'.padStart(32, '0') as Id
    await sell(stall, 'a1')
    await node.submit({ type: 'voidSale', sale, reason: 'mistake', afterMs: 10 })
    await node.submit({ type: 'countStock', sku: 'tea', count: 3 })
    await node.submit({ type: 'withdrawItems', skus: ['bao'] })
    await node.submit({
      type: 'parkBasket',
      basket: 'c1'.padStart(32, '0') as Id,
      name: 'hat',
      lines: [{ sku: 'tea', quantity: 1 }]
    })
    const jobs = [{ sale, number: '1', copy: 1, state: 'waiting' }] as const
    stall.setPrinting({ health: PRINTER_UP, jobs })
    await until(() => undefined !== valueAt(till.events.at(-1)?.data, '.printing.jobs.0'))
    const [first, ...patches] = till.events.map(({ data }) => data as TillPatch)
    let view: TillPatch = first ?? {}
    for (const { items = [], withdrawn = [], ...parts } of patches) {
      const gone = new Set([...withdrawn, ...items.map(({ sku }) => sku)])
      const kept = (view.items ?? []).filter(({ sku }) => !gone.has(sku))
      view = { ...view, ...parts, items: [...kept, ...items] }
    }
    const whole = viewOf(node.stall(), {
      at: EVENING_MS,
      printing: { health: PRINTER_UP, jobs },
      health: node.health(),
      devices: stall.devices.view(),
      hasDrawer: true
    })
    assert.equal(view, JSON.parse(JSON.stringify(whole)))
    assert.is(view.recent?.[0]?.isVoided, true)
    till.stop()
    await stall.close()
  })

  test('a till that was away gets what it missed, or the view when too late', async () => {
    const stall = await openTestStall()
    const before = await listenTo(stall, '/api/v1/live')
    await until(() => before.events.length === 1)
    before.stop()
    await sell(stall, 'a1')
    await sell(stall, 'a2')
    const back = await listenTo(stall, '/api/v1/live', 'run-0')
    await until(() => back.events.length === 2)
    assert.equal(
      back.events.map(({ id, name }) => [id, name]),
      [
        ['run-1', 'patch'],
        ['run-2', 'patch']
      ]
    )
    for (const id of ['another-1', 'run-99', 'run-x', '']) {
      const fresh = await listenTo(stall, '/api/v1/live', id)
      await until(() => fresh.events.length > 0)
      assert.equal(
        fresh.events.map(({ name }) => name),
        ['view']
      )
      fresh.stop()
    }
    for (let count = 0; count < 1_100; count++) {
      await stall.node.submit({ type: 'countStock', sku: 'tea', count })
    }
    const late = await listenTo(stall, '/api/v1/live', 'run-1')
    await until(() => late.events.length > 0)
    assert.is(late.events[0]?.name, 'view')
    back.stop()
    late.stop()
    await stall.close()
  })

  test('paper of the simulated printer is shown', async () => {
    const stall = await openTestStall({}, 'simulated')
    const till = await listenTo(stall, '/api/v1/live')
    const [first, second] = ['Char siu bao', 'Total'].map(text => ({ text, style: 'plain' }))
    if (first) stall.showPaper(first)
    if (second) stall.showPaper(second)
    await until(() => till.events.length === 3)
    assert.equal(
      till.events.slice(1).map(({ name, data }) => [name, data]),
      [
        ['paper', { lines: [] }],
        ['paper', { lines: [first, second] }]
      ]
    )
    const late = await listenTo(stall, '/api/v1/live')
    await until(() => late.events.length === 2)
    assert.equal(late.events[1]?.data, { lines: [first, second] })
    late.stop()
    till.stop()
    await stall.close()
  })

  test('a device that changes is told alone, the first time at once', async () => {
    const stall = await openTestStall()
    const till = await listenTo(stall, '/api/v1/live')
    await until(() => till.events.length === 1)
    assert.is(valueAt(till.events[0]?.data, '.devices.length'), 3)
    for (let restarts = 1; restarts <= 20; restarts++) stall.devices.set('door', { restarts })
    await until(() => till.events.length === 3)
    assert.equal(
      till.events.slice(1).map(({ data }) => data),
      [1, 20].map(restarts => ({ at: EVENING_MS, devices: [{ ...DOOR, restarts }] }))
    )
    till.stop()
    await stall.close()
  })

  test('a scan goes to the till that was touched last, and is never told again', async () => {
    const stall = await openTestStall()
    const { port } = stall.server
    const [a, b] = ['a'.repeat(32), 'b'.repeat(32)]
    const listen = (till: string, lastEventId?: string) =>
      listenTo(stall, `/api/v1/live?till=${till}`, lastEventId)
    const scansOf = ({ events }: Listening) =>
      events.flatMap(({ name, data }) => (name === 'scan' ? [valueAt(data, '.code')] : []))
    const holder = ({ events }: Listening) =>
      valueAt(events.findLast(({ name }) => name === 'scanner')?.data, '.till')
    const claim = (till: string) =>
      ask({
        port,
        method: 'POST',
        path: '/api/v1/scans/claim',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ till })
      })
    const scan = (code: string) => stall.devices.read('scanner', { kind: 'scan', code })
    scan('nobody is here')
    const [program, first] = [await listenTo(stall, '/api/v1/live'), await listen(a)]
    await until(() => holder(first) === a)
    const second = await listen(b)
    await until(() => holder(second) === a)
    scan('1')
    await until(() => scansOf(first).length === 1)
    assert.is((await claim(b)).code, 200)
    await until(() => holder(first) === b)
    scan('2')
    await until(() => scansOf(second).length === 1)
    // A till that drops out for a moment keeps its turn; meanwhile the other one has it.
    second.stop()
    await until(() => holder(first) === a)
    scan('3')
    await until(() => scansOf(first).length === 2)
    const back = await listen(b, 'run-0')
    await until(() => holder(first) === b)
    scan('4')
    await until(() => scansOf(back).length === 1)
    assert.equal([first, second, back, program].map(scansOf), [['1', '3'], ['2'], ['4'], []])
    for (const stream of [first, back, program]) stream.stop()
    await stall.close()
  })

  test('a quiet stream still beats, and health that changes is told', async () => {
    const stall = await openTestStall({ streamLimits: { heartbeatMs: 5 } })
    const till = await listenTo(stall, '/api/v1/live')
    await until(() => till.raw().includes('\n\n:\n\n'))
    const disk = { name: 'disk', state: 'degraded', sentence: 'Disk is 95 % full', fix: 'Tidy' }
    stall.setHealth([{ ...disk, state: 'degraded' }])
    await until(() => till.events.length === 2)
    assert.equal(valueAt(till.events[1]?.data, '.health.2'), disk)
    till.stop()
    await stall.close()
  })

  test('one stream more than there may be is refused', async () => {
    const stall = await openTestStall({ streamLimits: { streamsMax: 1 } })
    const till = await listenTo(stall, '/api/v1/live')
    const answer = await ask({ port: stall.server.port, path: '/api/v1/entries' })
    assert.is(answer.code, 503)
    assert.is(problemOf(answer), 'too-many-connections')
    till.stop()
    await stall.close()
  })

  test('a reader who never reads is cut, and the others go on', async () => {
    const stall = await openTestStall({ streamLimits: { backlogBytesMax: 64 * 1024 } }, 'simulated')
    const reader = await listenTo(stall, '/api/v1/live')
    const deaf = connect({ port: stall.server.port, host: '127.0.0.1' })
    let isCut = false
    deaf
      .on('error', () => {})
      .on('close', () => {
        isCut = true
      })
    deaf.pause()
    deaf.write('GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const metric = async () =>
      (await ask({ port: stall.server.port, path: '/api/v1/metrics' })).text
    await until(async () => /\nstreams 2\n/.test(await metric()))
    let patches = 0
    while (!/\nstreams 1\n/.test(await metric())) {
      stall.setPrinting(LONG_VIEW)
      assert.ok(patches++ < 1_000, 'the backlog has no limit')
    }
    deaf.resume()
    await until(() => isCut)
    assert.not.ok(reader.isClosed())
    reader.stop()
    await stall.close()
  })

  test('a reader who takes nothing for too long is cut even when little happens', async () => {
    const stall = await openTestStall({
      streamLimits: { heartbeatMs: 2, stuckMsMax: 20, backlogBytesMax: 2 ** 30 }
    })
    const deaf = connect({ port: stall.server.port, host: '127.0.0.1' })
    deaf.pause().on('error', () => {})
    deaf.write('GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const metric = async () =>
      (await ask({ port: stall.server.port, path: '/api/v1/metrics' })).text
    await until(async () => /\nstreams 1\n/.test(await metric()))
    await until(async () => {
      stall.setPrinting(LONG_VIEW)
      return /\nstreams 0\n/.test(await metric())
    })
    deaf.destroy()
    await stall.close()
  })

  test('entries are told from now on, from a place, and over what was missed', async () => {
    const stall = await openTestStall()
    const fresh = await listenTo(stall, '/api/v1/entries')
    await sell(stall, 'a1')
    await until(() => fresh.events.length === 2)
    assert.equal(
      fresh.events.map(({ id, data }) => [id, valueAt(data, '.type')]),
      [
        [`${LOG}-5`, 'sessionOpened'],
        [`${LOG}-6`, 'sold']
      ]
    )
    const all = await listenTo(stall, '/api/v1/entries?after=0')
    await until(() => all.events.length === stall.entries.length - 1)
    const back = await listenTo(stall, '/api/v1/entries?after=0', `${LOG}-5`)
    await sell(stall, 'a2')
    await until(() => back.events.length === 2 && all.events.length === stall.entries.length - 1)
    assert.equal(
      all.events.map(({ data }) => valueAt(data, '.seq')),
      stall.entries.slice(1).map(({ seq }) => seq)
    )
    assert.is(valueAt(back.events[1]?.data, '.at'), '2026-08-01T18:00:00.000Z')
    assert.is(valueAt(back.events[1]?.data, '.lines.0.unit_price'), 650)
    const other = await listenTo(stall, '/api/v1/entries?after=fedcba9876543210-3')
    await until(() => other.events.length === stall.entries.length)
    assert.is(valueAt(other.events[0]?.data, '.device_certificate'), '')
    for (const stream of [fresh, all, back, other]) stream.stop()
    await stall.close()
  })

  test('an entry that cannot be read does not stop the feed', async () => {
    const stall = await openTestStall({
      read: async ({ seq }) => (seq === 2 ? undefined : stall.entries[seq])
    })
    const all = await listenTo(stall, '/api/v1/entries?after=0')
    await sell(stall, 'a1')
    await until(() => all.events.length === stall.entries.length - 2)
    assert.equal(
      all.events.map(({ data }) => valueAt(data, '.seq')),
      stall.entries.map(({ seq }) => seq).filter(seq => seq !== 0 && seq !== 2)
    )
    all.stop()
    await stall.close()
  })

  test('streams end when the stall box goes down, so that tills come back', async () => {
    const stall = await openTestStall()
    const till = await listenTo(stall, '/api/v1/live')
    await stall.close()
    await until(till.isClosed)
  })
})
