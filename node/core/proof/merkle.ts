/** RFC 9162 2.1: every prefix of a log in one hash, and short proofs about it. */

/** Must not keep `bytes`, which are overwritten by the next call. */
export type Hash = (bytes: Uint8Array) => Uint8Array

/** SHA-256, as C2SP checkpoints have it. */
const HASH_BYTES = 32

/** C2SP tlog-tiles keeps an entry's length in 16 bits. */
export const LEAF_BYTES_MAX = 65_535

/** All that a writer must keep of its tree: the roots of its whole subtrees, largest first. */
export interface CompactRange {
  readonly size: number
  readonly nodes: readonly Uint8Array[]
}

export const emptyRange: CompactRange = { size: 0, nodes: [] }

/** The root of the whole subtree over the leaves [index * 2^level, (index + 1) * 2^level). */
export type NodeAt = (level: number, index: number) => Uint8Array

/** RFC 9162 2.1.1: a leaf is hashed with 0x00 before it and a node with 0x01, so none is both. */
export function leafHash(entry: Uint8Array, hash: Hash): Uint8Array {
  if (entry.length > LEAF_BYTES_MAX) throw new RangeError(`A leaf of ${entry.length} bytes`)
  scratch[0] = 0
  scratch.set(entry, 1)
  return hash(scratch.subarray(0, entry.length + 1))
}

export function append(range: CompactRange, leaf: Uint8Array, hash: Hash): CompactRange {
  const nodes = [...range.nodes]
  let node = leaf
  for (let size = range.size; size % 2 === 1; size = (size - 1) / 2) {
    node = nodeHash(nodes.pop() ?? node, node, hash)
  }
  nodes.push(node)
  return { size: range.size + 1, nodes }
}

export function rootOf({ nodes }: CompactRange, hash: Hash): Uint8Array {
  const [smallest, ...larger] = nodes.toReversed()
  if (!smallest) return hash(new Uint8Array(0))
  return larger.reduce((root, node) => nodeHash(node, root, hash), smallest)
}

/** Builds every whole subtree once: a hash a leaf, and 64 bytes of memory a leaf. */
export function nodesOf(leaves: readonly Uint8Array[], hash: Hash): NodeAt {
  const levels = [leaves]
  for (let below = leaves; below.length > 1; ) {
    const level: Uint8Array[] = []
    for (let index = 0; index + 1 < below.length; index += 2) {
      level.push(nodeHash(at(below, index), at(below, index + 1), hash))
    }
    levels.push(level)
    below = level
  }
  return (level, index) => at(levels[level] ?? [], index)
}

interface Sources {
  readonly nodeAt: NodeAt
  readonly hash: Hash
}

/** PATH(index, D[size]) of RFC 9162 2.1.3.1: the leaf's sibling first. */
export function inclusionProof(
  options: Sources & { readonly index: number; readonly size: number }
): Uint8Array[] {
  const { index, size } = options
  if (!(index >= 0 && index < size)) throw new RangeError(`No leaf ${index} in a tree of ${size}`)
  const proof: Uint8Array[] = []
  let [from, to] = [0, size]
  while (to - from > 1) {
    const middle = from + split(to - from)
    const isLeft = index < middle
    proof.push(isLeft ? subtree(options, middle, to) : subtree(options, from, middle))
    if (isLeft) to = middle
    else from = middle
  }
  return proof.reverse()
}

/** PROOF(first, D[second]) of RFC 9162 2.1.4.1. */
export function consistencyProof(
  options: Sources & { readonly first: number; readonly second: number }
): Uint8Array[] {
  const { first, second } = options
  if (!(first > 0 && first <= second)) throw new RangeError(`No tree of ${first} in ${second}`)
  const proof: Uint8Array[] = []
  let [from, to] = [0, second]
  while (to !== first) {
    const middle = from + split(to - from)
    const isLeft = first <= middle
    proof.push(isLeft ? subtree(options, middle, to) : subtree(options, from, middle))
    if (isLeft) to = middle
    else from = middle
  }
  // The verifier knows the old root already when the old tree is a whole subtree of the new one.
  if (from > 0) proof.push(subtree(options, from, to))
  return proof.reverse()
}

/** RFC 9162 2.1.3.2. */
export function verifyInclusion(claim: {
  readonly leaf: Uint8Array
  readonly index: number
  readonly size: number
  readonly proof: readonly Uint8Array[]
  readonly root: Uint8Array
  readonly hash: Hash
}): boolean {
  const { leaf, index, size, proof, root, hash } = claim
  if (!(index >= 0 && index < size) || leaf.length !== HASH_BYTES) return false
  let [node, position, last] = [leaf, index, size - 1]
  for (const sibling of proof) {
    if (last === 0 || sibling.length !== HASH_BYTES) return false
    if (isOdd(position) || position === last) {
      node = nodeHash(sibling, node, hash)
      while (!isOdd(position) && position !== 0) [position, last] = [half(position), half(last)]
    } else {
      node = nodeHash(node, sibling, hash)
    }
    ;[position, last] = [half(position), half(last)]
  }
  return last === 0 && isEqual(node, root)
}

/** RFC 9162 2.1.4.2. There is no proof from an empty tree, for it is a prefix of every tree. */
export function verifyConsistency(claim: {
  readonly first: number
  readonly second: number
  readonly firstRoot: Uint8Array
  readonly secondRoot: Uint8Array
  readonly proof: readonly Uint8Array[]
  readonly hash: Hash
}): boolean {
  const { first, second, firstRoot, secondRoot, proof, hash } = claim
  if (!(first > 0 && first <= second)) return false
  if (first === second) return proof.length === 0 && isEqual(firstRoot, secondRoot)
  if (proof.length === 0) return false
  let [position, last] = [first - 1, second - 1]
  while (isOdd(position)) [position, last] = [half(position), half(last)]
  const path = position === 0 ? [firstRoot, ...proof] : proof
  let old = at(path, 0)
  let now = old
  for (const sibling of path.slice(1)) {
    if (last === 0 || sibling.length !== HASH_BYTES) return false
    if (isOdd(position) || position === last) {
      old = nodeHash(sibling, old, hash)
      now = nodeHash(sibling, now, hash)
      while (!isOdd(position) && position !== 0) [position, last] = [half(position), half(last)]
    } else {
      now = nodeHash(now, sibling, hash)
    }
    ;[position, last] = [half(position), half(last)]
  }
  return last === 0 && isEqual(old, firstRoot) && isEqual(now, secondRoot)
}

export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

function nodeHash(left: Uint8Array, right: Uint8Array, hash: Hash): Uint8Array {
  scratch[0] = 1
  scratch.set(left, 1)
  scratch.set(right, 1 + left.length)
  return hash(scratch.subarray(0, 1 + left.length + right.length))
}

/** What is hashed lies here meanwhile: a new array for each hash would cost more than the hash. */
const scratch = new Uint8Array(1 + LEAF_BYTES_MAX)

/** MTH(D[from:to]); `from` is a multiple of the whole subtree's size, as splits make it. */
function subtree(sources: Sources, from: number, to: number): Uint8Array {
  const size = to - from
  const level = Math.ceil(Math.log2(size))
  if (2 ** level === size) return sources.nodeAt(level, from / size)
  const middle = from + split(size)
  return nodeHash(subtree(sources, from, middle), subtree(sources, middle, to), sources.hash)
}

/** The largest power of two that is smaller than `size`. */
const split = (size: number): number => 2 ** (Math.ceil(Math.log2(size)) - 1)

const isOdd = (number: number): boolean => number % 2 === 1
const half = (number: number): number => Math.floor(number / 2)

function at(nodes: readonly Uint8Array[], index: number): Uint8Array {
  const node = nodes[index]
  if (!node) throw new RangeError(`No node ${index}`)
  return node
}
