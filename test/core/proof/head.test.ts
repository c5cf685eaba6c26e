import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { LogId } from '../../../node/core/id.ts'
import { base64, headText, originOf } from '../../../node/core/proof/head.ts'
import { suite } from '../../harness.ts'

const LOG = '00112233445566ff' as LogId

suite('heads', test => {
  test('are written as C2SP tlog-checkpoint says: origin, size, root, a newline after each', () => {
    const head = { log: LOG, size: 0, root: Buffer.alloc(32) }
    assert.is(
      headText('market.example', head),
      'market.example/00112233445566ff\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n'
    )
    assert.is(originOf('dev.0a1b2c3d', LOG), 'dev.0a1b2c3d/00112233445566ff')
  })

  test('base64 is that of everybody else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        assert.is(base64(bytes), Buffer.from(bytes).toString('base64'))
      }),
      { seed: 4648 }
    )
  })
})
