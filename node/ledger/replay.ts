import type { Entry, EntryOf } from '../core/entry.ts'
import type { LogId } from '../core/id.ts'
import type { PreviousLog } from '../core/log.ts'
import { append, type CompactRange, emptyRange, leafHash } from '../core/proof/merkle.ts'
import type { Stall } from '../core/state.ts'
import { Malformed } from '../wire/canonical.ts'
import { openEntry, type RawEntry, readEntry } from '../wire/entry.ts'
import { decodeFrame, type Frame } from '../wire/frame.ts'
import { sha256 } from '../wire/hash.ts'
import type { LogKeys } from '../wire/logkeys.ts'
import { indexEnd, indexFrame, type KnownLogs } from './logs.ts'
import type { FoundSegment, Spot } from './segment.ts'

/** What a replay works out. Begins empty, or from a snapshot. */
export interface Replay {
  stall: Stall
  readonly logs: KnownLogs
  /** The log that was written last. */
  newest: NewestLog | undefined
  /** The highest counter of any log. */
  counter: number
  /** Entries that were replayed. */
  folded: number
  /** Entries that could not be read, for no content key opens them. */
  sealed: number
  /** Records with a true CRC that are no frame, or overlap one: nobody but a bug writes those. */
  readonly strange: Spot[]
}

interface NewestLog extends PreviousLog {
  /** Undefined when entries are missing, so that the log cannot go on. */
  readonly range: CompactRange | undefined
  /** Undefined when its bodies are sealed to others. Asked for only when there are entries. */
  readonly contentKey: () => Promise<Uint8Array | undefined>
}

interface ReplayOptions {
  readonly fold: (stall: Stall, entry: Entry) => Stall
  readonly contentKeyOf: (opened: EntryOf<'logOpened'>) => Promise<Uint8Array | undefined>
  /** The copy of a log's first frame, for a log whose own one is damaged. */
  readonly spareOf: (log: LogId) => Promise<ReadFrame | undefined>
  /** The log of this boot, the only one that may go on: its tree is worked out as well. */
  readonly current: LogKeys | undefined
}

/** A frame with its entries taken apart, and where it lies. */
export interface ReadFrame {
  readonly frame: Frame
  readonly entries: readonly RawEntry[]
  readonly spot: Spot
}

/**
 * Folds all frames that count, in the order of the disk. One kind does not count: a frame whose
 * write failed and was not acknowledged, but which the disk holds all the same. The log that
 * follows names the size without it, so each frame waits until the next one is known.
 */
export async function replaySegments(
  replay: Replay,
  segments: AsyncIterable<FoundSegment>,
  options: ReplayOptions
): Promise<void> {
  let waiting: ReadFrame | undefined
  for await (const { segment, found } of segments) {
    for (const { offset, bytes } of found) {
      const spot = { segment, offset }
      const read = readFrame(bytes, spot)
      if (!read) {
        replay.strange.push(spot)
        continue
      }
      if (waiting && !isDisowned(waiting.frame, openingOf(read)?.previous)) {
        await applyFrame(replay, waiting, options)
      }
      waiting = read
    }
  }
  if (waiting && !isDisowned(waiting.frame, abandonedEnd(options.current))) {
    await applyFrame(replay, waiting, options)
  }
}

const abandonedEnd = (keys: LogKeys | undefined) =>
  keys?.isAbandoned() ? { log: keys.log, size: keys.publishedSize() } : undefined

/** Whether the end that somebody states for a log leaves this frame out. */
const isDisowned = (
  frame: Frame,
  end: { readonly log: LogId; readonly size: number } | null | undefined
): boolean => end?.log === frame.log && frame.from >= end.size

async function applyFrame(replay: Replay, read: ReadFrame, options: ReplayOptions): Promise<void> {
  const { logs } = replay
  const { frame, spot } = read
  const { log, from, size, root } = frame
  const known = logs.get(log)?.size ?? 0
  if (from < known || from === size) {
    replay.strange.push(spot)
    return
  }
  const before = await logBefore(replay, read, options)
  const range = from === known ? before.range : undefined
  indexFrame(logs, { log, from, to: size, spot })
  replay.newest = { log, size, root, contentKey: before.contentKey, range: extend(range, frame) }
  const contentKey = await before.contentKey()
  for (const raw of read.entries) {
    const entry = entryOf(raw, contentKey)
    if (entry) replay.stall = options.fold(replay.stall, entry)
    else replay.sealed += 1
  }
  replay.folded += read.entries.length
}

/** What is known of the log before this frame; with its first frame, its keys come from there. */
async function logBefore(
  replay: Replay,
  read: ReadFrame,
  options: ReplayOptions
): Promise<Pick<NewestLog, 'range' | 'contentKey'>> {
  const { newest } = replay
  if (newest?.log === read.frame.log) return newest
  const isFirst = read.frame.from === 0
  const first = isFirst ? read : await options.spareOf(read.frame.log)
  const opened = first && openingOf(first)
  if (opened && !isFirst) replay.stall = options.fold(replay.stall, opened)
  if (opened?.previous) indexEnd(replay.logs, opened.previous)
  replay.counter = Math.max(replay.counter + 1, opened?.counter ?? 0)
  const key = opened && (await options.contentKeyOf(opened))
  const isOurs = read.frame.log === options.current?.log
  return { range: isFirst && isOurs ? emptyRange : undefined, contentKey: async () => key }
}

/** Hashes the entries into the tree, so that the log could go on behind this frame. */
function extend(range: CompactRange | undefined, frame: Frame): CompactRange | undefined {
  if (!range) return undefined
  let grown = range
  for (const entry of frame.entries) grown = append(grown, leafHash(entry, sha256), sha256)
  return grown
}

/** Undefined for bytes that are no frame of well-formed entries, whatever their CRC says. */
export function readFrame(bytes: Uint8Array, spot: Spot): ReadFrame | undefined {
  try {
    const frame = decodeFrame(bytes)
    return { frame, entries: frame.entries.map(readEntry), spot }
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** Undefined when the entry cannot be read here: sealed to others, unknown, or malformed. */
export function entryOf(raw: RawEntry, contentKey: Uint8Array | undefined): Entry | undefined {
  try {
    return openEntry(raw, contentKey)
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** The `logOpened` that a log's first frame begins with. */
export function openingOf({ frame, entries }: ReadFrame): EntryOf<'logOpened'> | undefined {
  const [first] = entries
  const entry = frame.from === 0 && first ? entryOf(first, undefined) : undefined
  return entry?.type === 'logOpened' ? entry : undefined
}
