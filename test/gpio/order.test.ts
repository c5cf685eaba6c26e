import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { edgeOrder } from '../../drivers/gpio/order.ts'
import { suite } from '../harness.ts'

/** Reads of numbers as the kernel gave them; what is told of them, `lost | numbers`. */
function tell(...reads: readonly (readonly number[])[]): string[] {
  const putInOrder = edgeOrder()
  return reads.flatMap(read =>
    putInOrder(
      read.map(seqno => ({ seqno, edge: { line: 0, isActive: true, monoUs: seqno } }))
    ).map(({ edges, lost }) => `${lost} | ${edges.map(({ monoUs }) => monoUs).join(' ')}`)
  )
}

suite('the order of edges', test => {
  test('what is missing is told in front of what came after it', () => {
    assert.equal(tell([1, 2, 7, 8], [9, 12]), ['0 | 1 2', '4 | 7 8', '0 | 9', '2 | 12'])
  })

  // As seen on Debian's kernel 6.12 with two processors.
  test('two lines that overtake each other have lost nothing', () => {
    assert.equal(tell([1, 2, 4, 3, 5]), ['0 | 1 2 3 4 5'])
  })

  test('two edges with the number of the later one have lost nothing', () => {
    assert.equal(tell([1, 2, 4, 4, 5]), ['0 | 1 2 4 4 5'])
  })

  test('what comes after it was told as lost is not lost twice', () => {
    assert.equal(tell([1, 3], [2, 5, 6]), ['0 | 1', '1 | 3', '0 | 2 5 6'])
  })

  test('numbers go on where 32 bits end', () => {
    assert.equal(tell([0xffffffff, 0, 3]), ['4294967294 | 4294967295 0', '2 | 3'])
    assert.equal(tell([0xffffffff], [1, 0]), ['4294967294 | 4294967295', '0 | 0 1'])
  })

  test('edges and losses always add up to the highest number', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 900 }), { minLength: 1 })
    fc.assert(
      fc.property(numbers, seqnos => {
        const runs = tell(seqnos)
        const lost = runs.reduce((sum, run) => sum + Number.parseInt(run, 10), 0)
        const told = runs.flatMap(run => run.split(' | ')[1]?.split(' ').map(Number) ?? [])
        assert.is(told.length + lost, Math.max(...seqnos))
        assert.equal(
          told,
          seqnos.toSorted((a, b) => a - b)
        )
      }),
      { seed: 12 }
    )
  })
})
