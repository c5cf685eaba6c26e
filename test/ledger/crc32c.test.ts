import * as assert from 'uvu/assert'
import { crc32c } from '../../node/ledger/crc32c.ts'
import { suite } from '../harness.ts'

suite('crc32c', test => {
  test('agrees with RFC 3720 B.4 and the check value of the catalogue', () => {
    const counting = Uint8Array.from({ length: 32 }, (_, at) => at)
    assert.is(crc32c(new Uint8Array(32)), 0x8a9136aa)
    assert.is(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43)
    assert.is(crc32c(counting), 0x46dd794e)
    assert.is(crc32c(counting.toReversed()), 0x113fdb5c)
    assert.is(crc32c(Buffer.from('123456789')), 0xe3069283)
  })

  test('takes any part of a larger buffer', () => {
    const bytes = Buffer.from('....123456789....')
    assert.is(crc32c(bytes, 4, 13), 0xe3069283)
    assert.is(crc32c(bytes.subarray(4), 0, 9), 0xe3069283)
    assert.is(crc32c(bytes, 4, 4), 0)
  })
})
