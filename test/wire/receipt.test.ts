import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { leafHash } from '../../node/core/proof/merkle.ts'
import { Malformed } from '../../node/wire/canonical.ts'
import { decode, encode, type Value } from '../../node/wire/codec.ts'
import { coseSign1, parseCose1 } from '../../node/wire/cose.ts'
import { openBody, readEntry } from '../../node/wire/entry.ts'
import { sha256 } from '../../node/wire/hash.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import {
  isReceiptOf,
  receiptFromUrl,
  receiptUrl,
  type SignedReceipt,
  signReceipt,
  verifyCarriedReceipt,
  verifyReceipt
} from '../../node/wire/receipt.ts'
import { suite } from '../harness.ts'
import {
  bytesOfEntries,
  CONTENT_KEY,
  device,
  deviceCertificate,
  deviceKey,
  fixedEntries,
  MARKET,
  marketKey,
  SOLD,
  STALL,
  strangerKey
} from './given.ts'

const verifier = verifyingKey(deviceKey.publicKey)

/** The receipt of the fixed sale, made as a till makes it: from the entry in the ledger. */
async function receipt(form: SignedReceipt['form'], certificate?: Uint8Array) {
  const [, , bytes = Buffer.of()] = bytesOfEntries(await fixedEntries())
  const entry = readEntry(bytes)
  const { salt } = openBody(entry, CONTENT_KEY)
  const leaf = leafHash(bytes, sha256)
  const cose = signReceipt({
    sold: SOLD,
    leaf,
    salt,
    form,
    device,
    ...(certificate && { certificate })
  })
  return { entry, cose }
}

suite('receipts', test => {
  test('the long form carries the sale, and the entry in the ledger says the same', async () => {
    const { entry, cose } = await receipt('long')
    const read = verifyReceipt(cose, verifier)
    assert.equal(read.form === 'long' && read.sold, SOLD)
    assert.ok(isReceiptOf(read, entry))
  })

  test('a reprint has the same bytes', async () => {
    assert.equal((await receipt('long')).cose, (await receipt('long')).cose)
  })

  test('the short form carries the totals and no lines', async () => {
    const { entry, cose } = await receipt('short')
    const long = await receipt('long')
    assert.ok(cose.length < long.cose.length)
    const read = verifyReceipt(cose, verifier)
    assert.equal(read.form === 'short' && read.totals.total, SOLD.total)
    assert.ok(isReceiptOf(read, entry))
    assert.is(Buffer.from(cose).includes('Char siu bao'), false)
  })

  test('with the certificate aboard the market key is enough', async () => {
    const { cose } = await receipt('long', deviceCertificate)
    const { receipt: read, device } = verifyCarriedReceipt(cose, verifyingKey(marketKey.publicKey))
    assert.is(device.stall, STALL)
    assert.is(read.seq, SOLD.seq)
    const stranger = verifyingKey(strangerKey.publicKey)
    assert.throws(() => verifyCarriedReceipt(cose, stranger), /does not match/)
    const bare = (await receipt('long')).cose
    assert.throws(() => verifyCarriedReceipt(bare, verifier), /no device certificate/)
  })

  test('a receipt of another sale is not one of this entry', async () => {
    const { entry, cose } = await receipt('long')
    const read = verifyReceipt(cose, verifier)
    const leaf = Buffer.alloc(32)
    assert.not.ok(isReceiptOf({ ...read, leaf }, entry))
    assert.ok(read.form === 'long')
    assert.not.ok(isReceiptOf({ ...read, sold: { ...SOLD, session: 2 } }, entry))
  })

  test('a certificate is no receipt', () => {
    assert.throws(
      () => verifyReceipt(deviceCertificate, verifyingKey(marketKey.publicKey)),
      /whole number|not a receipt|bytes/
    )
  })

  test('words of another kind are no receipt, though the device signed them', async () => {
    const { cose } = await receipt('long')
    const words = decode(parseCose1(cose).payload) as Value[]
    for (const kind of [1, 2, 4, 9]) {
      const payload = encode(words.with(0, kind))
      const other = coseSign1({ payload, key: device.privateKey })
      assert.throws(() => verifyReceipt(other, verifier), /not a receipt/, `kind ${kind}`)
    }
  })

  test('its address is digits, which keep zeros at the start', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), bytes => {
        const url = receiptUrl(MARKET, bytes)
        assert.match(url, /^https:\/\/market\.example\/r#[1-9]\d*$/)
        assert.equal([...receiptFromUrl(url)], [...bytes])
      }),
      { seed: 5, numRuns: 300 }
    )
  })

  for (const bad of [
    '',
    'https://market.example/r',
    '#0',
    '#12x',
    '#2',
    `#1${'0'.repeat(8_000)}`
  ]) {
    test(`refuses the address ${bad.slice(0, 30) || 'of nothing'}`, () => {
      assert.throws(() => receiptFromUrl(bad), /number of a receipt|longer/)
    })
  }

  test('mutants never crash the reader and never pass for the receipt', async () => {
    const { cose } = await receipt('long', deviceCertificate)
    fc.assert(
      fc.property(fc.nat(cose.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Buffer.from(cose)
        bytes.writeUInt8(bytes.readUInt8(at) ^ flip, at)
        try {
          const { receipt } = verifyCarriedReceipt(bytes, verifyingKey(marketKey.publicKey))
          // Only the key's name is unsigned, and it is not what the check trusts.
          assert.equal(receipt.form === 'long' && receipt.sold, SOLD)
          assert.ok(at < 30, `byte ${at}`)
        } catch (error) {
          if (!(error instanceof Malformed)) throw error
        }
      }),
      { seed: 6, numRuns: 2_000 }
    )
  })
})
