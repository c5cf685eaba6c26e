import { serialTransport } from '../../drivers/printer/serial.ts'
import { tcpTransport } from '../../drivers/printer/tcp.ts'
import { usbTransport } from '../../drivers/printer/usb.ts'
import { simCharacters } from '../../drivers/sim/characters.ts'
import { simSerial } from '../../drivers/sim/serial.ts'
import { printerContract } from '../contract/printer.ts'
import { memoryWorld, portWorld, socketWorld } from '../contract/printer-world.ts'

const PATH = '/dev/usb/lp0'
const PORT = { baud: 38_400, dataBits: 8, parity: 'none', stopBits: 1 } as const

printerContract('in memory', memoryWorld)
printerContract('over TCP', () => socketWorld(port => tcpTransport({ host: '127.0.0.1', port })))
printerContract('at a simulated USB port', () => {
  const port = simCharacters({ path: PATH })
  return portWorld(port, usbTransport(port, PATH))
})
printerContract('at a simulated serial port', () => {
  const port = simSerial({ path: PATH })
  const onWrite: typeof port.onWrite = listener =>
    port.onWrite(async bytes => {
      port.setTaking(false)
      await listener(bytes)
      port.setTaking(true)
    })
  return portWorld({ ...port, onWrite }, serialTransport(port, { ...PORT, path: PATH }))
})
