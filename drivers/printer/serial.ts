import type { Host, SerialSettings } from '../host.ts'
import type { PrinterDriver } from './driver.ts'
import { openPrinterAt, readSettings } from './settings.ts'
import type { PrinterTransport } from './transport.ts'

export const serialTransport = (
  { serial }: Pick<Host, 'serial'>,
  settings: SerialSettings
): PrinterTransport => ({
  name: settings.path,
  silenceHint: 'Compare baud in stall.toml with what its self-test prints.',
  open: listener => serial.open(settings, listener)
})

/** `driver = "escpos-serial"`: `path` and `baud` as the printer's self-test prints it. */
export const escposSerial: PrinterDriver = {
  parse: table => {
    const path = table.text('path')
    const baud = table.integer('baud', { min: 1_200, max: 921_600, usual: 38_400 })
    const parity = table.oneOf('parity', ['none', 'even', 'odd'], 'none')
    const handshake = table.oneOf('handshake', ['none', 'rts-cts'], 'none')
    const settings = readSettings(table)
    if (path === undefined || baud === undefined || parity === undefined) return undefined
    if (settings === undefined) return undefined
    const rtscts = handshake === 'rts-cts'
    const line: SerialSettings = { path, baud, dataBits: 8, parity, stopBits: 1, rtscts }
    return { claims: [path], open: host => openPrinterAt(serialTransport(host, line), settings) }
  }
}
