import type { Driver } from '../driver.ts'
import { type PowerSettings, readPowerKeys } from './settings.ts'

/** `driver = "supply"`: what the kernel knows of the mains, a battery and the Pi's voltage. */
export const supply: Driver<PowerSettings> = {
  role: 'power',
  parse: readPowerKeys,
  claims: () => ['power'],
  start: async context => (await import('./watch.ts')).watchPower(context),
  simulate: async (_, world) => (await import('../sim/power.ts')).simPower(world)
}
