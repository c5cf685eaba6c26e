import type { SerialSettings } from '../host.ts'
import { readSerial } from '../serial/keys.ts'
import type { TableReader } from '../table.ts'

export interface ScaleSettings extends SerialSettings {
  /** Between two questions while all is well. */
  readonly intervalMs: number
}

/** The keys of every scale. What its own menu says comes before what is usual. */
export function readScale(
  table: TableReader,
  usual: Pick<SerialSettings, 'dataBits' | 'parity'>
): ScaleSettings | undefined {
  const serial = readSerial(table, { baud: 9_600, stopBits: 1, ...usual })
  const intervalMs = table.integer('interval_ms', { min: 100, max: 10_000, usual: 250 })
  return serial && intervalMs !== undefined ? { ...serial, intervalMs } : undefined
}
