import { readLines } from '../gpio/keys.ts'
import type { LineRef } from '../host.ts'
import type { TableReader } from '../table.ts'

export interface GpioLedSettings {
  readonly line: LineRef
  readonly isActiveLow: boolean
}

export function readGpioLed(table: TableReader): GpioLedSettings | undefined {
  const line = readLines(table, ['line'])?.[0]
  const isActiveLow = table.flag('active_low', false)
  return line && { line, isActiveLow }
}

export interface SysfsLedSettings {
  /** A folder of `/sys/class/leds`: `ACT`, `PWR`. */
  readonly led: string
}

export const LED_FOLDER = '/sys/class/leds'

export function readSysfsLed(table: TableReader): SysfsLedSettings | undefined {
  const led = table.textAs('led', {
    read: text => (/^[\w:.-]{1,64}$/.test(text) && !/^\.+$/.test(text) ? text : undefined),
    wish: `a name in ${LED_FOLDER}, such as "ACT"`
  })
  return led === undefined ? undefined : { led }
}
