import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { segmentName } from '../../node/ledger/segment.ts'
import { dataDir, type Machine } from './stall.ts'

export const segmentPath = (machine: Machine, segment = 1): string =>
  join(dataDir(machine), 'own', segmentName(segment))

export const forgetSnapshot = (machine: Machine): Promise<void> =>
  rm(join(dataDir(machine), 'snapshot'), { force: true })

/** Where the records of a segment begin. */
export function recordOffsets(bytes: Buffer): number[] {
  const offsets: number[] = []
  for (let at = 0; bytes.readUInt32LE(at) > 0; at += 8 + bytes.readUInt32LE(at)) offsets.push(at)
  return offsets
}

/** Where the last record of a segment ends. */
export function usedBytes(bytes: Buffer): number {
  const last = recordOffsets(bytes).at(-1) ?? 0
  return last + 8 + bytes.readUInt32LE(last)
}
