import { readFile } from 'node:fs/promises'
import { setImmediate as breathe } from 'node:timers/promises'
import { isLogId, type LogId } from '../core/id.ts'
import type { TurnListener } from '../core/ports.ts'
import type { Stall } from '../core/state.ts'
import type { Place } from '../core/time.ts'
import { replaceFile } from '../disk/replace.ts'
import type { KnownLog } from './logs.ts'
import { packStall, unpackStall } from './pack.ts'
import { recordOf, scan } from './record.ts'
import type { Spot } from './segment.ts'

/** What a snapshot was taken of. A ledger that does not match every word of it is replayed. */
interface SnapshotHeader {
  /** The form of the snapshot itself. */
  readonly format: number
  /** The fold that made the state. */
  readonly foldVersion: number
  /** The log that was written then, how long it was, and its root and subtree roots in hex. */
  readonly log: LogId
  readonly size: number
  readonly root: string
  readonly nodes: readonly string[]
  /** The highest counter of any log. */
  readonly counter: number
  /** Where the next frame was to begin. */
  readonly end: Spot
  /** Every log of this stall so far, so that entries are found without a scan. */
  readonly logs: readonly KnownLog[]
}

export interface Snapshot {
  readonly header: SnapshotHeader
  readonly stall: Stall
}

/** Its name in the data folder. */
export const SNAPSHOT = 'snapshot'

/** Raised with every change to what is written here. */
export const FORMAT = 2

/**
 * Keeps the newest state in a file: every so many entries, when a session closes, and at the end.
 * One snapshot is written at a time, a piece a turn of the event loop; the old file stays until
 * the new one is whole. It only saves time: whatever keeps it from being written is shown and
 * costs nothing but a slower start.
 */
export function keepSnapshots(options: {
  readonly path: string
  readonly every: number
  /** The state at the start, and how many of its entries no snapshot holds yet. */
  readonly first: Moment & { readonly since: number }
  /** Undefined for a moment that is not the newest on disk. */
  readonly capture: (moment: Moment) => Snapshot | undefined
}): Snapshots {
  const { path, every, first, capture } = options
  let newest: Moment = first
  let { since } = first
  let writing: Promise<void> | undefined
  let failure: string | undefined

  const write = async (): Promise<void> => {
    const snapshot = capture(newest)
    if (!snapshot) return
    since = 0
    try {
      await replaceFile({ path, parts: records(snapshot), mode: 0o600 })
      failure = undefined
    } catch (error) {
      // Even a bug in the packing must not stop a stall: a replay does without a snapshot.
      failure = error instanceof Error ? error.message : String(error)
    }
  }
  const start = (): void => {
    writing ??= write().finally(() => {
      writing = undefined
    })
  }
  if (since >= every) start()
  return {
    failure: () => failure,
    listen: ({ entries, stall }) => {
      const last = entries.at(-1)
      if (!last) return
      newest = { stall, end: { log: last.log, seq: last.seq + 1 } }
      since += entries.length
      if (since >= every || entries.some(({ type }) => type === 'sessionClosed')) start()
    },
    close: async () => {
      await writing
      if (since > 0) await write()
    }
  }
}

interface Snapshots {
  readonly listen: TurnListener
  /** Why the newest snapshot could not be written. */
  readonly failure: () => string | undefined
  readonly close: () => Promise<void>
}

/** A state, and the place that the next entry after it takes. */
export interface Moment {
  readonly stall: Stall
  readonly end: Place
}

/** Undefined for a snapshot that is not there, is damaged, or was made by another fold. */
export async function readSnapshot(
  path: string,
  { foldVersion, like }: { readonly foldVersion: number; readonly like: Stall }
): Promise<Snapshot | undefined> {
  const bytes = await readFile(path).catch(() => undefined)
  if (!bytes) return undefined
  const { found, damaged, tail } = scan(bytes)
  const [first, ...rest] = joined(found.map(record => record.bytes))
  const pieces = rest.slice(0, -1)
  const isWhole = damaged.length === 0 && !tail && isEnd(rest.at(-1), pieces.length)
  if (!first || !isWhole) return undefined
  const header = headerOf(first)
  if (header?.foldVersion !== foldVersion) return undefined
  try {
    return { header, stall: unpackStall(pieces, like) }
  } catch {
    // A snapshot only saves time: one that cannot be read costs a replay and nothing else.
    return undefined
  }
}

async function* records({ header, stall }: Snapshot): AsyncGenerator<Uint8Array> {
  yield* split(Buffer.from(JSON.stringify(header)))
  let count = 0
  for (const piece of packStall(stall)) {
    yield* split(piece)
    count += 1
    await breathe()
  }
  yield* split(endPiece(count))
}

/** A record holds less than a piece may: its first byte says whether the piece goes on. */
function* split(piece: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < piece.length; at += PART_BYTES) {
    const isLast = at + PART_BYTES >= piece.length
    const part = piece.subarray(at, at + PART_BYTES)
    yield recordOf(Buffer.concat([Buffer.of(isLast ? LAST : MORE), part]))
  }
}

function joined(records: readonly Uint8Array[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let parts: Uint8Array[] = []
  for (const bytes of records) {
    parts.push(bytes.subarray(1))
    if (bytes[0] === MORE) continue
    pieces.push(Buffer.concat(parts))
    parts = []
  }
  return pieces
}

const LAST = 0
const MORE = 1
const PART_BYTES = 256 << 10

const endPiece = (count: number): Uint8Array => Buffer.from(`end ${count}`)

const isEnd = (bytes: Uint8Array | undefined, count: number): boolean =>
  bytes !== undefined && Buffer.from(endPiece(count)).equals(bytes)

function headerOf(bytes: Uint8Array): SnapshotHeader | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(bytes).toString())
    const isOurs =
      typeof header === 'object' &&
      header !== null &&
      'format' in header &&
      header.format === FORMAT &&
      'log' in header &&
      isLogId(header.log)
    // Its CRC and its form's number say that this program wrote the rest as well.
    return isOurs ? (header as SnapshotHeader) : undefined
  } catch {
    return undefined
  }
}
