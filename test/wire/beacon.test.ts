import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  BEACON_BYTES_MAX,
  type Beacon,
  decodeBeacon,
  decodeWhereabouts,
  encodeBeacon,
  encodeWhereabouts
} from '../../node/wire/beacon.ts'
import { Malformed } from '../../node/wire/canonical.ts'
import { decode, encode } from '../../node/wire/codec.ts'
import { suite } from '../harness.ts'

const HERE: Beacon = {
  market: 'market.example',
  stall: 'stall-7',
  port: 8883,
  run: 4_294_967_295,
  isAsking: true
}

const isMalformed = (step: () => unknown): boolean => {
  try {
    step()
    return false
  } catch (error) {
    if (error instanceof Malformed) return true
    throw error
  }
}

suite('beacons', test => {
  test('come back as they went, in the bytes that WIRE.md shows', () => {
    assert.equal(decodeBeacon(encodeBeacon(HERE)), HERE)
    assert.is(
      Buffer.from(encodeBeacon(HERE)).toString('hex'),
      '87697374616c6c6d657368016e6d61726b65742e6578616d706c65677374616c6c2d37' +
        '1922b31afffffffff5'
    )
  })

  test('of a newer program are read as far as they are known', () => {
    const fields = decode(encodeBeacon(HERE))
    assert.ok(Array.isArray(fields))
    assert.equal(decodeBeacon(encode([...(fields as never[]), 'more'])), HERE)
  })

  test('with anything else in them are malformed', () => {
    const wrong: Partial<Record<keyof Beacon, unknown>>[] = [
      { stall: '' },
      { stall: '+' },
      { stall: 's7/#' },
      { stall: 'S7' },
      { market: 'no spaces' },
      { port: 0 },
      { port: 65_536 },
      { run: -1 },
      { isAsking: 1 }
    ]
    for (const field of wrong) {
      const all = Object.values({ ...HERE, ...field }) as never[]
      assert.ok(isMalformed(() => decodeBeacon(encode(['stallmesh', 1, ...all]))))
    }
    assert.ok(
      isMalformed(() => decodeBeacon(encode(['other', 1, ...(Object.values(HERE) as never[])])))
    )
    assert.ok(isMalformed(() => decodeBeacon(Buffer.alloc(BEACON_BYTES_MAX + 1))))
  })

  test('whatever bytes come, nothing but Malformed is thrown', () => {
    const bytes = encodeBeacon(HERE)
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600 }),
        fc.nat({ max: bytes.length - 1 }),
        fc.nat({ max: 255 }),
        (noise, at, byte) => {
          const bent = Uint8Array.from(bytes)
          bent[at] = byte
          for (const given of [noise, bent]) {
            isMalformed(() => decodeBeacon(given))
            isMalformed(() => decodeWhereabouts(given))
          }
        }
      )
    )
  })
})

suite('whereabouts', test => {
  const peers = [
    { stall: 's1', host: '10.0.0.1', port: 8883 },
    { stall: 's2', host: 'fe80::1%eth0', port: 8893 },
    { stall: 's3', host: 'stall-3.local', port: 1 }
  ]

  test('come back as they went', () => {
    assert.equal(decodeWhereabouts(encodeWhereabouts({ port: 8883, peers })), { port: 8883, peers })
    assert.equal(decodeWhereabouts(encodeWhereabouts({ port: 1, peers: [] })).peers, [])
  })

  test('of more peers than allowed, or of odd places, are malformed', () => {
    const many = Array.from({ length: 33 }, () => peers[0] as (typeof peers)[0])
    assert.ok(isMalformed(() => decodeWhereabouts(encodeWhereabouts({ port: 1, peers: many }))))
    for (const value of [[], [8883, 's1'], [8883, 's1', 'a b', 1], [8883, 's1', 'a', 0], 8883]) {
      assert.ok(isMalformed(() => decodeWhereabouts(encode(value))))
    }
  })
})
