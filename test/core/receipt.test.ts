import * as assert from 'uvu/assert'
import { receiptOf } from '../../node/core/sell/receipt.ts'
import { decide } from '../../node/core/stall.ts'
import { suite } from '../harness.ts'
import { euro, id, LOG, OPENED_AT, openStall, soldIn, TERMS } from './given.ts'

const bookedAt = (isTimeUnsure: boolean) => {
  const made = decide(
    openStall(),
    {
      type: 'sell',
      sale: id(1),
      lines: [{ sku: 'bao', quantity: 2 }],
      tenders: [{ method: 'cash', amount: euro(20) }]
    },
    { log: LOG, seq: 6, at: OPENED_AT, isTimeUnsure }
  )
  return soldIn('refused' in made ? [] : made)
}

const wordsOf = (
  sold: ReturnType<typeof bookedAt>,
  { copy = 1, isVoided = false, url = null as string | null } = {}
) =>
  receiptOf({ sold, terms: TERMS, copy, isVoided, url }).parts.flatMap(part => {
    if (part.part === 'pair') return [`${part.left} | ${part.right}`]
    return 'text' in part ? [part.text] : []
  })

suite('receipt', test => {
  test('says what was sold, paid and given back, in local time', () => {
    const words = wordsOf(bookedAt(false))
    for (const line of [
      "Mei's Bao",
      'No. 12-3-1-00 | 2026-11-22 19:00',
      '2 x Char siu bao | 13.00',
      '  6.50 each',
      'TOTAL EUR | 13.00',
      'Cash | 20.00',
      'Change | 7.00',
      'VAT 7 % on 12.15 | 0.85'
    ]) {
      assert.ok(words.includes(line), `${line} in ${words.join('\n')}`)
    }
    assert.not.ok(words.includes('Time not verified'))
  })

  test('a doubt about the time is the sale’s own, so each copy says it', () => {
    const sold = bookedAt(true)
    assert.ok(wordsOf(sold).includes('Time not verified'))
    assert.equal(wordsOf(sold, { copy: 2 }), wordsOf(sold))
  })

  test('a void slip says what went back, and neither thanks nor proves', () => {
    const words = wordsOf(bookedAt(false), { isVoided: true, url: 'https://market.example/r#1' })
    assert.is(words[0], 'VOID')
    assert.is(words.at(-1), 'GIVEN BACK | 13.00')
    assert.not.ok(words.includes('Thank you!'))
  })
})
