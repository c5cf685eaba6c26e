import { verify } from 'node:crypto'
import * as assert from 'uvu/assert'
import { base64, headText } from '../../node/core/proof/head.ts'
import { inclusionProof, leafHash, nodesOf, verifyInclusion } from '../../node/core/proof/merkle.ts'
import {
  checkpoint,
  noteKeyId,
  noteText,
  openNote,
  readHeadText,
  readTlogProof,
  signHead,
  tlogProof,
  verifyHead
} from '../../node/wire/checkpoint.ts'
import { encode } from '../../node/wire/codec.ts'
import { coseSign1, coseVerify1, KID } from '../../node/wire/cose.ts'
import { sha256 } from '../../node/wire/hash.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import { suite } from '../harness.ts'
import { testVectors } from '../shared-vectors.ts'
import {
  bytesOfEntries,
  deviceKey,
  fixedEntries,
  frameOf,
  LOG,
  logKey,
  MARKET,
  strangerKey
} from './given.ts'

const unhex = (digits: string) => Buffer.from(digits, 'hex')

suite('COSE_Sign1', test => {
  const payload = Buffer.from('This is the content.')
  const { privateKey, publicKey } = deviceKey
  const key = verifyingKey(publicKey)
  const cose = coseSign1({ payload, key: privateKey, unprotected: new Map([[KID, unhex('11')]]) })

  test('gives the payload back under the right key only', () => {
    const opened = coseVerify1({ cose, key })
    assert.is(Buffer.from(opened.payload).toString(), 'This is the content.')
    assert.equal(opened.unprotected.get(KID), unhex('11'))
    const stranger = verifyingKey(strangerKey.publicKey)
    assert.throws(() => coseVerify1({ cose, key: stranger }), /does not match/)
  })

  test('signs the same bytes each time', () => {
    const again = coseSign1({
      payload,
      key: privateKey,
      unprotected: new Map([[KID, unhex('11')]])
    })
    assert.is(Buffer.compare(again, cose), 0)
  })

  test('one bit changed anywhere but in the unprotected header is refused', () => {
    const free = Buffer.from(cose).indexOf(unhex('a10441')) + 3
    for (let bit = 0; bit < cose.length * 8; bit++) {
      const at = bit >> 3
      if (at >= free - 3 && at <= free) continue
      const bad = Buffer.from(cose)
      bad.writeUInt8(bad.readUInt8(at) ^ (1 << (bit & 7)), at)
      assert.throws(() => coseVerify1({ cose: bad, key }), undefined, `bit ${bit}`)
    }
  })

  const signed = (head: Uint8Array): Uint8Array =>
    Buffer.concat([unhex('d2'), encode([head, new Map(), payload, new Uint8Array(64)])])
  const refused: [title: string, cose: Uint8Array, reason: RegExp][] = [
    [
      'the tag of another structure',
      Buffer.concat([unhex('d3'), cose.slice(1)]),
      /not a COSE_Sign1/
    ],
    ['no tag', cose.slice(1), /not a COSE_Sign1/],
    ['the older EdDSA', signed(encode(new Map([[1, -8]]))), /not signed with algorithm -19/],
    ['no algorithm', signed(encode(new Map())), /not signed with algorithm -19/],
    [
      'critical headers',
      signed(
        encode(
          new Map<number, number | number[]>([
            [1, -19],
            [2, [99]]
          ])
        )
      ),
      /critical/
    ]
  ]
  for (const [title, bytes, reason] of refused) {
    test(`refuses ${title}`, () => {
      assert.throws(() => coseVerify1({ cose: bytes, key }), reason)
    })
  }

  testVectors<CoseExample[]>(test, 'cose/sign1.json', 'the public examples', examples => {
    // P-256 and Ed448 are not ours, nor is COSE_Sign with its many signers.
    const results = examples.map(({ title, input, output }) => {
      const signer = input.sign0?.key
      const key = signer?.crv === 'Ed25519' ? unhex(signer.x_hex ?? '') : undefined
      return [title, key ? opens(unhex(output.cbor), key) : (signer?.crv ?? 'COSE_Sign')]
    })
    assert.equal(
      results.filter(([, result]) => typeof result === 'boolean'),
      [['EdDSA-01: EdDSA - 25519 - sign0', true]]
    )
    const others = results.map(([, result]) => result).filter(each => typeof each === 'string')
    assert.equal(new Set(others), new Set(['COSE_Sign', 'Ed448', 'P-256']))
    assert.is(results.length, 13)
  })
})

interface CoseExample {
  readonly title: string
  readonly input: {
    readonly sign0?: { readonly key: { readonly crv: string; readonly x_hex?: string } }
  }
  readonly output: { readonly cbor: string }
}

/** The public example signs with EdDSA (-8), which is the same signature under its older name. */
function opens(cose: Uint8Array, key: Uint8Array): boolean {
  coseVerify1({ cose, key: verifyingKey(key), algorithm: -8 })
  return true
}

suite('Ed25519', test => {
  testVectors<Wycheproof>(
    test,
    'ed25519/wycheproof_ed25519.json',
    'wycheproof, 151 cases',
    given => {
      let count = 0
      for (const { publicKey, tests } of given.testGroups) {
        const key = verifyingKey(unhex(publicKey.pk))
        for (const { tcId, comment, msg, sig, result } of tests) {
          const isTrue = verify(null, unhex(msg), key, unhex(sig))
          assert.is(isTrue, result === 'valid', `${tcId} ${comment}`)
          count += 1
        }
      }
      assert.is(count, 151)
    }
  )
})

interface Wycheproof {
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string }
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly msg: string
      readonly sig: string
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

suite('checkpoints', test => {
  const head = { log: LOG, size: 4, root: Buffer.alloc(32, 7) }
  const signature = signHead(MARKET, head, logKey.privateKey)
  const note = checkpoint(MARKET, { ...head, signature }, logKey.publicKey)
  const trusted = { name: `${MARKET}/${LOG}`, key: logKey.publicKey }

  test('the example of the C2SP signed-note page checks out', () => {
    const [name = '', id, key = ''] =
      'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'.split('+')
    const raw = Buffer.from(key, 'base64').subarray(1)
    assert.is(noteKeyId({ name, key: raw }).toString('hex'), id)
    const signed =
      'This is an example message.\n\n— example.com/foo ' +
      'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuw' +
      'HjG1Yu72IneyaQM=\n'
    assert.is(openNote(signed, { name, key: raw }), 'This is an example message.\n')
  })

  test('say how long a log is, under the signature that its frames carry', () => {
    assert.ok(note.startsWith(`${MARKET}/${LOG}\n4\n${base64(head.root)}\n\n— ${MARKET}/${LOG} `))
    assert.equal(readHeadText(openNote(note, trusted), MARKET), head)
    const verifier = verifyingKey(logKey.publicKey)
    assert.ok(verifyHead({ market: MARKET, head: { ...head, signature }, verifier }))
    assert.not.ok(verifyHead({ market: MARKET, head: { ...head, size: 5, signature }, verifier }))
    assert.not.ok(verifyHead({ market: 'other.example', head: { ...head, signature }, verifier }))
  })

  test('signatures of others are passed over, and a false one of the key is not', () => {
    const other = noteText('', { name: 'witness.example', key: strangerKey.publicKey, signature })
    const cosigned = note + other.slice(1)
    assert.is(openNote(cosigned, trusted), headText(MARKET, head))
    const forged = note.replace('\n4\n', '\n5\n')
    assert.throws(() => openNote(forged, trusted), /does not match/)
    const unsigned = noteText(headText(MARKET, head), {
      ...trusted,
      key: strangerKey.publicKey,
      signature
    })
    assert.throws(() => openNote(unsigned, trusted), /not signed by this key/)
  })

  for (const [title, bad] of [
    ['an empty text', ''],
    ['a text without signatures', 'a\n'],
    ['a missing last newline', note.slice(0, -1)],
    ['control characters', note.replace('\n4\n', '\n4\r\n')],
    ['a line that is no signature', `${note}- ${MARKET}\n`]
  ] as const) {
    test(`refuses ${title}`, () => {
      assert.throws(() => openNote(bad, trusted), /note|control|signature line/)
    })
  }

  test('refuses a head that is written in another way', () => {
    const text = headText(MARKET, head)
    for (const other of [text.replace('\n4\n', '\n04\n'), `${text}more\n`, text.replace('=', '')]) {
      assert.throws(() => readHeadText(other, MARKET), /not a checkpoint/)
    }
    assert.throws(() => readHeadText(text, 'other.example'), /another market/)
  })

  test('a tlog-proof holds all that it takes to find an entry in a log', async () => {
    const bytes = bytesOfEntries(await fixedEntries())
    const frame = frameOf(bytes)
    const leaves = bytes.map(each => leafHash(each, sha256))
    const nodeAt = nodesOf(leaves, sha256)
    const proof = inclusionProof({ index: 2, size: 4, nodeAt, hash: sha256 })
    const signed = checkpoint(MARKET, frame, logKey.publicKey)
    const text = tlogProof({ index: 2, proof, checkpoint: signed })
    assert.ok(text.startsWith('c2sp.org/tlog-proof@v1\nindex 2\n'))

    const read = readTlogProof(text)
    const { size, root } = readHeadText(openNote(read.checkpoint, trusted), MARKET)
    const [, , leaf = root] = leaves
    assert.ok(
      verifyInclusion({ leaf, index: read.index, size, proof: read.proof, root, hash: sha256 })
    )

    const extra = text.replace('\nindex', '\nextra aGk=\nindex')
    assert.equal(readTlogProof(extra).index, 2)
    for (const bad of ['', text.replace('v1', 'v2'), text.replace('index 2', 'index 02')]) {
      assert.throws(() => readTlogProof(bad), /not a tlog-proof/)
    }
    for (const bad of [text.replace('=\n', '\n'), text.replace('2\n', '2\nextra aGk=\n')]) {
      assert.throws(() => readTlogProof(bad), /a hash of the proof/)
    }
  })
})
