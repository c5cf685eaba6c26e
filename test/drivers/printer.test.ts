import * as assert from 'uvu/assert'
import { UNSENT_BYTES_MAX } from '../../drivers/line.ts'
import { serialTransport } from '../../drivers/printer/serial.ts'
import { tcpTransport } from '../../drivers/printer/tcp.ts'
import { usbTransport } from '../../drivers/printer/usb.ts'
import { simCharacters } from '../../drivers/sim/characters.ts'
import { simPrinter } from '../../drivers/sim/printer.ts'
import { simSerial } from '../../drivers/sim/serial.ts'
import { printerContract } from '../contract/printer.ts'
import { memoryWorld, modelNamed, portWorld, socketWorld } from '../contract/printer-world.ts'
import { faultOf } from '../fault.ts'
import { suite } from '../harness.ts'
import { serveDevice } from './socket.ts'

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

suite('a printer over TCP', test => {
  test('too much that it has not taken is refused, as on every line', async () => {
    const { transport } = simPrinter({ model: modelNamed('epson-tm-t20') })
    const { port, close } = await serveDevice(transport)
    try {
      const line = await tcpTransport({ host: '127.0.0.1', port }).open({
        onBytes: () => {},
        onClose: () => {}
      })
      const fault = await faultOf(line.write(Buffer.alloc(UNSENT_BYTES_MAX + 1)))
      assert.is(fault.code, 'line-full')
      await line.write(Buffer.from('and goes on'))
      line.close()
    } finally {
      await close()
    }
  })
})
