import { execFile } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What a recorded disk saw, in order. */
export type Event =
  | { readonly type: 'write'; readonly offset: number; readonly bytes: Buffer }
  | { readonly type: 'flush' }
  | { readonly type: 'ack'; readonly number: number }

/** Reads the log of `disk.c`. */
export async function readEvents(path: string): Promise<Event[]> {
  const log = await readFile(path)
  const events: Event[] = []
  for (let at = 0; at + HEADER_BYTES <= log.length; ) {
    const kind = log.readUInt32LE(at)
    const length = log.readUInt32LE(at + 4)
    const place = Number(log.readBigUInt64LE(at + 8))
    const from = at + HEADER_BYTES
    if (kind === 1) {
      events.push({ type: 'write', offset: place, bytes: log.subarray(from, from + length) })
    } else events.push(kind === 2 ? { type: 'flush' } : { type: 'ack', number: place })
    at = from + length
  }
  return events
}

/**
 * Makes the image that a power cut leaves: what was written before the last flush is there; each
 * later write is there, lost, or torn between two sectors, as chance has it.
 */
export async function cutPower(options: {
  readonly base: string
  readonly image: string
  readonly events: readonly Event[]
  readonly random: () => number
}): Promise<void> {
  const { base, image, events, random } = options
  await run('cp', ['--sparse=always', base, image])
  const flushed = events.findLastIndex(({ type }) => type === 'flush')
  const file = await open(image, 'r+')
  try {
    for (const [index, event] of events.entries()) {
      if (event.type !== 'write') continue
      const kept = index < flushed ? event.bytes.length : keptBytes(event.bytes.length, random)
      if (kept > 0) await file.write(event.bytes, 0, kept, event.offset)
    }
  } finally {
    await file.close()
  }
}

function keptBytes(length: number, random: () => number): number {
  const fate = random()
  if (fate < 0.45) return length
  if (fate < 0.65) return Math.floor(random() * (length / SECTOR_BYTES + 1)) * SECTOR_BYTES
  return 0
}

const HEADER_BYTES = 16
const SECTOR_BYTES = 512
