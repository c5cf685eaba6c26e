import { writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { isLogId, type LogId } from '../core/id.ts'
import { crc32c } from './crc32c.ts'

/** How far a log got in this boot, as far as anybody but this process can know. */
export interface Progress {
  readonly log: LogId
  /** Entries that were acknowledged; others may have heard of them. */
  readonly size: number
  /** A write failed: what the disk holds behind `size` is unsure, and the log is over. */
  readonly isAbandoned: boolean
}

/**
 * The note beside the log key of how far the log got. A disk that gives back less (a restored
 * copy, a card that lied about a flush) must not go on with the log, or two heads of one size
 * would exist. It lives in the runtime folder, which no power cut survives, so it needs no flush:
 * 24 bytes into the page cache after each commit, a few microseconds. Between the commit and the
 * note a kill leaves the note behind the disk, which is harmless.
 */
export interface Published {
  readonly last: Progress | undefined
  readonly write: (progress: Progress) => void
  readonly close: () => Promise<void>
}

/** `log 8 bytes | size u64 | state u32: 0 open, 1 abandoned | CRC-32C of these u32` */
const NOTE_BYTES = 24

export async function openPublished(runtimeDir: string): Promise<Published> {
  const path = join(runtimeDir, 'published')
  const file = await open(path, 'r+').catch(() => open(path, 'wx+', 0o600))
  const note = Buffer.alloc(NOTE_BYTES)
  const { bytesRead } = await file.read(note, 0, NOTE_BYTES, 0)
  return {
    last: bytesRead === NOTE_BYTES ? progressOf(note) : undefined,
    write: progress => {
      writeSync(file.fd, noteOf(progress), 0, NOTE_BYTES, 0)
    },
    close: () => file.close()
  }
}

function noteOf({ log, size, isAbandoned }: Progress): Buffer {
  const note = Buffer.alloc(NOTE_BYTES)
  note.write(log, 'hex')
  note.writeBigUInt64LE(BigInt(size), 8)
  note.writeUInt32LE(isAbandoned ? 1 : 0, 16)
  note.writeUInt32LE(crc32c(note, 0, 20), 20)
  return note
}

function progressOf(note: Buffer): Progress | undefined {
  const log = note.toString('hex', 0, 8)
  if (crc32c(note, 0, 20) !== note.readUInt32LE(20) || !isLogId(log)) return undefined
  const size = Number(note.readBigUInt64LE(8))
  return { log, size, isAbandoned: note.readUInt32LE(16) === 1 }
}
