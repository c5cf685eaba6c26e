import { join } from 'node:path'
import type { Entry, EntryOf } from '../core/entry.ts'
import type { LogId } from '../core/id.ts'
import type { PreviousLog } from '../core/log.ts'
import {
  Fault,
  type Frames,
  type Health,
  type Proofs,
  type ReadClocks,
  type Store,
  type TurnListener
} from '../core/ports.ts'
import {
  append as appendLeaf,
  type CompactRange,
  emptyRange,
  leafHash,
  rootOf
} from '../core/proof/merkle.ts'
import type { Stall } from '../core/state.ts'
import type { Place } from '../core/time.ts'
import { signHead } from '../wire/checkpoint.ts'
import { EntryTooLarge, entryBytes } from '../wire/entry.ts'
import { encodeFrame, FRAME_BYTES_MAX } from '../wire/frame.ts'
import { sha256 } from '../wire/hash.ts'
import type { LogKeyring, LogKeys } from '../wire/logkeys.ts'
import { faultOf } from './fault.ts'
import { indexFrame, type KnownLogs, sizesOf } from './logs.ts'
import type { Newest } from './newest.ts'
import { readHead, readProof } from './proof.ts'
import { type OwnFiles, readOwnFrame, readPlace, readSealed } from './read.ts'
import type { Series } from './segment.ts'
import { FORMAT, keepSnapshots, type Moment, SNAPSHOT, type Snapshot } from './snapshot.ts'
import { keepSpare } from './spare.ts'

/** A stall's own ledger, open for writing. */
export interface Ledger {
  readonly store: Store & Proofs
  /**
   * To be told of every turn: now and then, at a session's close and at the end, it keeps the
   * state in a snapshot, in slices between turns.
   */
  readonly listen: TurnListener
  readonly health: () => Health
  /** Undefined for an entry that is not on this disk, or sealed to others. */
  readonly sealed: (
    place: Place
  ) => Promise<{ readonly leaf: Uint8Array; readonly salt: Uint8Array } | undefined>
  /** What this stall wrote itself, in frames for its peers. */
  readonly frames: OwnFrames
}

export interface OwnFrames extends Pick<Frames, 'sizes' | 'read'> {
  /** Whether this boot writes the log: then no peer has a say in it. */
  readonly isWriting: (log: LogId) => boolean
  /** Resolves when no write is under way: the frames of peers go after this stall's entries. */
  readonly whenQuiet: () => Promise<void>
}

/** The log that is being written. */
export interface OpenLog {
  readonly keys: LogKeys
  readonly range: CompactRange
  readonly root: Uint8Array
}

/** A restart without a clean close replays no more entries than this. */
const SNAPSHOT_ENTRIES = 4_000

export interface LedgerParts {
  readonly files: OwnFiles
  readonly series: Series
  readonly keys: LogKeyring
  readonly logs: KnownLogs
  readonly newest: Newest
  readonly readClocks: ReadClocks
  readonly random: (size: number) => Uint8Array
  /** The data folder. */
  readonly dir: string
  readonly foldVersion: number
  /** Closes the files and the keys. */
  readonly close: () => Promise<void>
  /** What changes. */
  readonly writing: Writing
}

interface Writing {
  /** Undefined until the first log of this device is begun. */
  log: OpenLog | undefined
  /** Where the log before it ended, and how many there were. */
  previous: PreviousLog | null
  counter: number
  /** The newest entry's time. */
  at: number
  isBroken: boolean
  /** What the disk said to the last read that failed. */
  unread?: Fault
  /** Settles with the write that is under way, whatever comes of it. */
  underWay: Promise<void> | undefined
}

/** `since` counts the entries that were replayed and that no snapshot holds. */
export function ledgerOf(
  parts: LedgerParts,
  { stall, since }: { readonly stall: Stall; readonly since: number }
): Ledger {
  const { files, logs, newest } = parts
  const { marketKey, isVouched } = parts.keys
  const snapshots = keepSnapshots({
    path: join(parts.dir, SNAPSHOT),
    every: SNAPSHOT_ENTRIES,
    first: { stall, end: endOf(parts.writing), since },
    capture: moment => capture(parts, moment)
  })
  return {
    listen: snapshots.listen,
    health: () => healthOf(parts, snapshots.failure()),
    sealed: place => readSealed({ files, logs, newest, place }),
    frames: {
      sizes: () => sizesOf(logs),
      isWriting: log => parts.writing.log?.keys.log === log,
      read: wanted => orUnread(parts, readOwnFrame({ files, logs, wanted })),
      whenQuiet: async () => {
        while (parts.writing.underWay) await parts.writing.underWay
      }
    },
    store: {
      end: () => endOf(parts.writing),
      append: entries => append(parts, entries),
      isBroken: () => parts.writing.isBroken || !parts.writing.log,
      renew: () => renew(parts),
      read: place => orUnread(parts, readPlace({ files, logs, place })),
      head: log => readHead({ files, logs, marketKey, isVouched, log }),
      proof: place => readProof({ files, logs, marketKey, isVouched, place }),
      close: async () => {
        await snapshots.close()
        await parts.close()
      }
    }
  }
}

/**
 * Begins a log: its first entry names the log before it, so the chain of logs is signed as well.
 * The entry is durable when this resolves.
 */
export async function beginLog(parts: LedgerParts): Promise<EntryOf<'logOpened'>> {
  const { writing, readClocks } = parts
  const counter = writing.counter + 1
  const { keys, opening } = await parts.keys.begin({ counter, previous: writing.previous })
  const { wallMs, monoMs } = readClocks()
  const opened: EntryOf<'logOpened'> = {
    log: keys.log,
    seq: 0,
    at: Math.max(Math.floor(wallMs), writing.at),
    type: 'logOpened',
    ...opening,
    counter,
    monoMs: Math.floor(monoMs),
    previous: writing.previous
  }
  // Its number is used up even if the write fails: the disk may hold it all the same.
  writing.counter = counter
  await writing.log?.keys.close()
  writing.log = { keys, range: emptyRange, root: EMPTY_ROOT }
  const frame = await commit(parts, writing.log, [opened])
  await keepSpare(parts.dir, keys.log, frame)
  return opened
}

function endOf({ log }: Writing): Place {
  if (!log) throw new Error('No log is open')
  return { log: log.keys.log, seq: log.range.size }
}

const append = (parts: LedgerParts, entries: readonly Entry[]): Promise<void> =>
  alone(parts.writing, async () => {
    const { writing } = parts
    if (writing.isBroken || !writing.log) throw needsRenewal()
    const end = endOf(writing)
    entries.forEach(({ log, seq }, index) => {
      if (log !== end.log || seq !== end.seq + index) {
        throw new Error(`Entry ${seq} of log ${log} is not the next one of ${end.log}`)
      }
    })
    if (entries.length > 0) await commit(parts, writing.log, entries)
  })

const renew = (parts: LedgerParts): Promise<EntryOf<'logOpened'>> =>
  alone(parts.writing, async () => {
    await parts.series.renew()
    return beginLog(parts)
  })

/** What cannot be read now is shown as the disk's trouble, and is not there for whoever asked. */
const orUnread = <Result>(
  { writing }: LedgerParts,
  reading: Promise<Result>
): Promise<Result | undefined> =>
  reading.catch(error => {
    writing.unread = faultOf(error)
    return undefined
  })

/** The series below relies on it: one write at a time. */
async function alone<Result>(writing: Writing, step: () => Promise<Result>): Promise<Result> {
  if (writing.underWay) throw new Error('Two writes at once: the loop must wait for the first')
  const result = step()
  const ended = () => {
    writing.underWay = undefined
  }
  writing.underWay = result.then(ended, ended)
  return result
}

/** One frame, one durable write. The head is signed first, and lies in the same frame. */
async function commit(
  parts: LedgerParts,
  log: OpenLog,
  entries: readonly Entry[]
): Promise<Uint8Array> {
  const { writing, series, logs, newest } = parts
  const from = log.range.size
  try {
    const { frame, encoded, next } = frameOf(log, entries, parts.random)
    const spot = await series.append(frame)
    indexFrame(logs, { log: log.keys.log, from, to: next.range.size, spot })
    newest.add({ log: log.keys.log, from, entries: encoded })
    writing.log = next
    writing.previous = { log: log.keys.log, size: next.range.size, root: next.root }
    writing.at = entries.at(-1)?.at ?? writing.at
    writing.isBroken = false
    log.keys.publish(next.range.size)
    return frame
  } catch (error) {
    // With no byte written the log's end is sure, and what fits goes on in it.
    if (from === 0 || series.isBroken()) {
      writing.isBroken = true
      log.keys.abandon()
    }
    throw error instanceof EntryTooLarge ? tooLarge() : error
  }
}

/** Encodes, seals, hashes and signs: everything of a commit but the writing. */
function frameOf(
  log: OpenLog,
  entries: readonly Entry[],
  random: (size: number) => Uint8Array
): {
  readonly frame: Uint8Array
  readonly encoded: readonly Uint8Array[]
  readonly next: OpenLog
} {
  const { keys } = log
  const seal = { contentKey: keys.contentKey, random }
  const encoded = entries.map(entry => entryBytes(entry, seal))
  const bytes = encoded.reduce((all, entry) => all + entry.length + 3, FRAME_HEADER_BYTES)
  if (bytes > FRAME_BYTES_MAX) throw tooLarge()
  let { range } = log
  for (const entry of encoded) range = appendLeaf(range, leafHash(entry, sha256), sha256)
  const root = rootOf(range, sha256)
  const head = { log: keys.log, size: range.size, root }
  const signature = signHead(keys.market, head, keys.logKey)
  const frame = encodeFrame({ ...head, from: log.range.size, signature, entries: encoded })
  return { frame, encoded, next: { keys, range, root } }
}

/** Never signed: a log begins with its first entry. */
const EMPTY_ROOT = new Uint8Array(32)

/** More than the fields before a frame's entries ever take. */
const FRAME_HEADER_BYTES = 160

/** What a snapshot says of this moment; undefined when the state is not the newest one. */
function capture(parts: LedgerParts, { stall, end }: Moment): Snapshot | undefined {
  const { writing, series, logs, foldVersion } = parts
  const { log } = writing
  if (log?.keys.log !== end.log || log.range.size !== end.seq) return undefined
  const header = {
    format: FORMAT,
    foldVersion,
    log: log.keys.log,
    size: log.range.size,
    root: hexOf(log.root),
    nodes: log.range.nodes.map(hexOf),
    counter: writing.counter,
    end: series.end(),
    logs: [...logs.values()]
  }
  return { header, stall }
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function healthOf({ series, writing }: LedgerParts, snapshotFailure: string | undefined): Health {
  const warning = series.warning()
  if (writing.isBroken) {
    const { message, fix } = warning ?? needsRenewal()
    return { name: 'disk', state: 'down', sentence: message, fix }
  }
  if (warning) {
    return {
      name: 'disk',
      state: 'degraded',
      sentence: 'The card has no room for more than the sales of the next while.',
      fix: 'Selling goes on for now. Free some space on the card soon.'
    }
  }
  if (writing.unread) {
    return {
      name: 'disk',
      state: 'degraded',
      sentence: 'Old entries could not be read from the card.',
      fix: 'Selling goes on. If it happens again, replace the card soon: it may be worn out.'
    }
  }
  if (snapshotFailure !== undefined) {
    return {
      name: 'disk',
      state: 'degraded',
      sentence: `Sales are safe, but the quick start could not be kept (${snapshotFailure}).`,
      fix: 'Go on selling; the next start reads the whole ledger and takes longer.'
    }
  }
  return { name: 'disk', state: 'up', sentence: 'The disk takes every write.', fix: '' }
}

const needsRenewal = (): Fault =>
  new Fault({
    code: 'disk-failed',
    message: 'The last write to the disk failed, and no new log was begun since.',
    fix: 'Try once more.',
    isRetryable: true
  })

const tooLarge = (): Fault =>
  new Fault({
    code: 'too-large',
    message: 'Too much was booked at once to fit one record of the ledger.',
    fix: 'Try again with less at a time.',
    isRetryable: false
  })
