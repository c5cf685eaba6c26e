import type { Driver } from '../driver.ts'
import { type CodeSettings, readCodes } from './code.ts'
import { LAYOUTS, type Layout } from './keys.ts'

export interface KeyboardSettings extends CodeSettings {
  /** `/dev/input/by-id/…-event-kbd`, which stays the same in every socket. */
  readonly path: string
  readonly layout: Layout
}

/** `driver = "scanner-hid"`: a barcode scanner that types like a keyboard. */
export const scannerHid: Driver<KeyboardSettings> = {
  role: 'scanner',
  parse: table => {
    const path = table.text('path')
    const layout = table.oneOf('layout', LAYOUTS, 'us')
    const codes = readCodes(table)
    if (path === undefined || layout === undefined || codes === undefined) return undefined
    return { path, layout, ...codes }
  },
  claims: ({ path }) => [path],
  start: async context => (await import('./keyboard.ts')).startKeyboard(context),
  simulate: async (settings, world) =>
    (await import('../sim/scanner.ts')).simKeyboard(settings, world)
}
