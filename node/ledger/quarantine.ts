import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../disk/replace.ts'
import { faultOf } from './fault.ts'
import type { ByteRange } from './record.ts'
import type { FoundSegment } from './segment.ts'

/** The folder, in the data folder, where damaged bytes are kept for a person or a peer to mend. */
export const QUARANTINE = 'quarantine'

/** Bytes of a segment that are no record. */
export interface Damage extends ByteRange {
  readonly segment: number
  readonly bytes: Uint8Array
}

export function damageIn({ segment, bytes, damaged, tail }: FoundSegment): Damage[] {
  const ranges = tail ? [...damaged, tail] : damaged
  return ranges.map(range => ({ segment, ...range, bytes: bytes.subarray(range.from, range.to) }))
}

/** Copies damaged bytes aside, each once; gives those that the disk had no room for. */
export async function setAside(folder: string, damages: readonly Damage[]): Promise<Damage[]> {
  const lost: Damage[] = []
  for (const damage of damages) {
    const { segment, from, to, bytes } = damage
    const path = join(folder, `${segment}-${from}-${to}`)
    const isThere = await stat(path).catch(() => undefined)
    if (isThere) continue
    await replaceFile({ path, parts: [bytes], mode: 0o600 }).catch(error => {
      faultOf(error)
      lost.push(damage)
    })
  }
  return lost
}
