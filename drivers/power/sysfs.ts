import type { Driver } from '../driver.ts'

export interface PowerSettings {
  /** A battery below this is low; it is well again some percent above. */
  readonly lowPercent: number
}

/** `driver = "supply"`: what the kernel knows of the mains, a battery and the Pi's voltage. */
export const supply: Driver<PowerSettings> = {
  role: 'power',
  parse: table => {
    const lowPercent = table.integer('low_percent', { min: 1, max: 90, usual: 20 })
    return lowPercent === undefined ? undefined : { lowPercent }
  },
  claims: () => ['power'],
  start: async context => (await import('./watch.ts')).watchPower(context),
  simulate: async (settings, world) => (await import('../sim/power.ts')).simPower(settings, world)
}
