import * as assert from 'uvu/assert'
import { type Broker, openBroker } from '../../broker/broker.ts'
import type { Message } from '../../broker/engine.ts'
import { NEWS_MAX, openTree } from '../../broker/tree.ts'
import { deviceView } from '../device-views.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import { item, sold, stallWith, voided } from './stalls.ts'
import { greet, published, subscribe } from './wire.ts'

const APPLE = item('apple', 60, 12)
const PEAR = item('pear', 80, 3)

/** Keeps what the tree publishes, newest last. */
function listenIn() {
  const said: Message[] = []
  return {
    said,
    publish: (message: Message) => void said.push(message),
    on: (topic: string) => said.filter(message => message.topic === topic),
    json: (topic: string): unknown =>
      JSON.parse(String(said.findLast(message => message.topic === topic)?.payload))
  }
}

const turnOfLoop = () => new Promise<void>(resolve => setImmediate(resolve))

suite('the local tree', test => {
  test('lays out prices and stock, and is ready when all are there', async () => {
    const broker = listenIn()
    const many = Array.from({ length: 120 }, (_, n) => item(`sku ${n}`, n, n))
    openTree({ broker, id: 's1', stall: stallWith(many) })
    assert.is(broker.said.at(-1)?.payload, 'init')
    await turnOfLoop()
    assert.is(broker.on('stall/s1/$state').length, 1)
    await turnOfLoop()
    await turnOfLoop()
    assert.is(broker.said.at(-1)?.payload, 'ready')
    assert.is(broker.said.length, 2 + 2 * 120)
    assert.ok(broker.said.every(({ isRetained }) => isRetained))
    const price = { sku: 'sku 7', name: 'Nice sku 7', price: 7, currency: 'EUR' }
    assert.equal(broker.json('stall/s1/price/sku 7'), price)
    assert.equal(broker.json('stall/s1/stock/sku 7'), {
      sku: 'sku 7',
      name: 'Nice sku 7',
      stock: 7
    })
  })

  test('says only what changed, and takes withdrawn items away', async () => {
    const broker = listenIn()
    const tree = openTree({ broker, id: 's1', stall: stallWith([APPLE, PEAR]) })
    await turnOfLoop()
    broker.said.length = 0
    tree.turn({ entries: [], stall: stallWith([{ ...APPLE, stock: 11 }]) })
    await turnOfLoop()
    assert.equal(broker.said.map(({ topic, payload }) => [topic, payload]).toSorted(), [
      ['stall/s1/price/pear', ''],
      ['stall/s1/stock/apple', '{"sku":"apple","name":"Nice apple","stock":11}'],
      ['stall/s1/stock/pear', '']
    ])
  })

  test('tells of a sale once, in minor units and without slip numbers', async () => {
    const broker = listenIn()
    const tree = openTree({ broker, id: 's1', stall: stallWith([APPLE]) })
    const sale = sold(5)
    tree.turn({ entries: [sale, voided(6, sale.sale)], stall: stallWith([APPLE]) })
    await turnOfLoop()
    const [message, ...more] = broker.on('stall/s1/sale')
    assert.equal([more.length, message?.isRetained ?? false, message?.qos], [0, false, 1])
    assert.equal(broker.json('stall/s1/sale'), {
      sale: sale.sale,
      number: '12-1-5-K7',
      log: sale.log,
      seq: 5,
      at: '2026-05-01T09:30:00.000Z',
      session: 3,
      late: false,
      currency: 'EUR',
      lines: [{ sku: 'apple', name: 'Apple', quantity: 2, unit_price: 60, tax_class: 'food' }],
      taxes: [{ tax_class: 'food', rate_ppm: 70000, inclusive: true, net: 112, tax: 8 }],
      total: 120,
      rounding: 0,
      tenders: [{ method: 'card', amount: 120 }],
      change: 0
    })
    assert.equal(broker.json('stall/s1/voided'), {
      sale: sale.sale,
      session: 3,
      reason: 'undo',
      log: sale.log,
      seq: 6,
      at: '2026-05-01T09:31:00.000Z'
    })
  })

  test('a burst of sales has a limit and the newest survive it', async () => {
    const broker = listenIn()
    const tree = openTree({ broker, id: 's1', stall: stallWith([]) })
    for (let turn = 0; turn < 40; turn++) {
      const entries = Array.from({ length: 100 }, (_, n) => sold(turn * 100 + n))
      tree.turn({ entries, stall: stallWith([]) })
    }
    assert.is(broker.on('stall/s1/sale').length, 0, 'nothing goes out inside a turn')
    await turnOfLoop()
    assert.ok(broker.on('stall/s1/sale').length <= 100, 'a slice at a time')
    tree.close()
    const seqs = broker.on('stall/s1/sale').map(({ payload }) => JSON.parse(String(payload)).seq)
    assert.equal(
      seqs,
      Array.from({ length: NEWS_MAX }, (_, n) => 4_000 - NEWS_MAX + n)
    )
    assert.is(broker.said.at(-1)?.payload, 'disconnected')
  })

  test('an item that changes twice before it is told of is told once', async () => {
    const broker = listenIn()
    const tree = openTree({ broker, id: 's1', stall: stallWith([APPLE]) })
    tree.turn({ entries: [], stall: stallWith([{ ...APPLE, stock: 11 }]) })
    tree.turn({ entries: [], stall: stallWith([{ ...APPLE, stock: 10 }]) })
    await turnOfLoop()
    assert.is(broker.on('stall/s1/stock/apple').length, 1)
    assert.equal(broker.json('stall/s1/stock/apple'), {
      sku: 'apple',
      name: 'Nice apple',
      stock: 10
    })
  })

  test('a device is told of in the words that it has everywhere, when something is new', () => {
    const broker = listenIn()
    const tree = openTree({ broker, id: 's1', stall: stallWith([]) })
    const printer = deviceView({ name: 'printer', role: 'printer', driver: 'escpos-tcp' })
    tree.devices([printer])
    tree.devices([{ ...printer }])
    const health = {
      name: 'printer',
      state: 'down',
      sentence: 'No paper.',
      fix: 'A roll.'
    } as const
    tree.devices([{ ...printer, health, since: 1_000, restarts: 2 }])
    tree.close()
    assert.is(broker.on('stall/s1/device/printer').length, 2)
    assert.ok(broker.on('stall/s1/device/printer').every(({ isRetained }) => isRetained))
    assert.equal(broker.json('stall/s1/device/printer'), {
      name: 'printer',
      role: 'printer',
      driver: 'escpos-tcp',
      state: 'down',
      sentence: 'No paper.',
      since: '1970-01-01T00:00:01.000Z',
      restarts: 2,
      reading: null,
      reading_text: null,
      read_at: null,
      simulated: null,
      fix: 'A roll.'
    })
  })

  test('what is so stays on the shelf, what happened does not', () => {
    const broker = listenIn()
    const tree = openTree({ broker, id: 's1', stall: stallWith([]) })
    const light = { kind: 'light', isOn: true, percent: 40 } as const
    tree.devices([
      deviceView({ name: 'lamp', role: 'light', reading: light, readAt: 2_000 }),
      deviceView({ name: 'gun', role: 'scanner', reading: { kind: 'scan', code: '4' }, readAt: 1 })
    ])
    const lamp = Object(broker.json('stall/s1/device/lamp'))
    assert.equal(lamp.reading, { kind: 'light', is_on: true, percent: 40 })
    assert.is(lamp.reading_text, 'Light on at 40 %')
    assert.is(lamp.read_at, '1970-01-01T00:00:02.000Z')
    assert.is(Object(broker.json('stall/s1/device/gun')).reading, null)
    tree.close()
  })

  test('a scale in motion is told of five times a second, and its last weight always', () => {
    const broker = listenIn()
    const tree = openTree({ broker, id: 's1', stall: stallWith([]) })
    for (let grams = 1; grams <= 50; grams++) {
      const reading = { kind: 'weight', milligrams: grams * 1_000, isStable: false } as const
      tree.devices([deviceView({ name: 'scale', role: 'scale', reading, readAt: grams })])
    }
    assert.is(broker.on('stall/s1/device/scale').length, 1)
    tree.close()
    assert.is(broker.on('stall/s1/device/scale').length, 2)
    const { reading_text } = Object(broker.json('stall/s1/device/scale'))
    assert.is(reading_text, '0.050 kg, not at rest')
  })

  test('a minute that nobody counted is null and never nobody', async () => {
    const broker = listenIn()
    const tree = openTree({ broker, id: 's1', stall: stallWith([]) })
    const { log, seq, at } = sold(5)
    const count = { sensor: 'door', from: 0, to: 60_000, unsure: 0, lostEdges: 7 } as const
    const entry = { log, seq, at, type: 'footfallCounted', ...count } as const
    tree.turn({
      entries: [
        { ...entry, in: 3, out: 1, quality: 'direct' },
        { ...entry, in: null, out: null, quality: 'absent' }
      ],
      stall: stallWith([])
    })
    await turnOfLoop()
    const [first, second] = broker.on('stall/s1/footfall')
    assert.equal([first?.isRetained ?? false, first?.qos], [false, 1])
    const told = {
      sensor: 'door',
      from: '1970-01-01T00:00:00.000Z',
      to: '1970-01-01T00:01:00.000Z',
      in: 3,
      out: 1,
      unsure: 0,
      lost_edges: 7,
      quality: 'direct',
      log,
      seq
    }
    assert.equal(JSON.parse(String(first?.payload)), told)
    const absent = { ...told, in: null, out: null, quality: 'absent' }
    assert.equal(JSON.parse(String(second?.payload)), absent)
  })
})

suite('the local tree on a real broker', test => {
  let broker: Broker
  test.before(async () => {
    broker = await openBroker({ port: 0 })
  })
  test.after(() => broker.close())

  test('a program that comes late hears the state, then the news, then goodbye', async () => {
    const tree = openTree({ broker, id: 's1', stall: stallWith([APPLE]) })
    await turnOfLoop()
    const program = await greet(broker.port, { clientId: 'shelf' })
    await subscribe(program, ['stall/#', 1])
    await until(() => published(program).length === 3)
    assert.ok(published(program).every(({ retain }) => retain))
    tree.turn({ entries: [sold(5)], stall: stallWith([{ ...APPLE, stock: 10 }]) })
    await until(() => published(program).length === 5)
    const news = published(program).slice(3)
    assert.equal(news.map(({ topic }) => topic).toSorted(), [
      'stall/s1/sale',
      'stall/s1/stock/apple'
    ])
    tree.close()
    await broker.close()
    await until(() => program.isClosed())
    const last = published(program).at(-1)
    assert.equal([last?.topic, String(last?.payload)], ['stall/s1/$state', 'disconnected'])
  })

  test('the whole catalogue of 10,000 items reaches a program, each topic once', async () => {
    const items = Array.from({ length: 10_000 }, (_, n) => item(`sku-${n}`, n, n))
    openTree({ broker, id: 's1', stall: stallWith(items) })
    await until(() => broker.stats().retained === 20_001)
    const program = await greet(broker.port, { clientId: 'shelf' })
    await subscribe(program, ['stall/#', 0])
    await until(() => published(program).length >= 20_001, 15_000)
    assert.is(new Set(published(program).map(({ topic }) => topic)).size, 20_001)
    assert.is(broker.stats().dropped, 0)
    program.close()
  })
})
