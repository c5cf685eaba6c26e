import type { Driver } from '../driver.ts'
import { type KeyboardSettings, readKeyboard } from './settings.ts'

/** `driver = "scanner-hid"`: a barcode scanner that types like a keyboard. */
export const scannerHid: Driver<KeyboardSettings> = {
  role: 'scanner',
  parse: readKeyboard,
  claims: ({ path }) => [path],
  start: async context => (await import('./keyboard.ts')).startKeyboard(context),
  simulate: async (settings, world) =>
    (await import('../sim/scanner.ts')).simKeyboard(settings, world)
}
