import * as assert from 'uvu/assert'
import { formatFaults } from '../node/config/fault.ts'
import { decide, emptyStall } from '../node/core/stall.ts'
import { brief, configOf, faultsOf, MARKET, parse, withItem } from './configured.ts'
import { suite } from './harness.ts'

const EVERYTHING = `${MARKET}
[till]
port = 8090
host = "0.0.0.0"
languages = ["de", "en"]
prints_receipts = false
[broker]
port = 1884
[mesh]
beacon = true
[[tender]]
method = "cash"
name = "Bar"
[[tender]]
method = "voucher"
[[item]]
sku = "bao"
name = "Bao 包子"
price = 6.5
tax = "food"
category = "Hot"
cost = "2.10"
stock = 24
barcode = "4006381333931"
shared = true
[[device]]
role = "printer"
driver = "tcp"
host = "192.168.1.50"
port = 9100
`

suite('a configuration', test => {
  test('says all that it can say', () => {
    const config = configOf(parse(EVERYTHING))
    const cash = { method: 'cash', name: 'Bar', isCash: true }
    const voucher = { method: 'voucher', name: 'voucher', isCash: false }
    assert.equal(config, {
      isDefault: false,
      stall: { id: 'stall-12', name: 'stall-12', vendor: 'stall-12' },
      market: { id: 'dev.market', name: 'dev.market', origin: null, operatorKey: null },
      terms: {
        stallName: 'stall-12',
        vendor: 'stall-12',
        marketName: 'dev.market',
        timezone: 'Europe/Berlin',
        currency: { code: 'EUR', exponent: 2 },
        taxClasses: [
          { id: 'food', name: 'food', ratePpm: 70_000, isInclusive: true },
          { id: 'drink', name: 'drink', ratePpm: 88_750, isInclusive: false }
        ],
        cashRounding: { step: 1, tie: 'up' },
        tenders: [cash, voucher],
        notes: [],
        printsReceipts: false
      },
      items: [
        {
          item: {
            sku: 'bao',
            name: 'Bao 包子',
            price: 650,
            taxClass: 'food',
            category: 'Hot',
            barcode: '4006381333931',
            isShared: true
          },
          stock: 24,
          cost: 210
        }
      ],
      till: { port: 8090, host: '0.0.0.0', languages: ['de', 'en'] },
      broker: { port: 1884, tlsPort: 8883 },
      devices: [
        {
          role: 'printer',
          driver: 'tcp',
          name: 'printer',
          settings: { host: '192.168.1.50', port: 9100 }
        }
      ]
    })
  })

  test('names devices that have no name of their own after their role', () => {
    const device = (rest: string) => `[[device]]\nrole = "scanner"\ndriver = "hid"\n${rest}\n`
    const { devices } = configOf(
      parse(`${MARKET}${device('')}${device('name = "scanner-2"')}${device('')}${device('')}`)
    )
    const names = devices.map(({ name }) => name)
    assert.equal(names, ['scanner', 'scanner-2', 'scanner-3', 'scanner-4'])
    const twice = parse(`${MARKET}${device('name = "left"')}${device('name = "left"')}`)
    assert.equal(brief(twice), ['duplicate at 20:8'])
  })

  test('is the sample when there is no file, and core lists what it holds', () => {
    const { isDefault, terms, items } = configOf(parse(null))
    assert.is(isDefault, true)
    assert.is(items.length, 24)
    const categories = [...new Set(items.map(({ item }) => item.category))]
    assert.equal(categories, ['Hot', 'Cold', 'Snacks', 'Merch'])
    assert.equal(
      items.map(({ stock }) => stock).filter(stock => (stock ?? 0) <= 3),
      [3, 0]
    )
    const entries = decide(
      { ...emptyStall, terms },
      { type: 'listItems', items },
      { log: emptyStall.log.log, seq: 0, at: 0 }
    )
    assert.ok(Array.isArray(entries), JSON.stringify(entries))
    // One entry an item, one for the stock of the shared ones, one for all other stock.
    assert.is(entries.length, 26)
  })

  test('with five faults shows all five, each with its line and a caret', () => {
    const faults = faultsOf(
      parse(
        `[stall]
id = "Stall 12"
naem = "包子 Mei"
[market]
currency = "EUR"
timezone = "Europe/Berln"
[[tax]]
class = "food"
rate = 8.87512
[till]
port = 80900
`
      )
    )
    assert.is(
      formatFaults(faults),
      `stall.toml:2:6: id = "Stall 12" must be lower-case letters, digits and -.
  2 | id = "Stall 12"
    |      ^^^^^^^^^^
  do: Write id = "stall-12".

stall.toml:3:1: [stall] has no key naem.
  3 | naem = "包子 Mei"
    | ^^^^
  do: Did you mean name?

stall.toml:6:12: timezone = "Europe/Berln" is not a time zone of the IANA database.
  6 | timezone = "Europe/Berln"
    |            ^^^^^^^^^^^^^^
  do: Write timezone = "Europe/Berlin".

stall.toml:9:8: rate = 8.87512 is not a rate in percent: from 0 to 100, with at most 4 digits \
after the point.
  9 | rate = 8.87512
    |        ^^^^^^^
  do: Write rate = 19.

stall.toml:11:8: port = 80900 is not a port: a whole number from 0 to 65535.
  11 | port = 80900
     |        ^^^^^
  do: Write port = 8080.

5 faults.
`
    )
  })

  test('with lines that are no TOML still shows what is wrong elsewhere', () => {
    const text = `${withItem('price = 6,50\ntax = food')}\nstock = many\nbarcode = "4006381333932"`
    assert.equal(brief(parse(text)), [
      'bad-toml at 16:10',
      'bad-toml at 17:7',
      'bad-toml at 18:9',
      'bad-barcode at 19:11'
    ])
    assert.match(formatFaults(faultsOf(parse(text))), 'do: Write numbers with a point: 6.50.')
    assert.equal(brief(parse(`${MARKET}[till\nport = 1`)), ['bad-toml at 13:6'])
  })

  test('names a fault for each bad value', () => {
    const cases: readonly (readonly [line: string, fault: string])[] = [
      ['price = "6.50"\ntax = "foood"', 'unknown-tax-class at 17:7'],
      ['price = 6.505\ntax = "food"', 'bad-amount at 16:9'],
      ['price = -1\ntax = "food"', 'bad-amount at 16:9'],
      ['price = nan\ntax = "food"', 'bad-amount at 16:9'],
      ['price = inf\ntax = "food"', 'bad-amount at 16:9'],
      ['price = 1e2\ntax = "food"', 'bad-amount at 16:9'],
      ['price = 90071992547409.92\ntax = "food"', 'bad-amount at 16:9'],
      ['price = true\ntax = "food"', 'bad-amount at 16:9'],
      ['tax = "food"', 'missing at 13:1'],
      ['price = 1', 'missing at 13:1'],
      ['price = 1\ntax = "food"\nstock = 1.5', 'bad-number at 18:9'],
      ['price = 1\ntax = "food"\nstock = -1', 'bad-number at 18:9'],
      ['price = 1\ntax = "food"\nshared = "yes"', 'wrong-kind at 18:10'],
      ['price = 1\ntax = "food"\nbarcode = 4006381333931', 'wrong-kind at 18:11'],
      ['price = 1\ntax = "food"\nbarcode = "40170725"', 'ok'],
      ['price = 1\ntax = "food"\ncategory = " Hot"', 'bad-text at 18:12'],
      [
        'price = 1\ntax = "food"\n[[item]]\nsku = "bao"\nname = "B"\nprice = 1\ntax = "food"',
        'duplicate at 19:7'
      ],
      ['price = 1\ntax = "food"\n[item.size]\nbig = 1', 'unknown-key at 18:1'],
      ['price = 1\ntax = "food"\n[[itme]]', 'unknown-table at 18:1'],
      ['price = 1\ntax = "food"\n[device]', 'wrong-kind at 18:1'],
      ['price = 1\ntax = "food"\n[broker]\nport = 8080', 'port-clash at 19:8'],
      ['price = 1\ntax = "food"\n[broker]\nport = 0\n[till]\nport = 0', 'ok'],
      ['price = 1\ntax = "food"\n[till]\ncatalogue = "a.csv"', 'unknown-key at 19:1'],
      ['price = 1\ntax = "food"\n[till]\nlanguages = ["en", "x_y"]', 'bad-language at 19:20']
    ]
    for (const [line, fault] of cases) {
      const parsed = parse(withItem(line))
      assert.equal('config' in parsed ? ['ok'] : brief(parsed), [fault], line)
    }
  })

  test('promises nothing that is to come: no hub, no second printer', () => {
    const roleIs = (role: string) => parse(MARKET, { env: { STALL_STALL_ROLE: role } })
    assert.ok('config' in roleIs('stall'))
    assert.equal(
      faultsOf(roleIs('hub')).map(({ code, sentence }) => [code, sentence]),
      [['bad-choice', '"hub" is not a role yet: hub and collector come later.']]
    )
    const printer = '[[device]]\nrole = "printer"\ndriver = "tcp"\n'
    assert.equal(brief(parse(`${MARKET}${printer}${printer}`)), ['duplicate at 17:8'])
  })

  test('refuses names that would harm a receipt or a terminal', () => {
    for (const [name, code] of [
      ['"Bao \\u001b[31m"', 'bad-text at 1:20'],
      ['"Bao \\u202Eoab"', 'bad-text at 1:20'],
      ['"\\uFEFFBao"', 'bad-text at 1:20'],
      [`"${'B'.repeat(61)}"`, 'too-long at 1:20'],
      ['""', 'bad-text at 1:20']
    ] as const) {
      const text = `item = [{ name =   ${name}, sku = "b", price = 1, tax = "food" }]\n${MARKET}`
      assert.equal(brief(parse(text)), [code])
    }
    const raw = faultsOf(parse(`# \u001b[2J\n${MARKET}[till]\nport = "\u001b[2J"`))
    assert.not.match(formatFaults(raw), '\u001b')
  })

  test('refuses a market without currency, time zone or tax', () => {
    const parsed = parse('[stall]\nid = "a"')
    assert.equal(
      faultsOf(parsed).map(({ sentence }) => sentence),
      ['[market] has no currency.', '[market] has no timezone.', 'The market has no tax class.']
    )
    const offset = MARKET.replace('Europe/Berlin', '+01:00').replace('EUR', 'eur')
    assert.equal(brief(parse(offset)), ['bad-currency at 4:12', 'bad-timezone at 5:12'])
  })

  test('reads cash rounding and notes in the money of the market', () => {
    const market = 'cash_rounding = 0.05\ncash_rounding_tie = "down"\nnotes = [20, 5.0, "10"]\n'
    const { terms } = configOf(parse(MARKET.replace('[[tax]]', `${market}[[tax]]`)))
    assert.equal(terms.cashRounding, { step: 5, tie: 'down' })
    assert.equal(terms.notes, [500, 1000, 2000])
    const old = MARKET.replace('Europe/Berlin', 'Asia/Calcutta')
    assert.is(configOf(parse(old)).terms.timezone, 'Asia/Calcutta')
    const yen = MARKET.replace('EUR', 'JPY').replace('[[tax]]', 'notes = [1000, 0.5]\n[[tax]]')
    assert.equal(brief(parse(yen)), ['bad-amount at 6:16'])
  })
})
