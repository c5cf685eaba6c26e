import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { Malformed } from '../../node/wire/canonical.ts'
import { readX509, writeX509 } from '../../node/wire/x509.ts'
import { suite } from '../harness.ts'
import { deviceCertificate, deviceKey, STALL } from './given.ts'

const shown = { stall: STALL, key: deviceKey.publicKey, certificate: deviceCertificate }
const der = Buffer.from(writeX509(shown, deviceKey.privateKey))

const element = (tag: number, ...items: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(items)
  const { length } = body
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length]
  return Buffer.concat([Buffer.of(tag, ...head), body])
}

/** The elements of an element, whole. */
function parts(bytes: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = bytes[1] === 0x82 ? 4 : bytes[1] === 0x81 ? 3 : 2; at < bytes.length; ) {
    const [, first = 0, second = 0, third = 0] = bytes.subarray(at)
    const size =
      first < 0x80 ? 2 + first : first === 0x81 ? 3 + second : 4 + ((second << 8) | third)
    found.push(bytes.subarray(at, at + size))
    at += size
  }
  return found
}

/** The same certificate with other extensions, as a later version might write it. */
function withExtensions(change: (extensions: readonly Buffer[]) => readonly Uint8Array[]): Buffer {
  const [body = Buffer.of(), ...rest] = parts(der)
  const fields = parts(body)
  const [extensions = Buffer.of()] = parts(fields.pop() ?? Buffer.of())
  const changed = element(0xa3, element(0x30, ...change(parts(extensions))))
  return element(0x30, element(0x30, ...fields, changed), ...rest)
}

/** id-ce-certificatePolicies: nothing that a link asks for. */
const POLICIES = element(0x06, Buffer.from('551d20', 'hex'))
const value = element(0x04, element(0x30))
const isMalformed = (error: unknown) => error instanceof Malformed

suite('X.509 envelopes', test => {
  test('what is written is read, and the same words make the same bytes', () => {
    assert.equal(readX509(der), shown)
    assert.equal(Buffer.from(writeX509(shown, deviceKey.privateKey)), der)
    assert.equal(
      withExtensions(all => all),
      der
    )
  })

  test('a later version may write more, unless it is critical (RFC 5280 4.2)', () => {
    const more = withExtensions(all => [...all, element(0x30, POLICIES, value)])
    assert.equal(readX509(more), shown)
    const critical = element(0x30, POLICIES, element(0x01, Buffer.of(0xff)), value)
    assert.throws(() => readX509(withExtensions(all => [...all, critical])), /a critical extension/)
    const twice = withExtensions(all => [...all, ...all.slice(-1)])
    assert.throws(() => readX509(twice), /an extension twice/)
  })

  test('a length that could be shorter is not DER (X.690 10.1)', () => {
    const [body = Buffer.of(), algorithm = Buffer.of(), signature = Buffer.of()] = parts(der)
    const long = Buffer.concat([algorithm.subarray(0, 1), Buffer.of(0x81), algorithm.subarray(1)])
    assert.throws(() => readX509(element(0x30, body, long, signature)), /not DER/)
  })

  test('whatever bytes come, they are read or refused, and never more', () => {
    const bit = fc.nat({ max: der.length * 8 - 1 })
    const turned = fc.array(bit, { minLength: 1, maxLength: 3 }).map(bits => {
      const copy = Buffer.from(der)
      for (const each of bits)
        copy.writeUInt8(copy.readUInt8(each >> 3) ^ (1 << (each & 7)), each >> 3)
      return copy
    })
    const check = (bytes: Uint8Array) => {
      try {
        const { stall, key } = readX509(bytes)
        assert.match(stall, /^[a-z0-9][a-z0-9-]*$/)
        assert.is(key.length, 32)
      } catch (error) {
        assert.ok(isMalformed(error), String(error))
      }
    }
    const noise = fc.uint8Array({ maxLength: 600 })
    fc.assert(fc.property(fc.oneof(turned, noise), check), { seed: 4, numRuns: 2_000 })
  })
})
