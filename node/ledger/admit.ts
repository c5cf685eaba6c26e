import type { KeyObject } from 'node:crypto'
import type { LogId } from '../core/id.ts'
import type { FrameRefusal, LogSize } from '../core/ports.ts'
import { emptyRange, isEqual } from '../core/proof/merkle.ts'
import { Malformed } from '../wire/canonical.ts'
import { type LogChain, verifyLogOpened } from '../wire/certificate.ts'
import { type Checked, checkFrame } from '../wire/check.ts'
import { verifyHead } from '../wire/checkpoint.ts'
import { decodeFrame, encodeFrame, type Frame } from '../wire/frame.ts'
import { openingOf, readFrame } from './replay.ts'

/** A peer's log as far as it was checked here. */
export interface AdmittedLog extends Checked {
  readonly log: LogId
  readonly chain: LogChain
  /** Of the newest head: a second one of this size that is signed as well is a fork. */
  readonly root: Uint8Array
  readonly signature: Uint8Array
}

export interface Admitted {
  /** The log with the frame added to it. */
  readonly log: AdmittedLog
  /** The first entry that is new. */
  readonly from: number
  /** The frame without what was held before: what is to be stored. */
  readonly bytes: Uint8Array
}

interface Refused {
  readonly refused: FrameRefusal
  readonly reason: string
  readonly claim?: LogSize
}

export interface Admission {
  readonly marketKey: KeyObject
  /** Whether this stall writes the log itself: a peer has no say in it. */
  readonly isOwn: (log: LogId) => boolean
  /** A simulated market of hundreds of stalls checks each signature once for all of them. */
  readonly isSigned?: typeof verifyHead
  readonly verifyOpened?: typeof verifyLogOpened
}

/**
 * Decides whether a peer's frame may be kept. Nothing of it is believed before its log leads back
 * to the market's key, its root is that of all entries from the first on, and the log's key signed
 * that root.
 */
export function admit(
  bytes: Uint8Array,
  { known, ...admission }: Admission & { readonly known: (log: LogId) => AdmittedLog | undefined }
): Admitted | Refused {
  let frame: Frame
  try {
    frame = decodeFrame(bytes)
  } catch (error) {
    return { refused: 'malformed', reason: reasonOf(error) }
  }
  const claim = { log: frame.log, size: frame.size }
  if (admission.isOwn(frame.log)) return { refused: 'own', reason: 'it is written here', claim }
  const before = known(frame.log)
  const size = before?.range.size ?? 0
  if (before && frame.size === size && !isEqual(frame.root, before.root)) {
    return { ...secondHead(frame, before.chain, admission), claim }
  }
  if (frame.size <= size) return { refused: 'known', reason: 'all of it is here already', claim }
  if (frame.from > size) {
    return { refused: 'gap', reason: `starts at entry ${frame.from}, and ${size} is next`, claim }
  }
  let log = before
  try {
    log ??= openedBy(frame, bytes, admission)
    return grown(log, frame, bytes, admission)
  } catch (error) {
    return { refused: faultIn(frame, log, admission), reason: reasonOf(error), claim }
  }
}

/** `log` is undefined for a frame that opens none. */
function faultIn(
  frame: Frame,
  log: AdmittedLog | undefined,
  { isSigned = verifyHead }: Admission
): FrameRefusal {
  if (!log) return 'uncertified'
  const { market, verifier } = log.chain
  return isSigned({ market, head: frame, verifier }) ? 'split' : 'untrue'
}

/** C2SP tlog-witness: two heads of one size with different roots, both signed, prove a fork. */
function secondHead(
  frame: Frame,
  { market, verifier }: LogChain,
  { isSigned = verifyHead }: Admission
): { readonly refused: FrameRefusal; readonly reason: string } {
  return isSigned({ market, head: frame, verifier })
    ? { refused: 'forked', reason: `two heads of size ${frame.size} are signed` }
    : { refused: 'untrue', reason: "the head is not signed by the log's key" }
}

function grown(
  log: AdmittedLog,
  whole: Frame,
  bytes: Uint8Array,
  { isSigned }: Admission
): Admitted {
  const { size } = log.range
  const isTrimmed = whole.from < size
  const frame = isTrimmed
    ? { ...whole, from: size, entries: whole.entries.slice(size - whole.from) }
    : whole
  const { range, at } = checkFrame({
    frame,
    before: log,
    chain: log.chain,
    ...(isSigned && { isSigned })
  })
  return {
    log: {
      log: log.log,
      chain: log.chain,
      range: { size: range.size, nodes: range.nodes.map(ownBytes) },
      at,
      root: ownBytes(frame.root),
      signature: ownBytes(frame.signature)
    },
    from: size,
    bytes: isTrimmed ? encodeFrame(frame) : bytes
  }
}

/** A log begins with the entry that holds its certificates. */
function openedBy(
  frame: Frame,
  bytes: Uint8Array,
  { marketKey, verifyOpened = verifyLogOpened }: Admission
): AdmittedLog {
  const read = readFrame(bytes, { segment: 0, offset: 0 })
  const opened = read && openingOf(read)
  if (!opened || opened.log !== frame.log) {
    throw new Malformed(0, `log ${frame.log} does not begin with its opening`)
  }
  const chain = verifyOpened(opened, marketKey)
  return { log: frame.log, chain, range: emptyRange, at: 0, ...NO_HEAD }
}

const NO_HEAD = { root: new Uint8Array(), signature: new Uint8Array() }

/** A view of a frame, or of Node's pool, would keep kilobytes in memory for its 32 bytes. */
const ownBytes = (bytes: Uint8Array): Uint8Array =>
  bytes.buffer.byteLength === bytes.length ? bytes : new Uint8Array(bytes)

/** Whether the newest head of a log is signed: the disk that gave it back may have been edited. */
export const isHeadSigned = (
  { log, chain, range, root, signature }: AdmittedLog,
  { isSigned = verifyHead }: Admission
): boolean =>
  isSigned({
    market: chain.market,
    head: { log, size: range.size, root, signature },
    verifier: chain.verifier
  })

function reasonOf(error: unknown): string {
  if (error instanceof Malformed) return error.reason
  throw error
}
