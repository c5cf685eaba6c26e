import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import type { LogId } from '../core/id.ts'
import type { PreviousLog } from '../core/log.ts'
import { emptyRange, isEqual } from '../core/proof/merkle.ts'
import { Malformed } from '../wire/canonical.ts'
import { type IsVouched, type LogChain, verifyLogOpened } from '../wire/certificate.ts'
import { type Checked, checkFrame } from '../wire/check.ts'
import { verifyHead } from '../wire/checkpoint.ts'
import { readEntry } from '../wire/entry.ts'
import { decodeFrame, type Frame } from '../wire/frame.ts'
import { type EntryRange, entriesText } from './logs.ts'
import { openingOf, type ReadFrame, readFrame } from './replay.ts'
import { listSegments, type Spot, scanSegments, segmentName } from './segment.ts'
import { readSpares } from './spare.ts'

export interface Verdict {
  readonly isGood: boolean
  /** One line: what is wrong where, or what was checked. */
  readonly sentence: string
  /** Everything that is wrong, a line each, in the order of the disk. */
  readonly problems: readonly string[]
  readonly logs: number
  readonly entries: number
  /** Times of the first and the last entry, by the stall's clock; undefined for an empty ledger. */
  readonly firstAt: number | undefined
  readonly lastAt: number | undefined
}

/**
 * Checks a ledger from nothing but its files and the market's public key: checksums, the one
 * allowed encoding, places without a gap, times that never run back, the Merkle root and the
 * signature of every head, the certificates of every log, and each log's word on the one before
 * it. Sealed bodies are checked without being opened. `dir` is the data folder.
 */
export async function verifyLedger(options: {
  readonly dir: string
  readonly marketKey: KeyObject
  /** By the certificate that the stall got later than it began to sell. */
  readonly isVouched?: IsVouched
}): Promise<Verdict> {
  const ownDir = join(options.dir, 'own')
  const check: Check = {
    marketKey: options.marketKey,
    isVouched: options.isVouched ?? (() => false),
    logs: new Map(),
    spares: await readSpares(options.dir),
    problems: missingSegments(await listSegments(ownDir)),
    damage: undefined,
    firstAt: undefined,
    cutOff: 0
  }
  for await (const { segment, found, damaged, tail } of scanSegments(ownDir)) {
    const damages = damaged.map(({ from }) => ({ segment, offset: from }))
    for (const { offset, bytes } of found) {
      check.damage = damages.findLast(spot => spot.offset < offset) ?? check.damage
      checkRecord(check, { bytes, spot: { segment, offset } })
    }
    for (const spot of damages) noteDamage(check, spot)
    check.damage = undefined
    check.cutOff = tail ? tail.to - tail.from : 0
  }
  return verdictOf(check)
}

interface Check {
  readonly marketKey: KeyObject
  readonly isVouched: IsVouched
  readonly logs: Map<LogId, CheckedLog>
  /** Copies of logs' first frames, to check a log by whose own one is damaged. */
  readonly spares: ReadonlyMap<LogId, ReadFrame>
  readonly problems: Problem[]
  /** Bytes that are no record, before the record that is looked at. */
  damage: Spot | undefined
  firstAt: number | undefined
  /** Bytes behind the last record: a write that a power cut or a kill interrupted. */
  cutOff: number
}

interface Problem {
  readonly spot: Spot
  readonly text: string
}

interface CheckedLog {
  /**
   * Undefined only after a problem that was reported: what follows cannot be checked against it,
   * but for its own signature.
   */
  readonly checked: Checked | undefined
  readonly chain: LogChain
  readonly size: number
  readonly at: number
  /** The newest two heads: a log that follows may leave out a frame that was not acknowledged. */
  readonly heads: readonly Pick<Frame, 'size' | 'root'>[]
}

function checkRecord(check: Check, { bytes, spot }: { bytes: Uint8Array; spot: Spot }): void {
  try {
    const frame = decodeFrame(bytes)
    const log = check.logs.get(frame.log)
    if (log) checkNext(check, { frame, log, spot })
    else checkFirst(check, { frame, bytes, spot })
  } catch (error) {
    check.problems.push({ spot, text: reasonOf(error) })
  }
}

/** A log's first frame: its certificates lead back to the market key. */
function checkFirst(
  check: Check,
  { frame, bytes, spot }: { frame: Frame; bytes: Uint8Array; spot: Spot }
): void {
  const isFirst = frame.from === 0
  const first = isFirst ? readFrame(bytes, spot) : check.spares.get(frame.log)
  const opened = first && openingOf(first)
  if (!opened) throw new Malformed(0, `log ${frame.log} does not begin with its opening`)
  const chain = verifyLogOpened(opened, check.marketKey, check.isVouched)
  const other = [...check.logs.values()].find(log => log.chain.stall !== chain.stall)
  if (other) throw new Malformed(0, `log ${frame.log} is of another stall, "${chain.stall}"`)
  if (opened.previous) checkPrevious(check, opened.previous)
  check.firstAt ??= opened.at
  const log = { chain, checked: { range: emptyRange, at: 0 }, size: 0, at: 0, heads: [] }
  if (!isFirst) {
    noteGap(check, { log: frame.log, gap: { from: 0, to: first.frame.size }, spot })
    checkNext(check, { frame: first.frame, log, spot })
  }
  checkNext(check, { frame, log: check.logs.get(frame.log) ?? log, spot })
}

/** Entries that are not where they should be; changed bytes before this place are the reason. */
function noteGap(
  check: Check,
  { log, gap, spot }: { log: LogId; gap: EntryRange; spot: Spot }
): void {
  const why = check.damage ? 'changed (the checksum does not match)' : 'went missing'
  const text = `${entriesText(gap)} of log ${log} ${why}`
  check.problems.push({ spot: check.damage ?? spot, text })
  check.damage = undefined
}

function checkNext(
  check: Check,
  { frame, log, spot }: { frame: Frame; log: CheckedLog; spot: Spot }
): void {
  const { from, size, root } = frame
  if (from < log.size || from === size || isOver(check, frame.log)) {
    // It counts for nothing, here as in a replay, and what follows is checked as if it were not.
    check.problems.push({ spot, text: strayText(frame, log) })
    return
  }
  const isUnbroken = from === log.size
  if (!isUnbroken) noteGap(check, { log: frame.log, gap: { from: log.size, to: from }, spot })
  const heads = [...log.heads.slice(-1), { size, root }]
  try {
    const before = isUnbroken ? log.checked : undefined
    const checked = before && checkFrame({ frame, before, chain: log.chain })
    const at = checked?.at ?? checkAfterGap(frame, log)
    check.logs.set(frame.log, { ...log, checked, size, at, heads })
  } catch (error) {
    const entries = entriesText({ from, to: size })
    const text = `${entries} of log ${frame.log} changed: ${reasonOf(error)}`
    check.problems.push({ spot, text })
    check.logs.set(frame.log, { ...log, checked: undefined, size, heads })
  }
}

/** A log ends where another one begins: nobody holds the keys of both any more. */
const isOver = ({ logs }: Check, log: LogId): boolean =>
  logs.has(log) && [...logs.keys()].at(-1) !== log

function strayText({ log, from, size }: Frame, known: CheckedLog): string {
  if (from === size) return `a record of log ${log} holds no entry`
  const entries = `${entriesText({ from, to: size })} of log ${log}`
  return from < known.size
    ? `${entries} lies here once more`
    : `${entries} lies behind the log that followed`
}

/**
 * Where entries are missing nobody can work out the root, but the head is signed, and the entries
 * have their places and times. Gives the time of the last one.
 */
function checkAfterGap(frame: Frame, { chain, at }: CheckedLog): number {
  let last = at
  for (const [index, bytes] of frame.entries.entries()) {
    const entry = readEntry(bytes)
    const seq = frame.from + index
    if (entry.log !== frame.log || entry.seq !== seq) {
      throw new Malformed(0, `entry ${seq} is out of its place`)
    }
    if (entry.at < last) throw new Malformed(0, `entry ${seq} is older than the one before it`)
    last = entry.at
  }
  if (!verifyHead({ market: chain.market, head: frame, verifier: chain.verifier })) {
    throw new Malformed(0, "the head is not signed by the log's key")
  }
  return last
}

/** A log names the end of the one before it; an unacknowledged last frame may be left out. */
function checkPrevious(check: Check, { log, size, root }: PreviousLog): void {
  const known = check.logs.get(log)
  if (!known) throw new Malformed(0, `the log before it, ${log}, is not here`)
  const head = known.heads.find(each => each.size === size)
  if (head && isEqual(head.root, root)) {
    check.logs.set(log, { ...known, size })
    return
  }
  if (known.size < size) {
    throw new Malformed(
      0,
      `${entriesText({ from: known.size, to: size })} of log ${log} went missing`
    )
  }
  throw new Malformed(0, `log ${log} is not the one that the next log follows`)
}

/** Damage that no gap in a log has explained yet. */
function noteDamage(check: Check, spot: Spot): void {
  const isKnown = check.problems.some(
    known => known.spot.segment === spot.segment && known.spot.offset === spot.offset
  )
  if (!isKnown) check.problems.push({ spot, text: 'bytes were changed (no record is there)' })
}

function missingSegments(segments: readonly number[]): Problem[] {
  const last = segments.at(-1) ?? 0
  return Array.from({ length: last }, (_, index) => index + 1)
    .filter(segment => !segments.includes(segment))
    .map(segment => ({ spot: { segment, offset: 0 }, text: 'the file is missing' }))
}

function verdictOf({ logs, problems, firstAt, cutOff }: Check): Verdict {
  const all = [...logs.values()]
  const entries = all.reduce((sum, log) => sum + log.size, 0)
  const lastAt = all.length > 0 ? Math.max(...all.map(({ at }) => at)) : undefined
  const lines = problems
    .toSorted((a, b) => a.spot.segment - b.spot.segment || a.spot.offset - b.spot.offset)
    .map(({ spot, text }) => `own/${segmentName(spot.segment)} at byte ${spot.offset}: ${text}`)
  const more = lines.length > 1 ? ` (and ${lines.length - 1} more)` : ''
  const span =
    firstAt !== undefined && lastAt !== undefined
      ? `, ${timeText(firstAt)} to ${timeText(lastAt)}`
      : ''
  const tail = cutOff > 0 ? `; the last write was cut off (${cutOff} bytes)` : ''
  const isEmpty = all.length === 0 && lines.length === 0
  if (isEmpty) lines.push('There is no ledger here: own/ holds no log.')
  return {
    isGood: lines.length === 0,
    sentence: lines[0]
      ? lines[0] + more
      : `All is true: ${all.length} logs, ${entries} entries${span}${tail}.`,
    problems: lines,
    logs: all.length,
    entries,
    firstAt,
    lastAt
  }
}

const timeText = (at: number): string => new Date(at).toISOString().replace(/\.\d+/, '')

function reasonOf(error: unknown): string {
  if (error instanceof Malformed) return error.reason
  throw error
}
