import * as assert from 'uvu/assert'
import { formatFaults } from '../../node/config/fault.ts'
import { parseConfig } from '../../node/config.ts'
import { suite } from '../harness.ts'

const STALL = `catalogue = "items.csv"
[stall]
id = "stall-12"
[market]
currency = "EUR"
timezone = "Europe/Berlin"
[[tax]]
class = "food"
rate = 7
`

const withCatalogue = (csv: string, toml = '') =>
  parseConfig({
    text: STALL + toml,
    path: '/etc/stallmesh/stall.toml',
    env: {},
    readCatalogue: file => ({ path: `/etc/stallmesh/${file}`, text: csv }),
    parseDevice: device => ({ device })
  })

function itemsOf(parsed: ReturnType<typeof withCatalogue>) {
  if ('config' in parsed) return parsed.config.items
  throw new Error(formatFaults(parsed.faults))
}

const textOf = (parsed: ReturnType<typeof withCatalogue>): string =>
  'faults' in parsed ? formatFaults(parsed.faults) : 'no faults'

const codesOf = (parsed: ReturnType<typeof withCatalogue>): readonly string[] =>
  'faults' in parsed ? parsed.faults.map(({ code }) => code) : []

suite('a catalogue in CSV', test => {
  test('may quote, leave cells empty and end its lines either way', () => {
    const items = itemsOf(
      withCatalogue(
        '\uFEFFsku,name, price ,stock,shared\r\n' +
          'bao,"Bao, ""XL""" ,6.5,24,TRUE\n\r\n tea , Tea ,4,,\n,,,,\nend,E,1,2,'
      )
    )
    const rest = { taxClass: 'food', category: '', barcode: '' }
    assert.equal(items, [
      { item: { ...rest, sku: 'bao', name: 'Bao, "XL"', price: 650, isShared: true }, stock: 24 },
      { item: { ...rest, sku: 'tea', name: 'Tea', price: 400, isShared: false } },
      { item: { ...rest, sku: 'end', name: 'E', price: 100, isShared: false }, stock: 2 }
    ])
  })

  test('with three faults shows all three', () => {
    assert.is(
      textOf(
        withCatalogue(`sku,name,price,tax,barcode
bao,Char siu bao,"6,50",food,
tea,Tea,4.00,drinks,
tea,Milk tea,4.50,food,
`)
      ),
      `/etc/stallmesh/items.csv:2:18: price "6,50" is not an amount of money.
  2 | bao,Char siu bao,"6,50",food,
    |                  ^^^^^^
  do: Write 6.50.

/etc/stallmesh/items.csv:3:14: tax "drinks" is not one of the market's tax classes: food.
  3 | tea,Tea,4.00,drinks,
    |              ^^^^^^
  do: Write food.

/etc/stallmesh/items.csv:4:1: sku "tea" stands twice; the first is on line 3 of \
/etc/stallmesh/items.csv.
  4 | tea,Milk tea,4.50,food,
    | ^^^
  do: Give each its own sku, or leave one out.

3 faults.
`
    )
  })

  test('must be well formed', () => {
    for (const [csv, codes] of [
      ['', ['bad-csv']],
      ['sku;name;price\na;b;1', ['bad-csv']],
      ['sku,name\na,b', ['missing']],
      ['sku,name,price,prize\na,b,1,2', ['unknown-key']],
      ['sku,name,price,sku\na,b,1,a', ['duplicate']],
      ['sku,name,price\na,b', ['bad-csv']],
      ['sku,name,price\na,b "c" d,1', ['bad-csv']],
      ['sku,name,price\na,"b"c,1', ['bad-csv']],
      ['sku,"name,price\na,b,1', ['bad-csv']],
      ['sku,name,price\na,b,', ['missing']],
      [`sku,name,price\na,"${'b'.repeat(9_000_000)},1`, ['too-large']],
      [`sku,name,price\na,"${'b'.repeat(4_000_000)},1`, ['bad-csv']]
    ] as const) {
      assert.equal(codesOf(withCatalogue(csv)), codes, csv.slice(0, 80))
    }
    const raw = textOf(withCatalogue('sku,name,price\ra\u001b[2J,b,1'))
    assert.match(raw, 'no key price·a·[2J.')
    assert.match(textOf(withCatalogue('sku,name,price\na,"b,1\nc,d,2')), 'quotes of this cell')
  })

  test('shares its SKUs and barcodes with the items of the file', () => {
    const toml = '[[item]]\nsku = "tea"\nname = "Tea"\nprice = 4\nbarcode = "036000291452"\n'
    const csv = 'sku,name,price,barcode\ntea,Tea,4,0036000291452\n'
    const text = textOf(withCatalogue(csv, toml))
    assert.match(text, 'sku "tea" stands twice; the first is on line 11 of /etc/')
    assert.match(text, 'barcode "0036000291452" stands twice; the first is on line 14 of /etc/')
  })

  test('holds 10,000 items and not one more', () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => `s${index},Item ${index},6.50\n`)
    const csv = `sku,name,price\n${lines.join('')}`
    assert.is(itemsOf(withCatalogue(csv)).length, 10_000)
    const text = textOf(withCatalogue(`${csv}last,Last,1\n`))
    assert.match(text, 'items.csv:10002:1: The catalogue has 10001 items; a stall sells at most')
  })

  test('shows the first fifty of very many faults', () => {
    const csv = `sku,name,price\n${'a,b,x\n'.repeat(100)}`
    assert.match(textOf(withCatalogue(csv)), /199 faults. The other 149 come after/)
  })
})
