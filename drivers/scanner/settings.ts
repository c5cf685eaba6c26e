import type { SerialSettings } from '../host.ts'
import { EIGHT_N_ONE, readSerial } from '../serial/keys.ts'
import type { TableReader } from '../table.ts'
import { LAYOUTS, type Layout } from './keys.ts'

/** What every scanner has. */
export interface CodeSettings {
  /** Whether an AIM identifier (`]E0`) comes before each code. */
  readonly hasAim: boolean
  /** Whether eight digits that begin with 0 or 1 are a UPC-E, and no EAN-8 of the stall's own. */
  readonly isUpcE: boolean
  /** What a simulated scanner reads. */
  readonly codes: readonly string[]
}

export interface KeyboardSettings extends CodeSettings {
  /** `/dev/input/by-id/…-event-kbd`, which stays the same in every socket. */
  readonly path: string
  readonly layout: Layout
}

export interface LineSettings extends CodeSettings, SerialSettings {}

export function readKeyboard(table: TableReader): KeyboardSettings | undefined {
  const path = table.text('path')
  const layout = table.oneOf('layout', LAYOUTS, 'us')
  const codes = readCodes(table)
  if (path === undefined || layout === undefined || codes === undefined) return undefined
  return { path, layout, ...codes }
}

export function readLine(table: TableReader): LineSettings | undefined {
  const serial = readSerial(table, { baud: 9_600, ...EIGHT_N_ONE })
  const codes = readCodes(table)
  return serial && codes ? { ...serial, ...codes } : undefined
}

/** The barcodes of the catalogue that `npm start` sells from. */
const SAMPLE_CODES = ['2000000000015', '2000000000022', '2000000000039', '2000000000046']

function readCodes(table: TableReader): CodeSettings | undefined {
  const hasAim = table.flag('aim', false)
  const isUpcE = table.flag('upc_e', false)
  const codes = table.texts('codes', SAMPLE_CODES)
  return codes && { hasAim, isUpcE, codes }
}
