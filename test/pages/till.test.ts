import * as assert from 'uvu/assert'
import { isId } from '../../node/core/id.ts'
import { addItem, EMPTY, setDiscount } from '../../node/pages/till/basket.ts'
import { isBasket, isView, readNote } from '../../node/pages/till/noted.ts'
import { cashTenders, payment } from '../../node/pages/till/pay.ts'
import { openTill, type Till } from '../../node/pages/till/till.ts'
import { openAskOnce } from '../../node/pages/till/unanswered.ts'
import { deviceView } from '../device-views.ts'
import { suite } from '../harness.ts'
import { nightMarket } from '../system/night-market.ts'
import { parcelOf } from './parcel-store.ts'
import { openStall, openTablet, openTime, portsOf, settled, TILL } from './tablet.ts'

suite('till', test => {
  test('a tap fills the basket, a payment empties it and shows the change', async () => {
    const { till, stall, time } = await open()
    till.tap('char-siu-bao')
    till.tap('char-siu-bao')
    till.tap('iced-yuzu-tea')
    const { id } = till.counter.basket.value
    assert.ok(isId(id))
    assert.is(till.cashDue.value, 1700)
    assert.is(till.stock.value('char-siu-bao'), 24)
    await pay(till, 2000)
    assert.is(till.payments.paid.value?.change, 300)
    assert.equal(till.counter.basket.value.lines, [])
    assert.is(till.stock.value('char-siu-bao'), 22)
    await time.pass(10)
    assert.is(stall.requests[0]?.key, id)
    till.tap('egg-tart')
    assert.is(till.payments.paid.value, null)
    assert.is.not(till.counter.basket.value.id, id)
  })

  test('a second tap on pay, and a quick tap on an item, do no harm', async () => {
    const { till, stall } = await open()
    till.tap('char-siu-bao')
    const first = pay(till, 650)
    const second = pay(till, 650)
    till.tap('egg-tart')
    await Promise.all([first, second])
    await settled()
    assert.is(stall.requests.length, 1)
    assert.equal(
      till.counter.basket.value.lines.map(line => line.sku),
      ['egg-tart']
    )
  })

  test('the count shown is right before, between and after the stall’s own news', async () => {
    const { till, stall } = await open()
    till.tap('tote', 3)
    await pay(till, 5400)
    const shown = () => till.stock.value('tote')
    assert.is(shown(), 8)
    await settled()
    assert.equal(till.outbox.parcels.value, [])
    assert.is(shown(), 8)
    const view = nightMarket()
    const [sale] = stall.requests
    const recent = {
      sale: sale?.key ?? '',
      number: '1',
      at: 0,
      total: view.terms.notes[0] ?? till.cashDue.value,
      change: till.cashDue.value,
      tenders: [],
      lines: [],
      isVoided: false
    }
    const tote = view.items.filter(item => item.sku === 'tote')
    stall.patch({ recent: [recent], items: tote.map(item => ({ ...item, stock: 8 })) })
    await settled()
    assert.is(shown(), 8)
  })

  test('Undo is open for eight seconds and queues a void', async () => {
    const { till, stall, time } = await open()
    till.tap('tote')
    await pay(till, 2000)
    await time.pass(7_000)
    await till.payments.undo('Undo')
    await time.pass(10)
    assert.is(till.payments.paid.value?.state, 'undone')
    assert.equal(stall.requests.at(-1)?.body, { reason: 'Undo', after_ms: 7_000 })
    till.tap('tote')
    await pay(till, 2000)
    await time.pass(8_100)
    await till.payments.undo('Undo')
    assert.is(till.payments.paid.value?.state, 'settled')
    assert.is(stall.requests.filter(request => request.path.endsWith('/void')).length, 1)
  })

  test('the basket outlives a reload, a paid one does not', async () => {
    const { till, tablet, stall, time } = await open()
    till.tap('tote')
    const { id } = till.counter.basket.value
    const again = await openTill(portsOf(tablet, openStall(), time))
    assert.is(again.counter.basket.value.id, id)
    stall.state.answer = () => ({ state: 'away' })
    const note = tablet.notebook.read('basket')
    await pay(till, 2000)
    // Killed between the payment and the emptied basket: the outbox knows better.
    tablet.notebook.write('basket', note)
    const next = openStall()
    const killed = await openTill(portsOf(tablet, next, time))
    assert.equal(killed.counter.basket.value.lines, [])
    await settled()
    assert.equal(
      next.requests.map(request => request.key),
      [id]
    )
  })

  test('a tablet that saw the stall before sells without it', async () => {
    const { tablet, time } = await open()
    await time.pass(3_000)
    const alone = openStall()
    alone.state.answer = () => ({ state: 'away' })
    const till = await openTill(portsOf(tablet, alone, time))
    till.tap('char-siu-bao')
    await pay(till, 650)
    assert.is(till.payments.paid.value?.total, 650)
    assert.is(till.outbox.parcels.value.length, 1)
  })

  test('what a till of another age noted does not stop the start', async () => {
    const { till, tablet, time } = await open()
    till.tap('tote')
    await time.pass(3_000)
    const { id, lines } = till.counter.basket.value
    const [line] = lines
    const { terms, ...view } = nightMarket()
    const older: Readonly<Record<string, readonly unknown[]>> = {
      basket: ['{', 7, [], {}, { id }, { id, lines: [{ ...line, unitPrice: '6.50' }] }],
      view: ['{', 'x', {}, view, { ...view, terms: { ...terms, currency: 'EUR' } }],
      unanswered: ['{', {}, [null], [{ request: 1 }]],
      clock: ['{', 'x y', 7],
      theme: ['mauve']
    }
    for (const [name, notes] of Object.entries(older)) {
      for (const note of notes) {
        tablet.notebook.write(name, typeof note === 'string' ? note : JSON.stringify(note))
        const ports = portsOf(tablet, openStall(), time)
        openAskOnce(ports)
        const again = await openTill(ports)
        assert.ok(again.quote.value.total >= 0)
        if (name === 'basket') assert.equal(again.counter.basket.value, EMPTY)
        if (name === 'view') assert.is(again.terms.value, null)
      }
    }
  })

  test('the notes of this till are read back whole', () => {
    // Without its devices: how they were before a reload says nothing.
    const view = { ...nightMarket(), devices: [] }
    assert.equal(readNote(JSON.stringify(view), isView), view)
    const [bao] = view.items
    if (!bao) throw new Error('There is no bao')
    const basket = setDiscount(
      addItem(EMPTY, bao, 2, () => parcelOf('a').key),
      null,
      {
        ratePpm: 100_000,
        reason: 'friend'
      }
    )
    assert.equal(readNote(JSON.stringify(basket), isBasket), basket)
  })

  test('a tablet that cannot save keeps the basket and says so', async () => {
    const { till, tablet } = await open()
    till.tap('tote')
    tablet.store.isBroken = true
    await pay(till, 1800)
    assert.is(till.payments.paid.value, null)
    assert.is(till.counter.basket.value.lines.length, 1)
    assert.is(till.statuses.value[0]?.key, 'cannot-save')
  })

  test('a scan adds one, also with the zero of a UPC, and names what it misses', async () => {
    const { till } = await open()
    const code = till.items.value[0]?.barcode ?? ''
    till.scan(code)
    till.scan(`0${code}`)
    assert.is(till.counter.basket.value.lines[0]?.quantity, 2)
    till.scan('4711')
    const [status] = till.statuses.value
    assert.match(status?.text ?? '', /4711/)
    assert.equal(status?.opens, { name: 'open' })
  })

  test('a scan waits while somebody types, and goes in over any other sheet', async () => {
    const { till, stall } = await open()
    const code = till.items.value[0]?.barcode ?? ''
    till.sheet.value = { name: 'pay' }
    stall.emit('scan', { device: 'gun', code })
    await settled()
    assert.equal(till.counter.basket.value.lines, [])
    assert.match(till.statuses.value[0]?.text ?? '', /scan again/)
    till.sheet.value = { name: 'menu' }
    stall.emit('scan', { device: 'gun', code })
    await settled()
    assert.is(till.counter.basket.value.lines[0]?.quantity, 1)
  })

  test('a touch asks for the scanner once, and again when another till has taken it', async () => {
    const { till, stall } = await open()
    const claims = () => stall.requests.filter(({ path }) => path === '/api/v1/scans/claim')
    stall.show({ ...nightMarket(), devices: [] })
    await settled()
    till.touch()
    assert.equal(claims(), [], 'there is no scanner here')
    stall.show({ ...nightMarket(), devices: [deviceView({ name: 'gun', role: 'scanner' })] })
    await settled()
    stall.emit('scanner', { till: TILL })
    await settled()
    till.touch()
    assert.equal(claims(), [], 'it has it already')
    stall.emit('scanner', { till: 'b'.repeat(32) })
    await settled()
    till.touch()
    till.touch()
    assert.equal(
      claims().map(({ body }) => body),
      [{ till: TILL }]
    )
    stall.emit('scanner', { till: 'b'.repeat(32) })
    stall.state.answer = () => ({ state: 'away' })
    await settled()
    till.touch()
    await settled()
    till.touch()
    assert.is(claims().length, 3, 'a touch that nobody heard is said again')
  })

  test('"5*" makes the next tap five', async () => {
    const { till } = await open()
    till.search.value = '5*tea'
    assert.equal(
      till.found.value.map(item => item.sku),
      ['iced-yuzu-tea', 'thai-milk-tea']
    )
    till.tap('thai-milk-tea')
    assert.is(till.counter.basket.value.lines[0]?.quantity, 5)
    assert.is(till.search.value, '')
  })
})

async function open() {
  const [tablet, stall, time] = [openTablet(), openStall(), openTime()]
  const till = await openTill(portsOf(tablet, stall, time))
  await settled()
  stall.show(nightMarket())
  await settled()
  return { till, tablet, stall, time }
}

async function pay(till: Till, cash: number): Promise<void> {
  const terms = till.terms.value
  if (!terms) throw new Error('The till has no terms yet')
  const amount = cash as typeof till.cashDue.value
  const paid = payment(till.quote.value.total, cashTenders(amount, terms), terms)
  if (!('change' in paid)) throw new Error(`Not paid: ${JSON.stringify(paid)}`)
  await till.payments.pay(paid)
}
