import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { decode, hexOf, unhex } from '../../node/pages/check/cbor.ts'
import { bytesOfDigits, checkReceipt, fingerprint } from '../../node/pages/check/receipt.ts'
import { suite } from '../harness.ts'

interface Case {
  readonly name: string
  readonly kind: string
  readonly expect: string
  readonly given: string
  readonly means?: unknown
}

const { keys, cases } = JSON.parse(readFileSync('test/vectors/wire.json', 'utf8')) as {
  readonly keys: { readonly marketKey: string }
  readonly cases: readonly Case[]
}
const marketKey = unhex(keys.marketKey)
const of = (kind: string) => cases.filter(each => each.kind === kind)
const digitsOf = (hex: string) => String(BigInt(`0x01${hex}`))

/** The same bytes that the stall's own reader is held to (`test/wire/golden.test.ts`). */
suite('receipt check', test => {
  for (const { name, expect, given } of of('value')) {
    test(`CBOR: ${name}`, () => {
      let isAccepted = true
      try {
        decode(unhex(given))
      } catch {
        isAccepted = false
      }
      assert.is(isAccepted, expect === 'accept')
    })
  }

  for (const { name, expect, given } of of('receipt')) {
    test(`receipt: ${name}`, () => {
      const { verdict } = checkReceipt(digitsOf(given), marketKey)
      const expected =
        expect === 'accept' ? 'genuine' : name.includes('changed') ? 'changed' : 'unknown-signer'
      assert.is(verdict, expected)
    })
  }

  for (const { name, expect, given, means } of of('url')) {
    test(`address: ${name}`, () => {
      const digits = given.slice(given.indexOf('#') + 1)
      if (expect === 'accept') assert.is(hexOf(bytesOfDigits(digits)), means)
      else assert.is(checkReceipt(digits, marketKey).verdict, 'unreadable')
    })
  }

  const [genuine] = of('receipt')
  if (!genuine) throw new Error('There is no receipt among the vectors')

  test('reads what was sold', () => {
    const checked = checkReceipt(digitsOf(genuine.given), marketKey)
    if (checked.verdict !== 'genuine') throw new Error(checked.verdict)
    assert.equal(checked.signer, { market: 'market.example', stall: '12' })
    assert.equal(checked.receipt, {
      number: '12-1-1-K7',
      at: 1_795_370_402_000,
      currency: 'EUR',
      lines: [
        { name: 'Char siu bao', quantity: 2, amount: 1300 },
        { name: 'Thé glacé', quantity: 1, amount: 350 }
      ],
      discount: 0,
      taxes: [
        { taxClass: 'food', ratePpm: 70_000, tax: 85 },
        { taxClass: 'drink', ratePpm: 190_000, tax: 56 }
      ],
      total: 1650,
      rounding: 0,
      tenders: [{ method: 'cash', amount: 2000 }],
      change: 350
    })
  })

  test('another market’s key, or none, cannot tell who signed', () => {
    const other = marketKey.map(byte => byte ^ 1)
    assert.is(checkReceipt(digitsOf(genuine.given), other).verdict, 'unknown-signer')
    assert.is(checkReceipt(digitsOf(genuine.given), null).verdict, 'unknown-signer')
  })

  test('a flipped bit in any byte does not pass for genuine', () => {
    const cose = unhex(genuine.given)
    for (let at = 0; at < cose.length; at++) {
      const flipped = cose.map((byte, index) => (index === at ? byte ^ 1 : byte))
      const { verdict } = checkReceipt(digitsOf(hexOf(flipped)), marketKey)
      // The key's id in the unprotected header only helps to find a key; nothing rests on it.
      const isHint = at >= 7 && at < 17
      assert.ok(isHint || verdict !== 'genuine', `byte ${at}: ${verdict}`)
    }
  })

  test('the fingerprint is short enough for a poster', () => {
    assert.match(fingerprint(marketKey), /^[0-9a-f]{4}( [0-9a-f]{4}){3}$/)
  })
})
