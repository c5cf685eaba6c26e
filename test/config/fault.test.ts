import * as assert from 'uvu/assert'
import { type ConfigFault, didYouMean, formatFaults } from '../../node/config/fault.ts'
import { openSource, placeOf } from '../../node/config/source.ts'
import { suite } from '../harness.ts'

/** A fault at the first place of `marked` in a file of one line. */
function faultAt(text: string, marked: string): ConfigFault {
  const start = text.indexOf(marked)
  const place = placeOf(openSource('x.toml', text), { start, end: start + marked.length })
  return { code: 'bad-amount', place, sentence: 'No.', fix: 'Yes.' }
}

suite('formatFaults', test => {
  test('puts the caret under the value, past wide and combining characters', () => {
    assert.is(
      formatFaults([faultAt('a = "包子 🥟 e\u0301",\tb = 6.505', '6.505')]),
      `x.toml:1:20: No.
  1 | a = "包子 🥟 e\u0301", b = 6.505
    |                      ^^^^^
  do: Yes.

1 fault.
`
    )
  })

  test('cuts a long line around the value', () => {
    const text = `${'a'.repeat(300)}6.505${'b'.repeat(300)}`
    const [, source = '', caret = ''] = formatFaults([faultAt(text, '6.505')]).split('\n')
    assert.is(source, `  1 | …${'a'.repeat(44)}6.505${'b'.repeat(39)}…`)
    assert.is(caret.indexOf('^'), source.indexOf('6.505'))
    assert.is(caret.trim(), '| '.padEnd(47).concat('^^^^^'))
  })

  test('marks the end of a line where something is missing', () => {
    const place = placeOf(openSource('x.toml', 'a = \n'), { start: 4, end: 5 })
    const [, source, caret] = formatFaults([{ ...faultAt('a', 'a'), place }]).split('\n')
    assert.equal([source, caret], ['  1 | a =', '    |     ^'])
  })
})

suite('didYouMean', test => {
  test('forgives slips of the fingers and nothing more', () => {
    const keys = ['port', 'host', 'languages', 'prints_receipts']
    for (const [word, meant] of [
      ['prot', 'port'],
      ['hots', 'host'],
      ['Port', 'port'],
      ['langauges', 'languages'],
      ['print_receipt', 'prints_receipts'],
      ['colour', undefined],
      ['x', undefined]
    ] as const) {
      assert.is(didYouMean(word, keys), meant, word)
    }
  })
})
