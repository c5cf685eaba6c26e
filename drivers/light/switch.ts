import type { Reading } from '../../node/core/device.ts'
import type { DriverContext, RunningDevice } from '../driver.ts'
import type { OutputLine } from '../host.ts'
import { EMPTY_METER, type EnergyMeter, readMeter } from './energy.ts'
import { hoursCheck } from './hours.ts'
import { decideLight } from './lighting.ts'
import type { LightSettings } from './settings.ts'

/** A lamp's energy is told four times an hour, and at its end. */
const ENERGY_MS = 15 * 60_000

/** A sensor that saw somebody for so long without another word is gone or stuck. */
export const OCCUPIED_MS_MAX = 60 * 60_000

/**
 * Everything that happens changes what is known and then looks at all of it: people, the battery,
 * the hours, a time that is up.
 */
export async function startLight(context: DriverContext<LightSettings>): Promise<RunningDevice> {
  const { host, settings } = context
  const output = await host.gpio.drive({
    consumer: `stall ${context.name}`,
    line: settings.line,
    isActiveLow: settings.isActiveLow,
    safe: false
  })
  const { monoMs, wallMs } = host.readClocks()
  const light: Light = {
    context,
    output,
    isWithinHours: hoursCheck(settings.hours),
    occupied: new Map(),
    seenMs: undefined,
    isBatteryLow: false,
    isOn: false,
    // Nobody knows what it was before, so the first person need not wait.
    sinceMs: Number.NEGATIVE_INFINITY,
    meter: EMPTY_METER,
    meteredMs: monoMs,
    toldAt: wallMs,
    toldMs: monoMs,
    stopTimer: () => {}
  }
  tellLight(light)
  context.follow((name, reading) => {
    learn(light, name, reading)
    look(light)
  })
  look(light)
  return {
    stop: async () => {
      light.stopTimer()
      measure(light)
      tellEnergy(light)
      output.close()
      light.isOn = false
      tellLight(light)
    }
  }
}

interface Light {
  readonly context: DriverContext<LightSettings>
  readonly output: OutputLine
  readonly isWithinHours: (at: number) => boolean
  /** The sensors that see somebody, and when they last said so. */
  readonly occupied: Map<string, number>
  seenMs: number | undefined
  isBatteryLow: boolean
  isOn: boolean
  sinceMs: number
  meter: EnergyMeter
  /** Up to when the meter has run, by the monotonic clock. */
  meteredMs: number
  /** Up to when energy was told, by both clocks. */
  toldAt: number
  toldMs: number
  stopTimer: () => void
}

function learn(light: Light, name: string, reading: Reading): void {
  const { settings, host } = light.context
  if (reading.kind === 'presence' && settings.motion.includes(name)) {
    const { monoMs } = host.readClocks()
    const isSeen = reading.isOccupied || light.occupied.has(name)
    if (reading.isOccupied) light.occupied.set(name, monoMs)
    else light.occupied.delete(name)
    if (isSeen) light.seenMs = monoMs
  }
  if (reading.kind === 'power' && name === settings.power) light.isBatteryLow = reading.isLow
}

function look(light: Light): void {
  const { context, isOn, sinceMs, seenMs, isBatteryLow, occupied } = light
  const { host, settings } = context
  const { monoMs, wallMs } = host.readClocks()
  for (const [name, saidMs] of occupied) {
    if (monoMs - saidMs > OCCUPIED_MS_MAX) occupied.delete(name)
  }
  measure(light)
  if (monoMs - light.toldMs >= ENERGY_MS) {
    tellEnergy(light)
    // So that what a page shows of a lamp is whether it is on.
    tellLight(light)
  }
  const isWithinHours = light.isWithinHours(wallMs)
  const isOccupied = occupied.size > 0
  const next = decideLight(
    { nowMs: monoMs, isOn, sinceMs, isWithinHours, isOccupied, seenMs, isBatteryLow },
    settings.limits
  )
  // Also when nothing changes: a chip that is gone is found out by this, and by nothing else.
  light.output.set(next.isOn)
  if (next.isOn !== isOn) {
    light.isOn = next.isOn
    light.sinceMs = monoMs
    tellLight(light)
  }
  say(light, isWithinHours)
  light.stopTimer()
  light.stopTimer = host.startTimer(Math.max(1, next.againMs), () => look(light))
}

const tellLight = ({ context, isOn }: Light): void =>
  context.tell({ kind: 'light', isOn, percent: isOn ? 100 : 0 })

function measure(light: Light): void {
  const { monoMs } = light.context.host.readClocks()
  const passedMs = Math.round(monoMs - light.meteredMs)
  light.meteredMs += passedMs
  if (light.isOn) light.meter = { ...light.meter, onMs: light.meter.onMs + passedMs }
}

/** Nothing is told of a time in which the lamp was off. */
function tellEnergy(light: Light): void {
  const { context, toldAt, toldMs } = light
  const { monoMs, wallMs } = context.host.readClocks()
  const { onMs, milliwattHours, rest } = readMeter(light.meter, context.settings.milliwatts)
  light.toldMs = monoMs
  light.toldAt = Math.round(wallMs)
  light.meter = rest
  if (onMs === 0) return
  // The wall clock may have been set; how much time went by is the monotonic clock's to say.
  const to = Math.round(wallMs)
  const from = toldAt < to ? toldAt : to - Math.max(1, Math.round(monoMs - toldMs))
  const device = context.name
  context.tell({ kind: 'energy', device, from, to, onMs, milliwattHours })
}

function say({ context, isBatteryLow }: Light, isWithinHours: boolean): void {
  const sentence = !isWithinHours
    ? 'The light waits for its hours.'
    : isBatteryLow
      ? 'The battery is low: the light is on only while somebody is there.'
      : 'The light follows the people.'
  context.report({ state: 'up', sentence, fix: '' })
}
