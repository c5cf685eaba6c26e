import type { Driver } from '../driver.ts'
import { lineClaim } from '../gpio/keys.ts'
import { startBlinking } from './blink.ts'
import { type GpioLedSettings, readGpioLed } from './settings.ts'

/** `driver = "gpio-led"`: a light on a line, which shows how the stall is. */
export const gpioLed: Driver<GpioLedSettings> = {
  role: 'led',
  parse: readGpioLed,
  claims: ({ line }) => [lineClaim(line)],
  start: async context => {
    const { line, isActiveLow } = context.settings
    const consumer = `stall ${context.name}`
    const output = await context.host.gpio.drive({ consumer, line, isActiveLow, safe: false })
    const blinking = startBlinking({ context, set: output.set })
    return {
      stop: async () => {
        await blinking.stop()
        output.close()
      }
    }
  },
  simulate: async (settings, world) => (await import('../sim/output.ts')).simOutput(settings, world)
}
