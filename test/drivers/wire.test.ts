import * as assert from 'uvu/assert'
import { wireAt } from '../../drivers/serial/wire.ts'
import { suite } from '../harness.ts'

suite('wireAt()', test => {
  test('bytes need their time, one after the other', () => {
    let now = 1_000
    const wire = wireAt({ baud: 12_000, nowMs: () => now })
    assert.is(wire.leftMs(), 0)
    wire.took(100)
    wire.took(50)
    assert.is(wire.leftMs(), 150)
    now += 120
    assert.is(wire.leftMs(), 30)
    now += 1_000
    assert.is(wire.leftMs(), 0)
  })

  test('the kernel holds a page at most, however much it took before', () => {
    const wire = wireAt({ baud: 12_000, nowMs: () => 0 })
    wire.took(1_000_000)
    assert.is(wire.leftMs(), 4_096)
  })
})
