import type { OpenedPrinter, PrinterDriver } from './driver.ts'
import type { Host } from './host.ts'
import { escposSerial } from './printer/serial.ts'
import { escposTcp } from './printer/tcp.ts'
import { escposUsb } from './printer/usb.ts'
import { simulated } from './sim/driver.ts'
import { type DeviceFault, readTable } from './table.ts'

/** Adding a driver is adding a file and a line here. */
const PRINTER_DRIVERS: Readonly<Record<string, PrinterDriver>> = {
  'escpos-serial': escposSerial,
  'escpos-tcp': escposTcp,
  'escpos-usb': escposUsb,
  sim: simulated
}

/** A printer as `stall.toml` names it, checked and ready to be opened. */
export interface PrinterConfig {
  readonly role: 'printer'
  readonly driver: string
  readonly open: (host: Host) => Promise<OpenedPrinter>
}

/** Reads one `[[device]]` table with `role = "printer"`: a configuration, or all that is wrong. */
export function parsePrinter(
  raw: unknown
): { readonly config: PrinterConfig } | { readonly faults: readonly DeviceFault[] } {
  const table = readTable(raw)
  const role = table.oneOf('role', ['printer'])
  const name = table.oneOf('driver', Object.keys(PRINTER_DRIVERS))
  const driver = name === undefined ? undefined : PRINTER_DRIVERS[name]
  const open = driver?.parse(table)
  const faults = table.faults({ isWholeTableRead: driver !== undefined })
  if (role === undefined || name === undefined || open === undefined || faults.length > 0) {
    return { faults }
  }
  return { config: { role, driver: name, open } }
}

export const openPrinterFor = (config: PrinterConfig, host: Host): Promise<OpenedPrinter> =>
  config.open(host)
