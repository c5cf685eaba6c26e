import type { Entry } from '../core/entry.ts'
import type { LogId } from '../core/id.ts'
import type { Wanted } from '../core/ports.ts'
import { leafHash } from '../core/proof/merkle.ts'
import type { Place } from '../core/time.ts'
import { openBody, type RawEntry, readEntry } from '../wire/entry.ts'
import { sha256 } from '../wire/hash.ts'
import { isSealedType } from '../wire/shapes.ts'
import { ANCHOR_BYTES, type KnownLogs, type Stretch, whereIs } from './logs.ts'
import { mergeFrom } from './merge.ts'
import type { Newest } from './newest.ts'
import { RECORD_BYTES_MAX, scan } from './record.ts'
import { entryOf, type ReadFrame, readFrame } from './replay.ts'
import { readSegment, type Spot } from './segment.ts'

/** The own segments, to be read beside the writing. */
export interface OwnFiles {
  readonly dir: string
  /** Undefined when the bodies of this log are sealed to others. */
  readonly contentKeyOf: (log: LogId) => Promise<Uint8Array | undefined>
}

interface Options {
  readonly files: OwnFiles
  readonly logs: KnownLogs
}

/** Undefined for what is not here, or not for these eyes. */
export async function readPlace(options: Options & { place: Place }): Promise<Entry | undefined> {
  const raw = await rawAt(options)
  return raw && entryOf(raw, await options.files.contentKeyOf(options.place.log))
}

/** What a signed receipt is made of: the leaf hash of a sealed entry, and the salt inside it. */
export async function readSealed(
  options: Options & { newest: Newest; place: Place }
): Promise<{ readonly leaf: Uint8Array; readonly salt: Uint8Array } | undefined> {
  const written = options.newest.at(options.place)
  const raw = written ? readEntry(written) : await rawAt(options)
  const contentKey = raw && (await options.files.contentKeyOf(options.place.log))
  if (!contentKey || !isSealedType(raw.type) || !entryOf(raw, contentKey)) return undefined
  return { leaf: leafHash(raw.bytes, sha256), salt: openBody(raw, contentKey).salt }
}

/** One frame that goes on from an entry; undefined for what is not here or cannot be read. */
export async function readOwnFrame({
  files,
  logs,
  wanted
}: Options & { readonly wanted: Wanted }): Promise<Uint8Array | undefined> {
  const where = whereIs(logs, { log: wanted.log, seq: wanted.from })
  if (!where) return undefined
  const merging = mergeFrom(wanted.from, wanted.bytesMax)
  for (const { frame } of await framesFrom(files.dir, where)) {
    if (frame.log === wanted.log && !merging.add(frame)) break
  }
  return merging.frame()
}

async function rawAt({
  files,
  logs,
  place
}: Options & { place: Place }): Promise<RawEntry | undefined> {
  const where = whereIs(logs, place)
  if (!where) return undefined
  const frames = await framesFrom(files.dir, where)
  const holder = frames.find(
    ({ frame }) => frame.log === place.log && frame.from <= place.seq && place.seq < frame.size
  )
  return holder?.entries[place.seq - holder.frame.from]
}

/** All frames that begin in a stretch; it is at most ANCHOR_BYTES long, and one frame. */
export function framesFrom(dir: string, { at, next }: Stretch): Promise<ReadFrame[]> {
  const isWhole = next?.segment === at.segment
  return framesAt(dir, at, isWhole ? next.offset - at.offset : ANCHOR_BYTES + RECORD_BYTES_MAX)
}

/** The frame that begins in a place; undefined if it cannot be read any more. */
export async function frameAt(dir: string, spot: Spot): Promise<ReadFrame | undefined> {
  for (const length of [PAGE_BYTES, RECORD_BYTES_MAX]) {
    const [first] = await framesAt(dir, spot, length)
    if (first?.spot.offset === spot.offset) return first
  }
  return undefined
}

/** Holds most frames whole. */
const PAGE_BYTES = 4_096

async function framesAt(dir: string, at: Spot, length: number): Promise<ReadFrame[]> {
  const { found } = scan(await readSegment(dir, at, length))
  return found.flatMap(({ offset, bytes }) => {
    const spot = { segment: at.segment, offset: at.offset + offset }
    return readFrame(bytes, spot) ?? []
  })
}
