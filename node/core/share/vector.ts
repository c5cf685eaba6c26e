import type { LogId } from '../id.ts'
import type { LogSize } from '../ports.ts'
import type { Hash } from '../proof/merkle.ts'

/**
 * How many entries of each log somebody holds. A log has one writer and no gaps, so this says
 * exactly which entries two stalls do not share, in twelve bytes a log.
 */
export type Vector = ReadonlyMap<LogId, number>

/** The logs in the order of their ids. Logs without an entry are as good as unknown. */
export const rowsOf = (vector: Vector): LogSize[] =>
  [...vector]
    .filter(([, size]) => size > 0)
    .map(([log, size]) => ({ log, size }))
    .sort((a, b) => (a.log < b.log ? -1 : 1))

/** The hash of `log (8) || size (8, big-endian)` of each row: equal for who holds the same. */
export function digestOf(vector: Vector, hash: Hash): Uint8Array {
  const rows = rowsOf(vector)
  const bytes = new Uint8Array(rows.length * ROW_BYTES)
  const view = new DataView(bytes.buffer)
  rows.forEach(({ log, size }, index) => {
    view.setBigUint64(index * ROW_BYTES, BigInt(`0x${log}`))
    view.setBigUint64(index * ROW_BYTES + 8, BigInt(size))
  })
  return hash(bytes)
}

const ROW_BYTES = 16
