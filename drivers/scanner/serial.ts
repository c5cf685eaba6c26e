import type { Driver } from '../driver.ts'
import type { SerialSettings } from '../host.ts'
import { EIGHT_N_ONE, readSerial } from '../serial/keys.ts'
import { type CodeSettings, readCodes } from './code.ts'

export interface SerialScannerSettings extends SerialSettings, CodeSettings {}

/** `driver = "scanner-serial"`: a barcode scanner that sends lines, by cable or by USB (CDC). */
export const scannerSerial: Driver<SerialScannerSettings> = {
  role: 'scanner',
  parse: table => {
    const serial = readSerial(table, { baud: 9_600, ...EIGHT_N_ONE })
    const codes = readCodes(table)
    return serial && codes ? { ...serial, ...codes } : undefined
  },
  claims: ({ path }) => [path],
  start: async context => (await import('./lines.ts')).startLineScanner(context),
  simulate: async (settings, world) =>
    (await import('../sim/scanner.ts')).simLineScanner(settings, world)
}
