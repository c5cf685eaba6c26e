import * as assert from 'uvu/assert'
import { openOutbox } from '../../node/pages/till/outbox.ts'
import { field } from '../../node/pages/till/paid.ts'
import type { Parcel } from '../../node/pages/till/parcel.ts'
import type { Reply, Request } from '../../node/pages/till/request.ts'
import { suite } from '../harness.ts'
import { parcelOf, tryParcelStore } from './parcel-store.ts'
import { openStall, openTablet, openTime, settled } from './tablet.ts'

const AWAY: Reply = { state: 'away' }
const DONE: Reply = { state: 'done', body: {} }
const LATER: Reply = { state: 'later' }
const NO: Reply = { state: 'refused', trouble: { problem: 'no', detail: 'No.', fix: 'Ask.' } }

suite('parcel store in memory', test => {
  test('keeps, replaces and removes', async () => {
    assert.equal(await tryParcelStore(openTablet().store), [])
  })
})

suite('outbox', test => {
  test('a sale is safe before it is sent, and leaves the tablet when it is booked', async () => {
    const { outbox, stall, tablet, done } = await open()
    const keptAtSend: number[] = []
    stall.state.answer = () => {
      keptAtSend.push(tablet.rows.size)
      return DONE
    }
    await outbox.add(parcelOf('a'))
    await settled()
    assert.equal(keptAtSend, [1])
    assert.equal(keysOf(done), ['a'])
    assert.is(tablet.rows.size, 0)
    assert.equal(outbox.parcels.value, [])
  })

  test('what is safe is on its way before the screen changes', async () => {
    const { outbox, stall } = await open()
    const sentWhenShown: number[] = []
    outbox.parcels.subscribe(parcels => {
      if (parcels.length > 0) sentWhenShown.push(stall.requests.length)
    })
    await outbox.add(parcelOf('a'))
    assert.equal(sentWhenShown, [1])
  })

  test('no answer is tried again for ever, with the same id and a growing age', async () => {
    const { outbox, stall, time } = await open()
    stall.state.answer = () => AWAY
    await outbox.add(parcelOf('a'))
    await time.pass(120_000)
    const sent = stall.requests.length
    assert.ok(sent > 8 && sent < 30, `${sent} tries in two minutes`)
    stall.state.answer = () => DONE
    await time.pass(20_000)
    assert.is(outbox.parcels.value.length, 0)
    assert.is(new Set(stall.requests.map(request => request.key)).size, 1)
    assert.ok(ageOf(stall.requests.at(-1)) > 100_000)
  })

  test('waking sends at once', async () => {
    const { outbox, stall, time } = await open()
    stall.state.answer = () => AWAY
    await outbox.add(parcelOf('a'))
    await time.pass(60_000)
    const before = stall.requests.length
    stall.state.answer = () => DONE
    await outbox.wake()
    assert.is(stall.requests.length, before + 1)
    assert.is(outbox.parcels.value.length, 0)
  })

  test('one busy sale does not hold up the next', async () => {
    const { outbox, stall } = await open()
    stall.state.answer = request => (request.key === parcelOf('a').key ? LATER : DONE)
    await outbox.add(parcelOf('a', 1))
    await outbox.add(parcelOf('b', 2))
    await settled()
    assert.equal(keysOf(outbox.parcels.value), ['a'])
  })

  test('a refused sale is kept and shown, not sent again, until the keeper answers', async () => {
    const { outbox, stall, time, tablet, done } = await open()
    stall.state.answer = () => NO
    await outbox.add(parcelOf('a'))
    await time.pass(60_000)
    assert.is(stall.requests.length, 1)
    assert.is(outbox.parcels.value[0]?.trouble?.detail, 'No.')
    assert.equal(done, [])
    assert.is(field(field(tablet.rows.get(parcelOf('a').key), 'trouble'), 'fix'), 'Ask.')
    stall.state.answer = () => DONE
    await outbox.retry(parcelOf('a').key)
    await settled()
    assert.equal(outbox.parcels.value, [])
  })

  test('a void queues behind its sale, and goes with one that the keeper takes away', async () => {
    const { outbox, stall, time } = await open()
    stall.state.answer = () => AWAY
    await outbox.add(parcelOf('a', 1))
    await outbox.add(voidOf('a', 2))
    assert.ok(stall.requests.every(request => request.path === '/api/v1/sales'))
    stall.state.answer = () => NO
    await time.pass(20_000)
    assert.ok(stall.requests.every(request => request.path === '/api/v1/sales'))
    await outbox.discard(parcelOf('a').key)
    assert.equal(outbox.parcels.value, [])
    stall.state.answer = () => DONE
    await outbox.add(parcelOf('b', 3))
    await outbox.add(voidOf('b', 4))
    await time.pass(1_000)
    assert.is(stall.requests.at(-1)?.path, `/api/v1/sales/${'b'.repeat(32)}/void`)
    assert.equal(stall.requests.at(-1)?.body, { reason: 'Undo', after_ms: 3 })
  })

  test('after a restart of the tablet the same sale goes out again', async () => {
    const { outbox, stall, tablet, time } = await open()
    stall.state.answer = () => AWAY
    await outbox.add(parcelOf('a'))
    outbox.close()
    stall.state.answer = () => DONE
    const next = await openOutbox({
      store: tablet.store,
      ask: stall.ask,
      ...time,
      onDone: () => {}
    })
    assert.is(next.parcels.value.length, 1)
    await next.wake()
    assert.equal(next.parcels.value, [])
    assert.is(new Set(stall.requests.map(request => JSON.stringify(request))).size, 1)
  })

  test('a tablet that cannot save takes no sale, and says so', async () => {
    const { outbox, stall, tablet } = await open()
    tablet.store.isBroken = true
    const failed = await outbox.add(parcelOf('a')).then(
      () => false,
      () => true
    )
    assert.ok(failed)
    assert.is(outbox.canSave.value, false)
    assert.equal(outbox.parcels.value, [])
    assert.equal(stall.requests, [])
    tablet.store.isBroken = false
    await outbox.wake()
    assert.is(outbox.canSave.value, true)
  })

  test('a row of another age stays, is shown, and goes when the keeper says so', async () => {
    const { outbox, tablet, stall, time } = await open()
    const { tenders: _, ...older } = parcelOf('a')
    tablet.rows.set(older.key, older)
    tablet.rows.set(parcelOf('b').key, { ...parcelOf('b'), lines: [{ article: 'bao' }] })
    tablet.rows.set(parcelOf('c').key, parcelOf('c'))
    await outbox.wake()
    await time.pass(60_000)
    assert.equal(
      stall.requests.map(request => request.key),
      [parcelOf('c').key]
    )
    assert.equal(
      outbox.unread.value.map(row => row.key),
      [older.key, parcelOf('b').key]
    )
    assert.match(outbox.unread.value[0]?.text ?? '', /Char siu bao/)
    await outbox.discard(older.key)
    await outbox.wake()
    assert.equal([...tablet.rows.keys()], [parcelOf('b').key])
    assert.is(outbox.unread.value.length, 1)
  })

  test('what another tab left behind is found on waking', async () => {
    const { outbox, tablet, stall } = await open()
    await tablet.store.put(parcelOf('a'))
    await outbox.wake()
    assert.equal(outbox.parcels.value, [])
    assert.is(stall.requests.length, 1)
  })
})

async function open() {
  const [tablet, stall, time] = [openTablet(), openStall(), openTime()]
  const done: Parcel[] = []
  const { now, after } = time
  const outbox = await openOutbox({
    store: tablet.store,
    ask: stall.ask,
    now,
    after,
    onDone: parcel => done.push(parcel)
  })
  return { outbox, tablet, stall, time, done }
}

const voidOf = (digit: string, at: number): Parcel => {
  const { key: sale } = parcelOf(digit)
  return { kind: 'void', key: `${sale}:void`, sale, at, reason: 'Undo', afterMs: 3 }
}

const keysOf = (parcels: readonly Parcel[]) => parcels.map(parcel => parcel.key[0])

function ageOf(request: Request | undefined): number {
  const { body } = request ?? {}
  return typeof body === 'object' && body && 'age_ms' in body ? Number(body.age_ms) : Number.NaN
}
