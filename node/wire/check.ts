import { append, type CompactRange, isEqual, leafHash, rootOf } from '../core/proof/merkle.ts'
import { Malformed } from './canonical.ts'
import type { LogChain } from './certificate.ts'
import { verifyHead } from './checkpoint.ts'
import { type RawEntry, readEntry } from './entry.ts'
import type { Frame } from './frame.ts'
import { sha256 } from './hash.ts'

/** A log as far as a reader has checked it. */
export interface Checked {
  readonly range: CompactRange
  /** The time of its last entry; 0 before the first. */
  readonly at: number
}

interface CheckedFrame extends Checked {
  readonly entries: readonly RawEntry[]
}

/**
 * Checks that a frame continues a log truly: entries in their places, times that never run back,
 * the tree's root, and the signature over it. Throws `Malformed` at what is wrong.
 */
export function checkFrame(options: {
  readonly frame: Frame
  readonly before: Checked
  readonly chain: Pick<LogChain, 'market' | 'verifier'>
  /** Whoever has checked this very head before need not do it again. */
  readonly isSigned?: typeof verifyHead
}): CheckedFrame {
  const { frame, before, chain, isSigned = verifyHead } = options
  if (frame.from !== before.range.size) {
    throw new Malformed(0, `starts at entry ${frame.from}, and entry ${before.range.size} is next`)
  }
  let { range, at } = before
  const entries = frame.entries.map(bytes => {
    const entry = readEntry(bytes)
    if (entry.log !== frame.log || entry.seq !== range.size) {
      throw new Malformed(0, `entry ${range.size} is out of its place`)
    }
    if (entry.at < at) throw new Malformed(0, `entry ${range.size} is older than the one before it`)
    at = entry.at
    range = append(range, leafHash(bytes, sha256), sha256)
    return entry
  })
  if (!isEqual(rootOf(range, sha256), frame.root)) {
    throw new Malformed(0, 'the entries are not those that the head was made of')
  }
  if (!isSigned({ market: chain.market, head: frame, verifier: chain.verifier })) {
    throw new Malformed(0, "the head is not signed by the log's key")
  }
  return { range, at, entries }
}
