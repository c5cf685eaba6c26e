import * as assert from 'uvu/assert'
import { money } from '../../node/core/sell/money.ts'
import { openLive, SILENCE_MS_MAX } from '../../node/pages/till/live.ts'
import { readEvents } from '../../node/pages/till/sse.ts'
import { deviceView } from '../device-views.ts'
import { suite } from '../harness.ts'
import { nightMarket } from '../system/night-market.ts'
import { openStall, openTime, settled } from './tablet.ts'

suite('live stream', test => {
  test('shows the stall, then what changes', async () => {
    const { live, stall, view } = await open()
    stall.show(view)
    await settled()
    assert.is(live.link.value.state, 'live')
    const [bao] = view.items
    if (!bao) throw new Error('There is no bao')
    stall.patch({
      items: [
        { ...bao, stock: 2 },
        { ...bao, sku: 'new' }
      ],
      withdrawn: ['tote']
    })
    await settled()
    const items = live.view.value?.items ?? []
    assert.is(items[0]?.stock, 2)
    assert.is(items.at(-1)?.sku, 'new')
    assert.not(items.some(item => item.sku === 'tote'))
    assert.is(items.length, view.items.length)
  })

  test('remembers what a price was, until it is that again', async () => {
    const { live, stall, view } = await open()
    stall.show(view)
    await settled()
    const [bao] = view.items
    if (!bao) throw new Error('There is no bao')
    stall.patch({ items: [{ ...bao, price: money(690) }] })
    await settled()
    assert.is(live.moves.value.get(bao.sku)?.from, 650)
    stall.patch({ items: [bao] })
    await settled()
    assert.is(live.moves.value.size, 0)
  })

  test('silence past the watchdog is a dead link; a heartbeat is not silence', async () => {
    const { live, stall, time, view } = await open()
    stall.show(view)
    await time.pass(SILENCE_MS_MAX - 1_000)
    stall.beat()
    await time.pass(SILENCE_MS_MAX - 1_000)
    assert.is(live.link.value.state, 'live')
    await time.pass(2_000)
    assert.is(live.link.value.state, 'away')
    assert.is(live.link.value.since, SILENCE_MS_MAX - 1_000)
    assert.ok(live.view.value, 'and the old picture stays')
  })

  test('comes back by itself within a second or so', async () => {
    const { live, stall, time, view } = await open()
    stall.show(view)
    await settled()
    stall.hangUp()
    await settled()
    assert.is(live.link.value.state, 'away')
    await time.pass(1_100)
    stall.show(view)
    await settled()
    assert.is(live.link.value.state, 'live')
  })

  test('the simulated printer’s roll is the stall’s own after every whole view', async () => {
    const { live, stall, time, view } = await open()
    const line = (text: string) => ({ text, style: 'plain' }) as const
    stall.show(view)
    await settled()
    assert.is(live.paper.value, null)
    stall.print([])
    await settled()
    assert.equal(live.paper.value, [])
    stall.print([line('one')])
    stall.print([line('two')])
    await settled()
    assert.equal(live.paper.value, [line('one'), line('two')])
    stall.hangUp()
    await time.pass(1_100)
    stall.show(view)
    stall.print([line('two'), line('three')])
    await settled()
    assert.equal(live.paper.value, [line('two'), line('three')])
  })

  test('a device takes the place of its like, and ages go by the stall’s clock', async () => {
    const { live, stall, time, view } = await open()
    await time.pass(5_000)
    const [door, lamp] = [deviceView({ name: 'door' }), deviceView({ name: 'lamp', role: 'light' })]
    stall.show({ ...view, at: 1_000_000, devices: [door, lamp] })
    await settled()
    assert.is(live.skew.value + time.now(), 1_000_000)
    await time.pass(2_000)
    stall.patch({ at: 1_060_000, devices: [{ ...door, restarts: 1 }] })
    await settled()
    assert.equal(live.view.value?.devices, [{ ...door, restarts: 1 }, lamp])
    assert.is(live.skew.value + time.now(), 1_060_000)
  })

  test('a scan is handed on, and is no part of the picture', async () => {
    const { live, stall, scans, view } = await open()
    stall.show(view)
    stall.emit('scan', { device: 'gun', code: '4006381333931' })
    await settled()
    assert.equal(scans, ['4006381333931'])
    assert.equal(live.view.value, view)
  })

  test('lets go while nobody looks, and is back at once', async () => {
    const { live, stall, time, view } = await open()
    stall.show(view)
    await settled()
    assert.is(stall.streams(), 1)
    live.sleep()
    await time.pass(60_000)
    assert.is(stall.streams(), 0)
    live.wake()
    await settled()
    assert.is(stall.streams(), 1)
    stall.show(view)
    await settled()
    assert.is(live.link.value.state, 'live')
  })
})

suite('event reader', test => {
  const text = 'retry: 300\n\n:\n\nid: 7\nevent: view\ndata: {"a":\ndata: 1}\n\nid: 8\ndata: x\n\n'
  const events = [
    { id: '7', event: 'view', data: '{"a":\n1}' },
    { id: '8', event: 'message', data: 'x' }
  ]

  test('reads events, and comments are none', () => {
    assert.equal(readEvents()(text), events)
    assert.equal(readEvents()(text.replaceAll('\n', '\r\n')), events)
  })

  test('wherever the bytes are cut', () => {
    for (let cut = 0; cut <= text.length; cut++) {
      const read = readEvents()
      assert.equal([...read(text.slice(0, cut)), ...read(text.slice(cut))], events)
    }
  })
})

async function open() {
  const [stall, time] = [openStall(), openTime()]
  const scans: string[] = []
  const live = openLive({
    openStream: stall.openStream,
    now: time.now,
    after: time.after,
    remembered: null,
    onView: () => {},
    onScan: code => scans.push(code),
    onScanner: () => {}
  })
  await settled()
  return { live, stall, time, scans, view: nightMarket() }
}
