import { constants } from 'node:fs'
import { type FileHandle, open, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Fault } from '../core/ports.ts'
import { makeFolder, syncFolder } from '../disk/replace.ts'
import { diskFault, faultOf, throwFault } from './fault.ts'
import { type ByteRange, joinedRecords, type Scan, scan } from './record.ts'

/** A place on disk: a segment file, counted from 1, and a byte in it. */
export interface Spot {
  readonly segment: number
  readonly offset: number
}

/**
 * The writing end of a series of segment files, `00000001.seg` and on. What it tolerates:
 * a process killed or a power cut at any moment (at most the record under way is lost), a write
 * that fails or is cut short (the segment is abandoned), a full disk (found when zeros are laid
 * ahead, before anything of a record is written).
 */
export interface Series {
  /** Where the next record will begin. */
  readonly end: () => Spot
  /**
   * Resolves with the first record's place when all would survive a power cut: one write to a file
   * opened with O_DSYNC, in which each record lies right behind the one before. A power cut in the
   * middle keeps the first few whole. One at a time: the caller waits for it before the next.
   * Rejects with a `Fault`; then, if `isBroken`, only `renew` makes the series usable again.
   */
  readonly append: (...records: readonly Uint8Array[]) => Promise<Spot>
  /** Whether a write failed in the middle. Room that could not be made breaks nothing. */
  readonly isBroken: () => boolean
  /** After a failed append, leaves the segment as it is and goes on in a new one. */
  readonly renew: () => Promise<void>
  /** Why zeros could not be laid ahead, while there is still room for the records of today. */
  readonly warning: () => Fault | undefined
  readonly close: () => Promise<void>
}

export const SEGMENT_BYTES = 16 << 20
/** Zeros are laid this far at a time: an append then changes no metadata and costs one flush. */
export const AHEAD_BYTES = 1 << 20
/** With less than this left, more zeros are laid in the background. */
const AHEAD_BYTES_MIN = AHEAD_BYTES / 2

/** One segment as it was found. */
export interface FoundSegment extends Scan {
  readonly segment: number
  readonly bytes: Buffer
}

export const segmentName = (segment: number): string => `${String(segment).padStart(8, '0')}.seg`

/** The numbers of the segments in a folder, in order; none if there is no such folder. */
export async function listSegments(dir: string): Promise<number[]> {
  const names = await readdir(dir).catch(ignoreMissing)
  return (names ?? [])
    .filter(name => /^\d{8}\.seg$/.test(name))
    .map(name => Number(name.slice(0, 8)))
    .sort((a, b) => a - b)
}

/** Reads and scans the segments one by one, from a place on. A vanished file reads as empty. */
export async function* scanSegments(dir: string, from?: Spot): AsyncGenerator<FoundSegment> {
  for (const segment of await listSegments(dir)) {
    if (from && segment < from.segment) continue
    const bytes = await readWhole(join(dir, segmentName(segment)))
    const offset = segment === from?.segment ? from.offset : 0
    yield { segment, bytes, ...scan(bytes, offset) }
  }
}

/** Some bytes of a segment; fewer where the file ends, none where it is gone or unreadable. */
export async function readSegment(dir: string, at: Spot, length: number): Promise<Buffer> {
  const file = await open(join(dir, segmentName(at.segment)), 'r').catch(ignoreMissing)
  if (!file) return Buffer.alloc(0)
  try {
    const bytes = Buffer.allocUnsafe(length)
    const read = await file.read(bytes, 0, length, at.offset).catch(ignoreUnreadable)
    return bytes.subarray(0, read?.bytesRead ?? 0)
  } finally {
    await file.close()
  }
}

/**
 * Opens a series to write behind `end`, which a scan found. Zeros what a cut-off write left in
 * `tail`, so that stale bytes can never be read as a record later, and syncs the file: after a
 * kill its last pages may be in memory only. Rejects with a `Fault`.
 */
export async function openSeries(options: {
  readonly dir: string
  readonly end: Spot
  readonly tail?: ByteRange | undefined
}): Promise<Series> {
  const { dir, end, tail } = options
  await makeFolder(dir).catch(throwFault)
  const file = await openSegment(dir, end.segment)
  const ready = (await file.writer.stat()).size
  const state: Writing = { dir, file, ...end, ready, isBroken: false }
  try {
    if (tail) await file.writer.write(Buffer.alloc(tail.to - tail.from), 0, null, tail.from)
    await file.writer.datasync()
    await syncFolder(dir)
    await syncFolder(dirname(dir))
  } catch (error) {
    await closeSegment(file)
    throw faultOf(error)
  }
  return {
    end: () => ({ segment: state.segment, offset: state.offset }),
    append: (...records) => append(state, records),
    isBroken: () => state.isBroken,
    renew: async () => {
      if (state.isBroken) await roll(state)
    },
    warning: () => state.warning,
    close: async () => {
      await state.growing
      await closeSegment(state.file)
    }
  }
}

interface Writing {
  readonly dir: string
  file: OpenSegment
  segment: number
  /** Where the next record begins. */
  offset: number
  /** How far zeros are laid. */
  ready: number
  isBroken: boolean
  growing?: Promise<void> | undefined
  warning?: Fault | undefined
}

async function append(state: Writing, records: readonly Uint8Array[]): Promise<Spot> {
  if (state.isBroken) throw abandonedFault()
  const bytes = joinedRecords(records)
  if (bytes.length > SEGMENT_BYTES) throw new RangeError(`${bytes.length} bytes in one write`)
  // A full disk is found here, where nothing of the record is written: a smaller one may still fit.
  await makeRoom(state, bytes.length).catch(throwFault)
  try {
    const { segment, offset, file } = state
    const { bytesWritten } = await file.writer.write(bytes, 0, bytes.length, offset)
    if (bytesWritten < bytes.length) throw diskFault('short write')
    state.offset += bytes.length
    const left = state.ready - state.offset
    if (left < AHEAD_BYTES_MIN && state.ready < SEGMENT_BYTES) void grow(state)
    return { segment, offset }
  } catch (error) {
    state.isBroken = true
    throw faultOf(error)
  }
}

async function makeRoom(state: Writing, size: number): Promise<void> {
  if (state.offset + size > SEGMENT_BYTES) await roll(state)
  while (state.offset + size > state.ready) {
    await grow(state)
    if (state.warning) throw state.warning
  }
}

/** Lays zeros ahead; one at a time, however often it is asked. Failure is kept as the warning. */
function grow(state: Writing): Promise<void> {
  state.growing ??= layZeros(state.file.sower, state.ready)
    .then(
      size => {
        state.ready = size
        state.warning = undefined
      },
      (error: unknown) => {
        state.warning = faultOf(error)
      }
    )
    .finally(() => {
      state.growing = undefined
    })
  return state.growing
}

/** Goes on in a new segment, which is there whole, with zeros laid, or not at all. */
async function roll(state: Writing): Promise<void> {
  await state.growing
  const segment = state.segment + 1
  const next = await openSegment(state.dir, segment)
  try {
    state.ready = await layZeros(next.sower, 0)
    await syncFolder(state.dir)
  } catch (error) {
    await closeSegment(next)
    await rm(join(state.dir, segmentName(segment)), { force: true })
    throw faultOf(error)
  }
  const last = state.file
  Object.assign(state, { file: next, segment, offset: 0, isBroken: false, warning: undefined })
  // What closing an abandoned file reports was reported by the write that failed already.
  await closeSegment(last).catch(() => undefined)
}

/**
 * One file, opened twice: `writer` waits for the disk at every write, `sower` lays zeros through
 * the page cache, so that a megabyte of them does not hold the file's lock until the disk has it.
 */
interface OpenSegment {
  readonly writer: FileHandle
  readonly sower: FileHandle
}

async function openSegment(dir: string, segment: number): Promise<OpenSegment> {
  const path = join(dir, segmentName(segment))
  const { O_CREAT, O_DSYNC, O_RDWR } = constants
  try {
    const writer = await open(path, O_RDWR | O_CREAT | O_DSYNC, 0o600)
    return { writer, sower: await open(path, O_RDWR) }
  } catch (error) {
    throw faultOf(error)
  }
}

async function closeSegment({ writer, sower }: OpenSegment): Promise<void> {
  await sower.close()
  await writer.close()
}

/**
 * Lengthens a file by zeros up to the next whole AHEAD_BYTES, durably; gives its new size. In
 * slices, so that a sale that comes meanwhile waits for one of them and not for all.
 */
async function layZeros(file: FileHandle, size: number): Promise<number> {
  const target = (Math.floor(size / AHEAD_BYTES) + 1) * AHEAD_BYTES
  let at = size
  while (at < target) {
    const { bytesWritten } = await file.write(ZEROS, 0, Math.min(ZEROS.length, target - at), at)
    await file.datasync()
    at += bytesWritten
  }
  return target
}

const READ_BYTES = 1 << 20
const PAGE_BYTES = 4_096
const ZEROS = Buffer.alloc(AHEAD_BYTES / 8)

/** Reads a file whole. What a worn card cannot read any more (EIO) counts as zeros. */
async function readWhole(path: string): Promise<Buffer> {
  const file = await open(path, 'r').catch(ignoreMissing)
  if (!file) return Buffer.alloc(0)
  try {
    const { size } = await file.stat()
    const bytes = Buffer.alloc(size)
    let piece = READ_BYTES
    let at = 0
    while (at < size) {
      const read = await file
        .read(bytes, at, Math.min(piece, size - at), at)
        .catch(ignoreUnreadable)
      if (read?.bytesRead === 0) break
      if (read) at += read.bytesRead
      else if (piece > PAGE_BYTES) piece = PAGE_BYTES
      else at += PAGE_BYTES
    }
    return bytes
  } finally {
    await file.close()
  }
}

const abandonedFault = (): Fault =>
  new Fault({
    code: 'disk-failed',
    message: 'The last write failed, and no new log was begun since.',
    fix: 'Try once more.',
    isRetryable: true
  })

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}

function ignoreUnreadable(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'EIO') return undefined
  throw error
}
