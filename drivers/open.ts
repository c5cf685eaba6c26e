import { type DeviceConfig, SWITCHED_OFF } from './devices.ts'
import type { Driver } from './driver.ts'
import type { PrinterDriver, PrinterSetup } from './printer/driver.ts'
import { noPrinter } from './printer/none.ts'
import { simulated } from './printer/sim.ts'
import { type DeviceFault, readTable, type TableReader } from './table.ts'

/** Adding a driver is adding a file and a line here. Only those that are named are loaded. */
const DRIVERS: Readonly<Record<string, () => Promise<Row>>> = {
  'two-beam': async () => device((await import('./footfall/two-beam.ts')).twoBeam),
  ld2450: async () => device((await import('./radar/ld2450.ts')).ld2450),
  ld2410: async () => device((await import('./radar/ld2410.ts')).ld2410),
  'line-counter': async () => device((await import('./footfall/line-counter.ts')).lineCounter),
  pir: async () => device((await import('./footfall/pir.ts')).pir),
  'scanner-hid': async () => device((await import('./scanner/evdev.ts')).scannerHid),
  'scanner-serial': async () => device((await import('./scanner/serial.ts')).scannerSerial),
  'scale-mt-sics': async () => device((await import('./scale/mt-sics.ts')).scaleMtSics),
  'scale-nci': async () => device((await import('./scale/nci.ts')).scaleNci),
  relay: async () => device((await import('./light/relay.ts')).relay),
  'gpio-button': async () => device((await import('./button/gpio.ts')).gpioButton),
  'gpio-led': async () => device((await import('./led/gpio.ts')).gpioLed),
  'sysfs-led': async () => device((await import('./led/sysfs.ts')).sysfsLed),
  supply: async () => device((await import('./power/sysfs.ts')).supply),
  'system-clock': async () => device((await import('./clock/system.ts')).systemClock),
  'escpos-serial': async () => printer((await import('./printer/serial.ts')).escposSerial),
  'escpos-tcp': async () => printer((await import('./printer/tcp.ts')).escposTcp),
  'escpos-usb': async () => printer((await import('./printer/usb.ts')).escposUsb),
  sim: async () => printer(simulated)
}

/** A device as `stall.toml` names it, checked and ready to be opened. */
export type AnyConfig = { readonly printer: PrinterConfig } | { readonly device: DeviceConfig }

export interface PrinterConfig extends PrinterSetup {
  readonly name: string
  readonly driver: string
  /** No receipt is to wait for one that is switched off. */
  readonly isEnabled: boolean
}

/** Reads one `[[device]]` table: a configuration, or all that is wrong. */
export type ReadDevice = (
  named: { readonly name: string; readonly folder?: string },
  raw: unknown
) => { readonly config: AnyConfig } | { readonly faults: readonly DeviceFault[] }

/** Loads the drivers that a configuration names, for reading its tables. */
export async function loadDrivers(names: readonly string[]): Promise<ReadDevice> {
  const rows = new Map<string, Row>()
  for (const name of new Set(names)) {
    const row = Object.hasOwn(DRIVERS, name) ? await DRIVERS[name]?.() : undefined
    if (row) rows.set(name, row)
  }
  return ({ name, ...place }, raw) => {
    const table = readTable(raw, place)
    const driver = table.oneOf('driver', Object.keys(DRIVERS)) ?? ''
    const row = rows.get(driver)
    if (row) table.oneOf('role', [row.role])
    const config = row?.read(table, { name, driver })
    const faults = table.faults({ isWholeTableRead: row !== undefined })
    return config && faults.length === 0 ? { config } : { faults }
  }
}

/** A driver with its settings' type closed over. */
interface Row {
  readonly role: string
  readonly read: (table: TableReader, named: Named) => AnyConfig | undefined
}

type Named = Pick<DeviceConfig, 'name' | 'driver'>

const printer = ({ parse }: PrinterDriver): Row => ({
  role: 'printer',
  read: (table, named) => {
    const isEnabled = table.flag('enabled', true)
    const isSimulated = table.flag('simulated', false)
    const setup = parse(table)
    if (setup === undefined) return undefined
    const off: PrinterSetup = { claims: [], open: () => noPrinter(SWITCHED_OFF) }
    // The same keys again: the simulated one has this model and this drawer.
    const chosen = !isEnabled ? off : isSimulated ? simulated.parse(table) : setup
    return chosen && { printer: { ...named, isEnabled, ...chosen } }
  }
})

const device = <Settings>(driver: Driver<Settings>): Row => ({
  role: driver.role,
  read: (table, named) => {
    const isEnabled = table.flag('enabled', true)
    const isSimulated = table.flag('simulated', false)
    const settings = driver.parse(table)
    if (settings === undefined) return undefined
    const { role, away } = driver
    const config: DeviceConfig = {
      ...named,
      role,
      isEnabled,
      isSimulated,
      claims: driver.claims(settings),
      follows: driver.follows?.(settings) ?? [],
      start: context => driver.start({ ...context, settings }),
      simulate: world => driver.simulate(settings, world),
      away: away && (span => away(settings, span))
    }
    return { device: config }
  }
})
