import type { Driver } from '../driver.ts'
import { LAYOUTS, type Layout } from './keys.ts'

export interface KeyboardSettings {
  /** `/dev/input/by-id/…-event-kbd`, which stays the same in every socket. */
  readonly path: string
  readonly layout: Layout
  readonly hasAim: boolean
}

/** `driver = "scanner-hid"`: a barcode scanner that types like a keyboard. */
export const scannerHid: Driver<KeyboardSettings> = {
  role: 'scanner',
  parse: table => {
    const path = table.text('path')
    const layout = table.oneOf('layout', LAYOUTS, 'us')
    const hasAim = table.flag('aim', false)
    return path === undefined || layout === undefined ? undefined : { path, layout, hasAim }
  },
  claims: ({ path }) => [path],
  start: async context => (await import('./keyboard.ts')).startKeyboard(context),
  simulate: async (settings, world) =>
    (await import('../sim/scanner.ts')).simKeyboard(settings, world)
}
