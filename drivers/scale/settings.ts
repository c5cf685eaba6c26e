import type { SerialSettings } from '../host.ts'
import type { TableReader } from '../table.ts'

export interface ScaleSettings extends SerialSettings {
  /** Between two questions while all is well. */
  readonly intervalMs: number
}

/** The keys of every scale. What the scale's own menu says comes before what is usual. */
export function parseScale(
  table: TableReader,
  usual: { readonly bits: 7 | 8; readonly parity: SerialSettings['parity'] }
): ScaleSettings | undefined {
  const path = table.text('path')
  const baud = table.integer('baud', { min: 300, max: 115_200, usual: 9_600 })
  const bits = table.integer('data_bits', { min: 7, max: 8, usual: usual.bits })
  const parity = table.oneOf('parity', ['none', 'even', 'odd'], usual.parity)
  const intervalMs = table.integer('interval_ms', { min: 100, max: 10_000, usual: 250 })
  if (path === undefined || baud === undefined || bits === undefined) return undefined
  if (parity === undefined || intervalMs === undefined) return undefined
  return { path, baud, dataBits: bits === 7 ? 7 : 8, parity, stopBits: 1, intervalMs }
}
