import { readLines } from '../gpio/keys.ts'
import type { LineRef } from '../host.ts'
import type { TableReader } from '../table.ts'
import { type Hours, MACHINE_ZONE, readTimeOfDay, readZone } from './hours.ts'
import type { LightLimits } from './lighting.ts'

export interface LightSettings {
  readonly line: LineRef
  readonly isActiveLow: boolean
  /** Names of the devices that see people. */
  readonly motion: readonly string[]
  /** Name of the device that knows the battery. */
  readonly power: string | undefined
  readonly hours: Hours
  readonly limits: LightLimits
  readonly milliwatts: number
}

export function readLight(table: TableReader): LightSettings | undefined {
  const line = readLines(table, ['line'])?.[0]
  const isActiveLow = table.flag('active_low', false)
  const motion = table.texts('motion')
  const power = table.optionalText('power')
  const wish = 'a time of the day such as "18:00"'
  const fromMinute = table.textAs('from', { read: readTimeOfDay, wish, usual: 0 })
  const toMinute = table.textAs('to', { read: readTimeOfDay, wish, usual: 0 })
  const zone = table.textAs('timezone', {
    read: readZone,
    wish: 'a time zone such as "Europe/Berlin"',
    usual: MACHINE_ZONE
  })
  const holdS = table.integer('hold_s', { min: 5, max: 3_600, usual: 120 })
  const onS = table.integer('minimum_on_s', { min: 1, max: 3_600, usual: 30 })
  const watts = table.number('watts', { min: 0, max: 5_000 })
  if (line === undefined || motion === undefined || watts === undefined) return undefined
  if (fromMinute === undefined || toMinute === undefined || zone === undefined) return undefined
  if (holdS === undefined || onS === undefined) return undefined
  return {
    line,
    isActiveLow,
    motion,
    power,
    hours: { fromMinute, toMinute, zone },
    limits: { holdMs: holdS * 1_000, onMsMin: onS * 1_000 },
    milliwatts: Math.round(watts * 1_000)
  }
}
