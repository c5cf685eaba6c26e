import type { SerialSettings } from '../host.ts'
import type { TableReader } from '../table.ts'

/** Reads `path` and, where a device is not like the usual ones, its speed and framing. */
export function readSerial(
  table: TableReader,
  usual: Omit<SerialSettings, 'path'>
): SerialSettings | undefined {
  const path = table.text('path')
  const baud = table.integer('baud', { min: 110, max: 4_000_000, usual: usual.baud })
  const dataBits = table.integer('data_bits', { min: 7, max: 8, usual: usual.dataBits })
  const parity = table.oneOf('parity', ['none', 'even', 'odd'], usual.parity)
  const stopBits = table.integer('stop_bits', { min: 1, max: 2, usual: usual.stopBits })
  if (path === undefined || baud === undefined || parity === undefined) return undefined
  if (dataBits === undefined || stopBits === undefined) return undefined
  return { path, baud, parity, dataBits: dataBits === 7 ? 7 : 8, stopBits: stopBits === 2 ? 2 : 1 }
}

export const EIGHT_N_ONE = { dataBits: 8, parity: 'none', stopBits: 1 } as const
