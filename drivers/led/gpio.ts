import type { Driver } from '../driver.ts'
import { lineClaim, readLines } from '../gpio/keys.ts'
import type { LineRef } from '../host.ts'
import { startBlinking } from './blink.ts'

export interface GpioLedSettings {
  readonly line: LineRef
  readonly isActiveLow: boolean
}

/** `driver = "gpio-led"`: a light on a line, which shows how the stall is. */
export const gpioLed: Driver<GpioLedSettings> = {
  role: 'led',
  parse: table => {
    const line = readLines(table, ['line'])?.[0]
    const isActiveLow = table.flag('active_low', false)
    return line === undefined ? undefined : { line, isActiveLow }
  },
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
  simulate: async (settings, world) => (await import('../sim/led.ts')).simGpioLed(settings, world)
}
