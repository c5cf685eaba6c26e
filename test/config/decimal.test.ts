import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { readDecimal } from '../../node/config/decimal.ts'
import { currencyOf, money, moneyText } from '../../node/core/sell/money.ts'
import { suite } from '../harness.ts'

suite('readDecimal', test => {
  test('reads back what moneyText writes, in every kind of currency', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.constantFrom('JPY', 'EUR', 'KWD'), (amount, code) => {
        const currency = currencyOf(code)
        assert.is(readDecimal(moneyText(money(amount), currency), currency.exponent), amount)
      })
    )
  })

  test('says what is wrong', () => {
    for (const [text, digits, problem] of [
      ['', 2, 'not-a-number'],
      ['.5', 2, 'not-a-number'],
      ['5.', 2, 'not-a-number'],
      ['1e2', 2, 'not-a-number'],
      ['0x10', 2, 'not-a-number'],
      ['١', 2, 'not-a-number'],
      ['6,50', 2, 'not-a-number'],
      ['-0.01', 2, 'negative'],
      ['6.500', 2, 'too-many-digits'],
      ['6.0', 0, 'too-many-digits'],
      ['90071992547409.92', 2, 'too-large'],
      ['9'.repeat(1_000_000), 2, 'too-large']
    ] as const) {
      assert.is(readDecimal(text, digits), problem, text.slice(0, 20))
    }
  })
})
