import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isLogId, type LogId } from '../core/id.ts'
import { replaceFile } from '../disk/replace.ts'
import { faultOf } from './fault.ts'
import { recordOf, scan } from './record.ts'
import { type ReadFrame, readFrame } from './replay.ts'

/**
 * A second copy of each log's first frame, in `openings/` of the data folder: without it the log's
 * content key is gone, and one changed byte would close the books of a whole day for ever. Kept
 * once a log; a disk that does not take it is no reason not to sell.
 */
export async function keepSpare(dir: string, log: LogId, frame: Uint8Array): Promise<void> {
  const path = join(dir, FOLDER, log)
  await replaceFile({ path, parts: [recordOf(frame)], mode: 0o600 }).catch(faultOf)
}

/** Undefined when there is none, or it is damaged as well. */
export async function readSpare(dir: string, log: LogId): Promise<ReadFrame | undefined> {
  const bytes = await readFile(join(dir, FOLDER, log)).catch(() => Buffer.alloc(0))
  const [first] = scan(bytes).found
  const read = first && readFrame(first.bytes, { segment: 0, offset: 0 })
  return read?.frame.log === log && read.frame.from === 0 ? read : undefined
}

export async function readSpares(dir: string): Promise<ReadonlyMap<LogId, ReadFrame>> {
  const names = await readdir(join(dir, FOLDER)).catch(() => [])
  const spares = new Map<LogId, ReadFrame>()
  for (const log of names) {
    const spare = isLogId(log) && (await readSpare(dir, log))
    if (spare) spares.set(spare.frame.log, spare)
  }
  return spares
}

const FOLDER = 'openings'
