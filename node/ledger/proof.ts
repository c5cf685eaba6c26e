import type { KeyObject } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { inclusionProof, leafHash, type NodeAt, nodesOf } from '../core/proof/merkle.ts'
import type { Place } from '../core/time.ts'
import { Malformed } from '../wire/canonical.ts'
import { type IsVouched, verifyLogOpened } from '../wire/certificate.ts'
import { checkpoint, tlogProof } from '../wire/checkpoint.ts'
import { sha256 } from '../wire/hash.ts'
import type { KnownLog, KnownLogs } from './logs.ts'
import { frameAt, framesFrom, type OwnFiles } from './read.ts'
import { openingOf } from './replay.ts'

interface Options {
  readonly files: OwnFiles
  readonly logs: KnownLogs
  readonly marketKey: KeyObject
  readonly isVouched: IsVouched
}

/** A log's newest head as a C2SP tlog-checkpoint; undefined if it cannot be read. */
export async function readHead(options: Options & { log: string }): Promise<string | undefined> {
  const { files, logs, marketKey, isVouched, log } = options
  const known = [...logs.values()].find(candidate => candidate.log === log)
  const first = known?.anchors[0]
  if (!known || !first) return undefined
  const [opening, newest] = await Promise.all([
    frameAt(files.dir, first),
    frameAt(files.dir, known.newest)
  ])
  const opened = opening && openingOf(opening)
  if (!opened || !newest) return undefined
  try {
    const { market, logKey } = verifyLogOpened(opened, marketKey, isVouched)
    return checkpoint(market, newest.frame, logKey)
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** An entry's inclusion under the newest head (C2SP tlog-proof); undefined when one is missing. */
export async function readProof(options: Options & { place: Place }): Promise<string | undefined> {
  const { files, logs, place } = options
  const known = logs.get(place.log)
  if (!known || !(place.seq >= 0 && place.seq < known.size)) return undefined
  const { size } = known
  const [note, leaves] = await Promise.all([
    readHead({ ...options, log: place.log }),
    readLeaves(files.dir, known)
  ])
  if (!note || leaves.length !== size) return undefined
  const nodeAt = await openTree(leaves)
  const proof = inclusionProof({ index: place.seq, size, nodeAt, hash: sha256 })
  return tlogProof({ index: place.seq, proof, checkpoint: note })
}

/** The leaf hashes of a log, up to the first that is missing; hashed between other work. */
async function readLeaves(dir: string, { log, size, anchors }: KnownLog): Promise<Uint8Array[]> {
  const leaves: Uint8Array[] = []
  for (const [index, at] of anchors.entries()) {
    for (const { frame } of await framesFrom(dir, { at, next: anchors[index + 1] })) {
      if (frame.log !== log || frame.from !== leaves.length || frame.size > size) continue
      for (const entry of frame.entries) leaves.push(leafHash(entry, sha256))
      await breathe()
    }
  }
  return leaves
}

/** A group's tree is worked out in a few ms, and again where a proof needs it. */
const GROUP_LEVEL = 8
const GROUP = 2 ** GROUP_LEVEL

/** The nodes over many leaves, without holding the loop for all of them at once. */
async function openTree(leaves: readonly Uint8Array[]): Promise<NodeAt> {
  const group = (index: number): NodeAt =>
    nodesOf(leaves.slice(index * GROUP, (index + 1) * GROUP), sha256)
  const tops: Uint8Array[] = []
  for (let index = 0; (index + 1) * GROUP <= leaves.length; index++) {
    tops.push(group(index)(GROUP_LEVEL, 0))
    await breathe()
  }
  const above = nodesOf(tops, sha256)
  return (level, index) => {
    if (level >= GROUP_LEVEL) return above(level - GROUP_LEVEL, index)
    const wide = GROUP >> level
    return group(Math.floor(index / wide))(level, index % wide)
  }
}
