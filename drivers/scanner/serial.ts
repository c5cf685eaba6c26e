import type { Driver } from '../driver.ts'
import { type LineSettings, readLine } from './settings.ts'

/** `driver = "scanner-serial"`: a barcode scanner that sends lines, by cable or by USB (CDC). */
export const scannerSerial: Driver<LineSettings> = {
  role: 'scanner',
  parse: readLine,
  claims: ({ path }) => [path],
  start: async context => (await import('./lines.ts')).startLineScanner(context),
  simulate: async (settings, world) =>
    (await import('../sim/scanner.ts')).simLineScanner(settings, world)
}
