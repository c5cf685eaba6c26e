import { readFileSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { emptyRange, leafHash, verifyInclusion } from '../../node/core/proof/merkle.ts'
import { Malformed } from '../../node/wire/canonical.ts'
import { verifyDelegation, verifyDeviceCertificate } from '../../node/wire/certificate.ts'
import { checkFrame } from '../../node/wire/check.ts'
import { openNote, readHeadText, readTlogProof } from '../../node/wire/checkpoint.ts'
import { decode } from '../../node/wire/codec.ts'
import { ticketOfText, verifyAnswer, verifyRequest, verifyTicket } from '../../node/wire/enrol.ts'
import { openEntry, readEntry } from '../../node/wire/entry.ts'
import { decodeFrame } from '../../node/wire/frame.ts'
import { sha256 } from '../../node/wire/hash.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import { verifyMembers } from '../../node/wire/members.ts'
import { receiptFromUrl, verifyCarriedReceipt } from '../../node/wire/receipt.ts'
import { readX509 } from '../../node/wire/x509.ts'
import { suite } from '../harness.ts'
import {
  bytesOfEntries,
  CONTENT_KEY,
  deviceKey,
  fixedEntries,
  LOG,
  logKey,
  MARKET,
  marketKey,
  reader
} from './given.ts'
import { type Golden, goldens } from './golden.ts'
import { marketCases } from './golden-market.ts'

/** `means` is what a reader makes of an accepted case: bytes as hex, big integers as text. */
interface Vectors {
  readonly keys: Readonly<Record<string, string>>
  readonly cases: readonly (Golden & { readonly means?: unknown })[]
}

const FILE = 'test/vectors/wire.json'
const market = verifyingKey(marketKey.publicKey)
const chain = { market: MARKET, verifier: verifyingKey(logKey.publicKey) }
const noteKey = { name: `${MARKET}/${LOG}`, key: logKey.publicKey }

const READERS: { readonly [Kind in Golden['kind']]: (given: string) => unknown } = {
  value: given => decode(unhex(given)),
  entry: given => openEntry(readEntry(unhex(given)), CONTENT_KEY) ?? null,
  frame: given => {
    const frame = decodeFrame(unhex(given))
    const before = { range: emptyRange, at: 0 }
    const { entries } = checkFrame({ frame, before, chain })
    return { size: frame.size, root: frame.root, times: entries.map(({ at }) => at) }
  },
  certificate: given => verifyDeviceCertificate(unhex(given), market),
  receipt: given => verifyCarriedReceipt(unhex(given), market),
  url: given => receiptFromUrl(given),
  delegation: given => verifyDelegation(unhex(given), market),
  members: given => verifyMembers(unhex(given), market),
  ticket: given => verifyTicket(ticketOfText(given), market),
  request: given => verifyRequest(unhex(given)),
  answer: given => verifyAnswer(unhex(given), market),
  x509: given => readX509(unhex(given)),
  note: given => readHeadText(openNote(given, noteKey), MARKET),
  proof: given => readProof(given)
}

let sold: Uint8Array = Buffer.of()

function readProof(given: string): unknown {
  const { index, proof, checkpoint } = readTlogProof(given)
  const { size, root } = readHeadText(openNote(checkpoint, noteKey), MARKET)
  const leaf = leafHash(sold, sha256)
  if (!verifyInclusion({ leaf, index, size, proof, root, hash: sha256 })) {
    throw new Malformed(0, 'not in the tree')
  }
  return { index, size }
}

suite('golden vectors', test => {
  test('each is taken or refused as it says, and means what it says', async () => {
    const { cases } = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors
    ;[, , sold = sold] = bytesOfEntries(await fixedEntries())
    assert.ok(cases.length > 50)
    for (const golden of cases) {
      const { expect, means } = read(golden)
      assert.is(expect, golden.expect, `${golden.kind}: ${golden.name}`)
      assert.equal(means, golden.means, `${golden.kind}: ${golden.name}`)
    }
  })

  test('the same keys make the same bytes today (UPDATE_VECTORS=1 writes them anew)', async () => {
    ;[, , sold = sold] = bytesOfEntries(await fixedEntries())
    const cases = [...(await goldens()), ...(await marketCases())].map(golden => {
      const { means } = read(golden)
      return means === undefined ? golden : { ...golden, means }
    })
    const made: Vectors = { keys: keys(), cases }
    if (process.env['UPDATE_VECTORS']) writeFileSync(FILE, `${JSON.stringify(made, null, 2)}\n`)
    assert.equal(JSON.parse(JSON.stringify(made)), JSON.parse(readFileSync(FILE, 'utf8')))
  })
})

suite('WIRE.md', test => {
  test('its examples are golden vectors', () => {
    const page = readFileSync('node/wire/WIRE.md', 'utf8')
    const { cases } = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors
    const [, dump = '', note] = page.split('```').filter((_, at) => at % 2 === 1 || at === 0)
    const digits = dump
      .split('\n')
      .map(line => /^ *((?:[0-9a-f]{2,} )*[0-9a-f]{2,}) {2}/.exec(line)?.[1])
    const given = (name: string) => cases.find(golden => golden.name === name)?.given
    assert.is(digits.join('').replaceAll(' ', ''), given('an item is listed'))
    assert.is(note, `\n${given('a signed checkpoint')}`)
  })
})

/** Secrets too, for whoever writes another reader. */
const keys = (): Record<string, string> => ({
  market: MARKET,
  log: LOG,
  marketKey: hex(marketKey.publicKey),
  deviceKey: hex(deviceKey.publicKey),
  logKey: hex(logKey.publicKey),
  contentKey: hex(CONTENT_KEY),
  readingKey: hex(reader.publicKey),
  readingSecret: hex(reader.privateKey)
})

function read(golden: Golden): { readonly expect: string; readonly means?: unknown } {
  try {
    const means = READERS[golden.kind](golden.given)
    return { expect: 'accept', means: JSON.parse(JSON.stringify(means, asJson)) }
  } catch (error) {
    if (error instanceof Malformed) return { expect: error.reason }
    throw error
  }
}

const unhex = (digits: string) => Buffer.from(digits, 'hex')
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** Buffers turn themselves into objects before a replacer sees them, so the parent is asked. */
function asJson(this: Readonly<Record<string, unknown>>, key: string, item: unknown): unknown {
  const given = this[key]
  if (given instanceof Uint8Array) return hex(given)
  if (typeof item === 'bigint') return String(item)
  return item instanceof Map ? { map: [...item] } : item
}
