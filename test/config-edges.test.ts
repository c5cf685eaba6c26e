import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { formatFaults } from '../node/config/fault.ts'
import { SAMPLE_TOML } from '../node/config/sample.ts'
import { brief, configOf, faultsOf, MARKET, parse, withItem } from './configured.ts'
import { suite } from './harness.ts'

suite('a damaged configuration', test => {
  test('has faults with places and never breaks the reader', () => {
    const damage = fc.record({
      at: fc.nat(SAMPLE_TOML.length),
      cut: fc.nat(30),
      put: fc.oneof(
        fc.constantFrom('"', "'", '[', ']', '[[', '{', '}', '=', '.', '#', '\n', '"""', '\\', ','),
        fc.string({ maxLength: 5 })
      )
    })
    const change = (text: string, { at, cut, put }: { at: number; cut: number; put: string }) =>
      text.slice(0, at) + put + text.slice(at + cut)
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), damages => {
        const text = damages.reduce(change, SAMPLE_TOML)
        const parsed = parse(text)
        if ('config' in parsed) return
        const lines = text.split('\n')
        assert.ok(parsed.faults.length > 0)
        for (const { place } of parsed.faults) {
          assert.ok('path' in place)
          assert.is(place.text, lines[place.line - 1]?.trimEnd())
        }
      }),
      { numRuns: 500 }
    )
  })
})

suite('prices', test => {
  const priceOf = (written: string): number | undefined =>
    configOf(parse(withItem(`price = ${written}\ntax = "food"`))).items[0]?.item.price

  test('are exact however they are written', () => {
    for (const [written, price] of [
      ['6.5', 650],
      ['"6.50"', 650],
      ['6', 600],
      ['1_000.01', 100_001],
      ['+4.35', 435],
      ['0', 0],
      ['90071992547409.91', Number.MAX_SAFE_INTEGER]
    ] as const) {
      assert.is(priceOf(written), price, written)
    }
  })

  test('come out as the cents that went in', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.boolean(), (cents, isText) => {
        const digits = String(cents).padStart(3, '0')
        const written = `${digits.slice(0, -2)}.${digits.slice(-2)}`
        assert.is(priceOf(isText ? `"${written}"` : written), cents)
      }),
      { numRuns: 200 }
    )
  })
})

suite('the environment', test => {
  test('lies over the file', () => {
    const env = {
      STALL_TILL_PORT: '9000',
      STALL_TILL_LANGUAGES: 'de, en',
      STALL_TILL_PRINTS_RECEIPTS: 'FALSE',
      STALL_BROKER_TLS_PORT: '0',
      STALL_STALL_NAME: 'Mei',
      STALL_MARKET_NOTES: '5,10',
      STALL_MARKET_ID: '',
      STALL_CONFIG: 'elsewhere.toml',
      STALL_MESH_BEACON: 'true',
      PATH: '/bin'
    }
    const { till, broker, stall, terms } = configOf(parse(`${MARKET}[till]\nport = 1`, { env }))
    assert.equal(till, { port: 9000, host: null, languages: ['de', 'en'] })
    assert.equal(broker, { port: 1883, tlsPort: 0 })
    assert.is(stall.name, 'Mei')
    assert.equal(terms.notes, [500, 1000])
    assert.is(terms.printsReceipts, false)
  })

  test('is named in its faults', () => {
    const env = { STALL_TILL_PROT: '1', STALL_STALL_ROLE: 'hud', STALL_CATALOGUE: 'gone.csv' }
    assert.is(
      formatFaults(faultsOf(parse(MARKET, { env }))),
      `STALL_STALL_ROLE: "hud" is not one of: stall.
  do: Write STALL_STALL_ROLE=stall.

STALL_TILL_PROT: [till] has no key prot.
  do: Did you mean STALL_TILL_PORT?

STALL_CATALOGUE: "gone.csv" cannot be read: there is no such file.
  do: Put the file beside the configuration, or correct its name.

3 faults.
`
    )
  })
})

suite('devices', test => {
  test('are read by the parsers of their drivers, which say where they are wrong', () => {
    const text = `${MARKET}[[device]]\nrole = "printer"\ndriver = "tcp"\nprot = 1\n`
    const parsed = parse(text, {
      parseDevice: ({ driver, settings }) => ({
        faults: [
          ...Object.keys(settings).map(key => ({ key, sentence: `No ${key}.`, fix: 'port' })),
          { key: 'driver', sentence: `No driver ${driver}.`, fix: 'usb' },
          { key: 'host', sentence: 'No host.', fix: 'host' }
        ]
      })
    })
    const where = ['bad-device at 13:1', 'bad-device at 15:10', 'bad-device at 16:8']
    assert.equal(brief(parsed), where)
  })
  test('have no name of a part of the stall, neither from their role nor given', () => {
    const names = (text: string) =>
      configOf(parse(`${MARKET}${text}`)).devices.map(({ name }) => name)
    const clock = '[[device]]\nrole = "clock"\ndriver = "system-clock"\n'
    assert.equal(names(clock + clock), ['clock-2', 'clock-3'])
    const parsed = parse(`${MARKET}${clock}name = "disk"\n`)
    assert.equal(brief(parsed), ['duplicate at 16:8'])
  })
})
