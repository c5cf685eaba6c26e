import * as assert from 'uvu/assert'
import { findConfig } from '../../node/config/find.ts'
import { suite } from '../harness.ts'

const find = (options: { there: readonly string[]; flag?: string; variable?: string }) =>
  findConfig({
    flag: options.flag ?? null,
    env: { STALL_CONFIG: options.variable },
    data: './data/',
    exists: path => options.there.includes(path)
  })

suite('the search for a configuration', test => {
  const boot = '/boot/firmware/stall.toml'
  const etc = '/etc/stallmesh/stall.toml'
  const data = './data/stall.toml'
  const there = [data, etc, boot, 'flag.toml', 'env.toml']

  test('goes from the argument to the data folder', () => {
    const order = [
      find({ there, flag: 'flag.toml', variable: 'env.toml' }),
      find({ there, variable: 'env.toml' }),
      find({ there }),
      find({ there: [data, etc, '/boot/stall.toml'] }),
      find({ there: [data, etc] }),
      find({ there: [data], variable: '' }),
      find({ there: [] })
    ]
    const paths = order.map(found => ('path' in found ? found.path : 'faults'))
    const expected = ['flag.toml', 'env.toml', boot, '/boot/stall.toml', etc, data, null]
    assert.equal(paths, expected)
  })

  test('never falls back when the file that somebody named is missing', () => {
    for (const [named, name] of [
      [{ flag: 'x.toml', variable: 'env.toml' }, '--config'],
      [{ variable: 'x.toml' }, 'STALL_CONFIG']
    ] as const) {
      const found = find({ there, ...named })
      assert.ok('faults' in found)
      assert.equal(found.faults[0]?.place, { name })
      assert.is(found.faults[0]?.sentence, 'There is no file x.toml.')
    }
  })
})
