import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  append,
  type CompactRange,
  consistencyProof,
  emptyRange,
  inclusionProof,
  leafHash,
  nodesOf,
  rootOf,
  verifyConsistency,
  verifyInclusion
} from '../../../node/core/proof/merkle.ts'
import { sha256 } from '../../../node/wire/hash.ts'
import { suite } from '../../harness.ts'
import { testVectors } from '../../shared-vectors.ts'

const LEAVES = Array.from({ length: 70 }, (_, index) => leafHash(Buffer.of(index), sha256))

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** MTH as RFC 9162 2.1.1 writes it down, to hold the quick ways against. */
function rootByTheBook(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves
  if (!first) return sha256(Buffer.alloc(0))
  if (leaves.length === 1) return first
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return sha256(Buffer.concat([Buffer.of(1), rootByTheBook(left), rootByTheBook(right)]))
}

const rangeOf = (leaves: readonly Uint8Array[]): CompactRange =>
  leaves.reduce((range, leaf) => append(range, leaf, sha256), emptyRange)

suite('merkle', test => {
  test('a compact range has the root that the RFC defines, at every size', () => {
    for (let size = 0; size <= LEAVES.length; size++) {
      const range = rangeOf(LEAVES.slice(0, size))
      assert.is(range.size, size)
      assert.is(hex(rootOf(range, sha256)), hex(rootByTheBook(LEAVES.slice(0, size))))
    }
  })

  test('an append leaves the range that it started from as it was', () => {
    const three = rangeOf(LEAVES.slice(0, 3))
    const before = hex(rootOf(three, sha256))
    rangeOf([])
    append(three, Buffer.alloc(32), sha256)
    assert.is(hex(rootOf(three, sha256)), before)
  })

  test('every leaf of every tree is proved, and no other leaf with the same proof', () => {
    const size = fc.integer({ min: 1, max: LEAVES.length })
    fc.assert(
      fc.property(size, fc.nat(), (size, any) => {
        const index = any % size
        const leaves = LEAVES.slice(0, size)
        const proof = inclusionProof({ index, size, nodeAt: nodesOf(leaves, sha256), hash: sha256 })
        const root = rootByTheBook(leaves)
        const claim = { index, size, proof, root, hash: sha256 }
        assert.ok(verifyInclusion({ ...claim, leaf: LEAVES[index] ?? root }))
        assert.not.ok(verifyInclusion({ ...claim, leaf: LEAVES[(index + 1) % 70] ?? root }))
        assert.not.ok(verifyInclusion({ ...claim, leaf: LEAVES[index] ?? root, index: index + 1 }))
      }),
      { seed: 9162, numRuns: 300 }
    )
  })

  test('every tree is proved to be a prefix of every larger one, and of no changed one', () => {
    const nodeAt = nodesOf(LEAVES, sha256)
    for (let second = 1; second <= LEAVES.length; second++) {
      const secondRoot = rootByTheBook(LEAVES.slice(0, second))
      for (let first = 1; first <= second; first++) {
        const firstRoot = rootOf(rangeOf(LEAVES.slice(0, first)), sha256)
        const proof = consistencyProof({ first, second, nodeAt, hash: sha256 })
        const claim = { first, second, firstRoot, secondRoot, proof, hash: sha256 }
        assert.ok(verifyConsistency(claim), `${first} in ${second}`)
        const other = Buffer.from(firstRoot)
        other.writeUInt8(other.readUInt8(5) ^ 1, 5)
        assert.not.ok(verifyConsistency({ ...claim, firstRoot: other }))
      }
    }
  })

  test('there is no proof for what is not in the tree', () => {
    const sources = { nodeAt: nodesOf(LEAVES, sha256), hash: sha256 }
    assert.throws(() => inclusionProof({ ...sources, index: 5, size: 5 }), /No leaf 5/)
    assert.throws(() => consistencyProof({ ...sources, first: 6, second: 5 }), /No tree of 6/)
  })

  testVectors<Proof[]>(test, 'merkle/rfc9162_proofs.json', 'the 196 public proofs', proofs => {
    assert.is(proofs.length, 196)
    for (const proof of proofs) assert.is(isTrue(proof), !proof.wantErr, proof.file)
  })
})

/** Sizes may pass 2^53 in these, which is no size of a log here. */
type Proof = {
  readonly file: string
  readonly proof: string[] | null
  readonly wantErr: boolean
} & (
  | {
      readonly size1: number
      readonly size2: number
      readonly root1: string | null
      readonly root2: string | null
    }
  | {
      readonly leafIdx: number
      readonly treeSize: number
      readonly root: string | null
      readonly leafHash: string | null
    }
)

const unbase64 = (text: string | null) => Buffer.from(text ?? '', 'base64')

function isTrue(given: Proof): boolean {
  const proof = (given.proof ?? []).map(unbase64)
  if ('size1' in given) {
    return verifyConsistency({
      first: given.size1,
      second: given.size2,
      firstRoot: unbase64(given.root1),
      secondRoot: unbase64(given.root2),
      proof,
      hash: sha256
    })
  }
  return verifyInclusion({
    index: given.leafIdx,
    size: given.treeSize,
    leaf: unbase64(given.leafHash),
    root: unbase64(given.root),
    proof,
    hash: sha256
  })
}
