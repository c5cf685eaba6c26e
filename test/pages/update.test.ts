import * as assert from 'uvu/assert'
import { EMPTY } from '../../node/pages/till/basket.ts'
import { canUpdate, seesUpdate } from '../../node/pages/till/update.ts'
import { suite } from '../harness.ts'
import { nightMarket } from '../system/night-market.ts'

suite('update', test => {
  const sees = (html: string, running: string) =>
    seesUpdate({ fetch: async () => new Response(html), running })

  test('another script in the served page is a newer till', async () => {
    const html = '<script type="module" src="/assets/till-NEW_1.js"></script>'
    assert.ok(await sees(html, 'http://stall/assets/till-OLD_1.js'))
    assert.not(await sees(html, 'http://stall/assets/till-NEW_1.js'))
    assert.not(await sees('<h1>Restarting</h1>', 'http://stall/assets/till-OLD_1.js'))
  })

  test('never during trade, never with goods on the counter', () => {
    const closed = { ...nightMarket(), session: null }
    assert.not(canUpdate({ view: nightMarket(), basket: EMPTY }))
    assert.not(canUpdate({ view: null, basket: EMPTY }))
    assert.not(canUpdate({ view: closed, basket: { id: null, lines: [line] } }))
    assert.ok(canUpdate({ view: closed, basket: EMPTY }))
  })
})

const [bao] = nightMarket().items
if (!bao) throw new Error('There is no bao')
const line = {
  key: bao.sku,
  sku: bao.sku,
  name: bao.name,
  quantity: 1,
  unitPrice: bao.price,
  taxClass: bao.taxClass
}
