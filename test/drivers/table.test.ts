import * as assert from 'uvu/assert'
import { readTable } from '../../drivers/table.ts'
import { suite } from '../harness.ts'

suite('device table', test => {
  test('reads what is there and fills in what is usual', () => {
    const table = readTable({ baud: 19_200, gain: 0.5, drawer: true, note: 'left' })
    assert.is(table.integer('baud', { min: 1_200, max: 921_600, usual: 9_600 }), 19_200)
    assert.is(table.integer('cols', { min: 1, max: 64, usual: 32 }), 32)
    assert.is(table.number('gain', { min: 0, max: 1 }), 0.5)
    assert.is(table.flag('drawer', false), true)
    assert.is(table.flag('beep', true), true)
    assert.is(table.optionalText('note'), 'left')
    assert.is(table.optionalText('logo'), undefined)
    assert.is(table.port('port', 9_100), 9_100)
    assert.equal(table.faults({ isWholeTableRead: true }), [])
  })

  test('says of each wrong key what it should be', () => {
    const table = readTable({ baud: 3, pin: 2.5, gain: Number.NaN, drawer: 'yes', logo: ' ', x: 1 })
    assert.is(table.integer('baud', { min: 1_200, max: 921_600 }), undefined)
    assert.is(table.integer('pin', { min: 2, max: 5 }), undefined)
    assert.is(table.integer('pulse', { min: 1, max: 9 }), undefined)
    assert.is(table.number('gain', { min: 0, max: 1 }), undefined)
    assert.is(table.flag('drawer', false), false)
    assert.is(table.optionalText('logo'), undefined)
    const sentences = table.faults({ isWholeTableRead: true }).map(({ sentence }) => sentence)
    assert.equal(sentences, [
      'baud is 3; it is a whole number from 1200 to 921600.',
      'pin is 2.5; it is a whole number from 2 to 5.',
      'pulse is missing; it is a whole number from 1 to 9.',
      'gain is null; it is a number from 0 to 1.',
      'drawer is "yes"; it can be true or false.',
      'logo is " "; it is a text in quotes that is not empty.',
      'x is unknown; this device knows baud, pin, pulse, gain, drawer, logo.'
    ])
  })
})
