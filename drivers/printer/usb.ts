import type { Host } from '../host.ts'
import type { PrinterDriver } from './driver.ts'
import { openPrinterAt, readSettings } from './settings.ts'
import type { PrinterTransport } from './transport.ts'

/**
 * A printer at the USB port, as the kernel's `usblp` gives it. The port does not block: a printer
 * that takes nothing must not keep the program from ending.
 */
export const usbTransport = (
  { characters }: Pick<Host, 'characters'>,
  path: string
): PrinterTransport => ({
  name: path,
  open: listener => characters.open({ path, access: 'both' }, listener)
})

/**
 * `driver = "escpos-usb"`. Many cheap USB printers have no way to answer (usblp calls them
 * unidirectional): those are `…-mute` models, whose receipts are `sent` and no more.
 */
export const escposUsb: PrinterDriver = {
  parse: table => {
    const path = table.optionalText('path') ?? '/dev/usb/lp0'
    const settings = readSettings(table)
    if (settings === undefined) return undefined
    return { claims: [path], open: host => openPrinterAt(usbTransport(host, path), settings) }
  }
}
