import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { changes, emptyTable, remove, rows, set, type Table } from '../../node/core/table.ts'
import { suite } from '../harness.ts'

suite('table changes', test => {
  test('name what was set, replaced and removed, and nothing else', () => {
    const before = set(set<number>(emptyTable, 'apple', 1), 'pear', 2)
    const after = set(remove(set(before, 'apple', 3), 'pear'), 'plum', 4)
    const found = [...changes(before, after)].toSorted()
    assert.equal(found, [
      ['apple', 3],
      ['pear', undefined],
      ['plum', 4]
    ])
    assert.equal([...changes(after, after)], [])
  })

  test('lead from any table to any other', () => {
    const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const steps = fc.array(fc.tuple(keys, fc.option(fc.nat())))
    fc.assert(
      fc.property(steps, steps, (first, second) => {
        const before = walk(emptyTable, first)
        const after = walk(before, second)
        assert.equal(sorted(walk(before, [...changes(before, after)])), sorted(after))
      })
    )
  })
})

const walk = (
  start: Table<number>,
  steps: readonly (readonly [string, number | null | undefined])[]
) =>
  steps.reduce<Table<number>>(
    (table, [key, value]) => (value == null ? remove(table, key) : set(table, key, value)),
    start
  )

const sorted = (table: Table<number>) => [...rows(table)].toSorted()
