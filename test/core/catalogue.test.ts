import * as assert from 'uvu/assert'
import {
  catalogueCommands,
  ITEMS_MAX,
  LISTED_MAX,
  type ListItems
} from '../../node/core/sell/item.ts'
import { currencyOf } from '../../node/core/sell/money.ts'
import { rows } from '../../node/core/table.ts'
import { suite } from '../harness.ts'
import { euro, id, item, openStall, TERMS, thenRefused, when } from './given.ts'

const catalogue = (name: string, size: number): ListItems['items'] =>
  Array.from({ length: size }, (_, index) => ({ item: item(`${name}${index}`, euro(1)) }))

const configure = (items: ListItems['items'], stall = openStall()) =>
  catalogueCommands(stall, { terms: TERMS, items }).reduce((before, command) => {
    const { refusal, stall } = when(before, command)
    assert.is(refusal, null)
    return stall
  }, stall)

const offered = (stall: ReturnType<typeof openStall>) =>
  [...rows(stall.items)].flatMap(([sku, { isWithdrawn }]) => (isWithdrawn ? [] : [sku]))

const sell = {
  type: 'sell',
  sale: id(1),
  lines: [{ sku: 'bao', quantity: 1 }],
  tenders: [{ method: 'cash', amount: euro(6.5) }]
} as const

suite('catalogue', test => {
  test('a full catalogue makes room for a whole other one, and comes back', () => {
    const first = configure(catalogue('a', ITEMS_MAX))
    const second = configure(catalogue('b', ITEMS_MAX), first)
    assert.is(offered(second).length, ITEMS_MAX)
    assert.ok(offered(second).every(sku => sku.startsWith('b')))
    const back = configure(catalogue('a', ITEMS_MAX), second)
    assert.is(back.items.size, second.items.size)
    assert.ok(offered(back).every(sku => sku.startsWith('a')))
  })

  test('one item more than can be offered is refused', () => {
    const full = configure(catalogue('a', ITEMS_MAX))
    const more = { type: 'listItems', items: [{ item: item('more', euro(1)) }] } as const
    thenRefused(full, more, { refused: 'too-many-items', max: ITEMS_MAX })
  })

  test('no wish carries more items than fit a frame', () => {
    const full = configure(catalogue('a', 1_200))
    const commands = catalogueCommands(full, { terms: TERMS, items: catalogue('b', 1_200) })
    const sizes = commands.map(
      each => ('skus' in each ? each.skus : 'items' in each ? each.items : []).length
    )
    assert.is(sizes.length, 6)
    assert.ok(sizes.every(size => size <= LISTED_MAX))
    const skus = Array.from({ length: LISTED_MAX + 1 }, () => 'a1')
    const refusal = { refused: 'too-many-items', max: LISTED_MAX } as const
    thenRefused(full, { type: 'withdrawItems', skus }, refusal)
  })

  test('the currency may change until something is sold, and other terms after it', () => {
    const yen = { type: 'setTerms', terms: { ...TERMS, currency: currencyOf('JPY') } } as const
    assert.is(when(openStall(), yen).stall.terms.currency.code, 'JPY')
    const { stall } = when(openStall(), sell)
    thenRefused(stall, yen, { refused: 'currency-in-use', currency: 'EUR' })
    const renamed = when(stall, { type: 'setTerms', terms: { ...TERMS, stallName: 'Bao 2' } })
    assert.is(renamed.stall.terms.stallName, 'Bao 2')
  })
})
