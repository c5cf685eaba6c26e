import type { PowerReading } from '../../node/core/device.ts'
import type { Files } from '../host.ts'

/** What the machine's power files say at one moment. */
export interface PowerFacts {
  readonly supply: PowerReading['supply']
  readonly percent: number | null
  readonly milliVolts: number | null
  /** Since it was last asked; null where there is no such sensor. */
  readonly isUnderVoltage: boolean | null
  /** A battery's files hold what cannot be. */
  readonly isNonsense: boolean
}

export const SUPPLIES = '/sys/class/power_supply'
export const SENSORS = '/sys/class/hwmon'

/** Undefined when the machine has neither a supply that speaks nor the Pi's voltage sensor. */
export async function readPower(files: Files): Promise<PowerFacts | undefined> {
  const supplies = await readSupplies(files)
  const isUnderVoltage = await readAlarm(files)
  if (supplies.length === 0 && isUnderVoltage === null) return undefined
  const batteries = supplies.filter(({ type }) => type === 'Battery' || type === 'UPS')
  const percents = batteries.flatMap(({ capacity }) => percentOf(capacity) ?? [])
  const volts = batteries.flatMap(({ voltage }) => milliVoltsOf(voltage) ?? [])
  return {
    supply: supplyOf(supplies, batteries),
    // Of several batteries, the one that ends first.
    percent: percents.length > 0 ? Math.min(...percents) : null,
    milliVolts: volts.length > 0 ? Math.min(...volts) : null,
    isUnderVoltage,
    isNonsense: batteries.some(
      ({ capacity, voltage }) =>
        (capacity !== undefined && percentOf(capacity) === undefined) ||
        (voltage !== undefined && milliVoltsOf(voltage) === undefined)
    )
  }
}

/** The files of one supply, as Documentation/ABI/testing/sysfs-class-power names them. */
interface Supply {
  readonly type: string | undefined
  readonly online: string | undefined
  readonly status: string | undefined
  readonly capacity: string | undefined
  /** In microvolts. */
  readonly voltage: string | undefined
}

/**
 * One file after the other: a battery's chip on a bus that hangs may keep one of the four threads
 * that the process has for files, and no more.
 */
async function readSupplies(files: Files): Promise<readonly Supply[]> {
  const supplies: Supply[] = []
  for (const name of (await files.list(SUPPLIES)).slice(0, SUPPLIES_MAX)) {
    const read = async (file: string) => (await files.read(`${SUPPLIES}/${name}/${file}`))?.trim()
    const type = await read('type')
    // The battery of a wireless scanner does not run the stall, nor does an empty bay.
    if (type === undefined || (await read('scope')) === 'Device') continue
    if ((await read('present')) === '0') continue
    supplies.push({
      type,
      online: await read('online'),
      status: await read('status'),
      capacity: await read('capacity'),
      voltage: await read('voltage_now')
    })
  }
  return supplies
}

const SUPPLIES_MAX = 8

function supplyOf(
  supplies: readonly Supply[],
  batteries: readonly Supply[]
): PowerReading['supply'] {
  const isMains = ({ type, online }: Supply) =>
    type !== 'Battery' && type !== 'UPS' && (online === '1' || online === '2')
  if (supplies.some(isMains)) return 'mains'
  if (batteries.some(({ status }) => status === 'Discharging')) return 'battery'
  if (batteries.some(({ status }) => status === 'Charging' || status === 'Full')) return 'mains'
  const hasMains = supplies.some(({ type }) => type !== 'Battery' && type !== 'UPS')
  return hasMains && batteries.length > 0 ? 'battery' : 'unknown'
}

function percentOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,3}$/.test(text)) return undefined
  return Number(text) <= 100 ? Number(text) : undefined
}

/** No stall runs on more than 100 V. */
function milliVoltsOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,9}$/.test(text)) return undefined
  const milliVolts = Math.round(Number(text) / 1_000)
  return milliVolts <= 100_000 ? milliVolts : undefined
}

/**
 * The Pi's firmware watches its 5 V; the kernel asks it every 2 s and keeps whether they fell
 * below 4.63 V since it asked last (drivers/hwmon/raspberrypi-hwmon.c).
 */
async function readAlarm(files: Files): Promise<boolean | null> {
  for (const name of (await files.list(SENSORS)).slice(0, SENSORS_MAX)) {
    if ((await files.read(`${SENSORS}/${name}/name`))?.trim() !== 'rpi_volt') continue
    const alarm = (await files.read(`${SENSORS}/${name}/in0_lcrit_alarm`))?.trim()
    return alarm === '1' ? true : alarm === '0' ? false : null
  }
  return null
}

const SENSORS_MAX = 32
