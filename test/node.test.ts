import * as assert from 'uvu/assert'
import type { Command } from '../node/core/command.ts'
import { Fault, type Outcome, type Turn } from '../node/core/ports.ts'
import { QUEUE_MAX, startNode } from '../node/node.ts'
import { euro, id, OPENED_AT, openStall } from './core/given.ts'
import { suite } from './harness.ts'
import { memoryStore } from './memory-store.ts'

const sell = (number: number): Command => ({
  type: 'sell',
  sale: id(number),
  lines: [{ sku: 'bao', quantity: 1 }],
  tenders: [{ method: 'cash', amount: euro(6.5) }]
})

function startedNode() {
  const memory = memoryStore()
  const clocks = { wallMs: OPENED_AT + 1_000, monoMs: 0 }
  const node = startNode({ store: memory.store, stall: openStall(), readClocks: () => clocks })
  const turns: Turn[] = []
  node.listen(turn => turns.push(turn))
  return { ...memory, clocks, node, turns }
}

const diskFull = new Fault({
  code: 'disk-full',
  message: 'The card is full.',
  fix: 'Free some space.',
  isRetryable: true
})
const typesOf = (outcome: Outcome) =>
  'entries' in outcome ? outcome.entries.map(({ type }) => type) : outcome

suite('node', test => {
  test('answers and tells nobody before the write is done', async () => {
    const { node, hold, appends, turns } = startedNode()
    hold()
    let isAnswered = false
    const answer = node.submit(sell(1)).then(outcome => {
      isAnswered = true
      return outcome
    })
    await new Promise(setImmediate)
    assert.is(isAnswered, false)
    assert.is(node.stall().session, null)
    assert.is(turns.length, 0)
    appends[0]?.settle()
    assert.equal(typesOf(await answer), ['sessionOpened', 'sold'])
    assert.is(turns.length, 1)
  })

  test('writes once for all that came in during the last write', async () => {
    const { node, hold, release, appends } = startedNode()
    hold()
    const answers = [1, 2, 3, 4].map(number => node.submit(sell(number)))
    release()
    appends[0]?.settle()
    await Promise.all(answers)
    assert.equal(
      appends.map(({ entries }) => entries.length),
      [2, 3]
    )
  })

  test('sales with much text come in turns of less than a frame of 1 MiB', async () => {
    const { node, appends, hold, release } = startedNode()
    const tender = { method: 'cash', amount: euro(0.5), reference: '\u6f22'.repeat(100) }
    const tenders = Array.from({ length: 20 }, () => tender)
    hold()
    const first = node.submit(sell(500))
    const answers = Array.from({ length: 250 }, (_, index) =>
      node.submit({ ...sell(index + 1), tenders } as Command)
    )
    release()
    appends[0]?.settle()
    const outcomes = await Promise.all([first, ...answers])
    assert.ok(outcomes.every(outcome => 'entries' in outcome))
    assert.ok(appends.length > 2)
    for (const { entries } of appends) {
      const sizes = entries.map(entry => Buffer.byteLength(JSON.stringify(entry)))
      // JSON names every field, so that it is longer than CBOR.
      assert.ok(sizes.reduce((all, size) => all + size, 0) < 1.3 * 1_048_576)
    }
  })

  test('a sale whose payments are described too long is refused before it is written', async () => {
    const { node, appends } = startedNode()
    const tender = { method: 'cash', amount: euro(0.5), reference: '\u6f22'.repeat(2_000) }
    const tenders = Array.from({ length: 20 }, () => tender)
    const outcome = await node.submit({ ...sell(1), tenders } as Command)
    assert.equal(outcome, { refused: 'sale-too-long' })
    assert.is(appends.length, 0)
  })

  test('a sale sent twice at once is booked once', async () => {
    const { node, entries } = startedNode()
    const [first, second] = await Promise.all([node.submit(sell(1)), node.submit(sell(1))])
    assert.equal(typesOf(first ?? { entries: [] }), ['sessionOpened', 'sold'])
    assert.is(second && 'refused' in second && second.refused, 'already-sold')
    assert.is(entries.filter(({ type }) => type === 'sold').length, 1)
  })

  test('a sale that is no longer in memory is read from the disk', async () => {
    const { node, store } = startedNode()
    await node.submit(sell(1))
    const stall = { ...node.stall(), recent: [] }
    const later = startNode({ store, stall, readClocks: () => ({ wallMs: 1, monoMs: 1 }) })
    assert.equal(await later.readSold(id(1)), await node.readSold(id(1)))
    assert.is((await later.readSold(id(1)))?.sale, id(1))
    assert.is(await later.readSold(id(2)), undefined)
  })

  test('a failed write is a fault for its whole batch; the next sale opens a new log', async () => {
    const { node, hold, release, appends, entries } = startedNode()
    hold()
    const first = node.submit(sell(1))
    const others = [node.submit(sell(2)), node.submit(sell(2))]
    appends[0]?.settle(diskFull)
    assert.equal(await first, { fault: diskFull })
    release()
    assert.equal(typesOf((await others[0]) ?? { entries: [] }), ['sessionOpened', 'sold'])
    assert.is(node.health().find(({ name }) => name === 'ledger')?.state, 'up')
    assert.equal(typesOf(await node.submit(sell(1))), ['sold'])
    assert.equal(
      entries.map(({ type, log, seq }) => `${type} ${Number.parseInt(log, 16)}:${seq}`),
      ['logOpened 2:0', 'sessionOpened 2:1', 'sold 2:2', 'sold 2:3']
    )
  })

  test('is busy when the queue is full, and says so at once', async () => {
    const { node, hold, release, appends } = startedNode()
    hold()
    const answers = Array.from({ length: QUEUE_MAX + 2 }, (_, number) => node.submit(sell(number)))
    assert.equal(await answers.at(-1), { refused: 'busy' })
    release()
    appends[0]?.settle()
    assert.is(
      (await Promise.all(answers)).filter(outcome => 'entries' in outcome).length,
      QUEUE_MAX + 1
    )
  })

  test('a print outcome waits for a sale to ride with', async () => {
    const { node, appends } = startedNode()
    await node.submit(sell(1))
    const outcome = node.submit({ type: 'recordPrint', sale: id(1), copy: 1, outcome: 'printed' })
    assert.is(appends.length, 1)
    await node.submit(sell(2))
    assert.equal(typesOf(await outcome), ['printed'])
    assert.is(appends.length, 2)
  })

  test('closing answers everybody and then takes nothing more', async () => {
    const { node, turns } = startedNode()
    await node.submit(sell(1))
    const outcome = node.submit({ type: 'recordPrint', sale: id(1), copy: 1, outcome: 'seen' })
    await node.close()
    assert.equal(typesOf(await outcome), ['printed'])
    assert.equal(await node.submit(sell(2)), { refused: 'busy' })
    assert.is(turns.length, 2)
  })

  test('a wall clock set back an hour never moves the entries back, and is shown', async () => {
    const { node, clocks, entries } = startedNode()
    clocks.wallMs -= 3_600_000
    clocks.monoMs += 5_000
    await node.submit(sell(1))
    const sold = entries.at(-1)
    assert.is(sold?.at, OPENED_AT + 6_000)
    assert.is(sold?.type === 'sold' && sold.isTimeUnsure, true)
    assert.is(
      node.health()[0]?.sentence,
      "The box's clock is 60 min behind the last sale. Receipts keep the later time."
    )
  })

  test('a jump of a year ahead is not followed but shown, its receipts marked', async () => {
    const { node, clocks, entries } = startedNode()
    await node.submit(sell(1))
    const before = clocks.wallMs
    clocks.wallMs += 365 * 86_400_000
    await node.submit(sell(2))
    assert.match(node.health()[0]?.sentence ?? '', /jumped 365 days ahead/)
    clocks.wallMs = before
    await node.submit(sell(3))
    assert.is(node.health()[0]?.state, 'up')
    assert.ok(entries.every(({ at }) => at === before))
    const unsure = entries.flatMap(each =>
      each.type === 'sold' ? [each.isTimeUnsure === true] : []
    )
    assert.equal(unsure, [false, true, false])
  })

  test('a box that learns the time late follows it until the first receipt', async () => {
    const { node, clocks, entries } = startedNode()
    clocks.wallMs += 30 * 86_400_000
    await node.submit(sell(1))
    assert.equal(
      entries.map(({ type, at }) => [type, at]),
      ['clockStepped', 'sessionOpened', 'sold'].map(type => [type, clocks.wallMs])
    )
  })

  test('no entry is older than the one that began a renewed log', async () => {
    const memory = memoryStore()
    const clocks = { wallMs: OPENED_AT, monoMs: 0.9 }
    const renew = async () => ({ ...(await memory.store.renew()), at: OPENED_AT + 1 })
    const store = { ...memory.store, renew }
    const node = startNode({ store, stall: openStall(), readClocks: () => clocks })
    memory.hold()
    const failed = node.submit(sell(1))
    memory.release()
    memory.appends[0]?.settle(diskFull)
    await failed
    await node.submit(sell(2))
    assert.is(memory.entries.at(-1)?.at, OPENED_AT + 1)
  })

  test('a wall clock that jumps ahead is followed, and the jump is an entry', async () => {
    const { node, clocks, entries } = startedNode()
    clocks.wallMs += 600_000
    clocks.monoMs += 1_000
    await node.submit(sell(1))
    assert.equal(
      entries.map(({ type, at }) => [type, at - OPENED_AT]),
      [
        ['clockStepped', 601_000],
        ['sessionOpened', 601_000],
        ['sold', 601_000]
      ]
    )
    assert.not.ok('isTimeUnsure' in (entries.at(-1) ?? {}))
  })
})
