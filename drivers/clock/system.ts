import type { Driver } from '../driver.ts'

/** `driver = "system-clock"`: how right the wall clock is, and who set it. It has no keys. */
export const systemClock: Driver<Readonly<Record<string, never>>> = {
  role: 'clock',
  parse: () => ({}),
  claims: () => ['clock'],
  start: async context => (await import('./watch.ts')).watchClock(context),
  simulate: async (_, world) => (await import('../sim/clock.ts')).simClock(world)
}
