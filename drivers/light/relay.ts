import type { Driver } from '../driver.ts'
import { lineClaim } from '../gpio/keys.ts'
import { type LightSettings, readLight } from './settings.ts'

/** `driver = "relay"`: a lamp behind a relay, on while somebody is there and it is dark. */
export const relay: Driver<LightSettings> = {
  role: 'light',
  parse: readLight,
  claims: ({ line }) => [lineClaim(line)],
  follows: ({ motion, power }) => (power === undefined ? motion : [...motion, power]),
  start: async context => (await import('./switch.ts')).startLight(context),
  simulate: async (settings, world) => (await import('../sim/output.ts')).simOutput(settings, world)
}
