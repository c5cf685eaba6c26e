/**
 * A network printer that prints as usual and says when each receipt begins to arrive. In a process
 * of its own, for a busy one would hear the bytes late. Prints its port, then a line a receipt.
 */
import { printerModel } from '../../drivers/printer/models.ts'
import type { PrinterTransport } from '../../drivers/printer/transport.ts'
import { simPrinter } from '../../drivers/sim/printer.ts'
import { serveDevice } from '../drivers/socket.ts'

/** ESC @ begins a receipt; what comes before are questions how the printer is. */
const BEGINNING = Buffer.of(0x1b, 0x40)

const model = printerModel('epson-tm-t20')
if (!model) throw new Error('No such model')
const device = simPrinter({ model, state: { bytesPerSecond: 200_000, rollLines: 1_000_000 } })
const stamping: PrinterTransport = {
  ...device.transport,
  open: async listener => {
    const line = await device.transport.open(listener)
    const write = (bytes: Uint8Array) => {
      if (Buffer.from(bytes).includes(BEGINNING)) console.log(Date.now())
      return line.write(bytes)
    }
    return { ...line, write }
  }
}
console.log((await serveDevice(stamping)).port)
