import * as assert from 'uvu/assert'
import type { SerialSettings } from '../../drivers/host.ts'
import { simSerial } from '../../drivers/sim/serial.ts'
import { serialContract } from '../contract/serial.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'

const path = '/dev/serial/by-id/usb-Simulated-if00'

serialContract('in memory', async () => {
  const device = simSerial({ path })
  return {
    ...device,
    path,
    setPlugged: async isPlugged => device.setPlugged(isPlugged),
    close: async () => {}
  }
})

suite('serial speeds', test => {
  for (const [deviceBaud, ourBaud] of [
    [9_600, 115_200],
    [115_200, 9_600],
    [256_000, 115_200]
  ] as const) {
    test(`a device at ${deviceBaud} read at ${ourBaud} is not understood`, async () => {
      const device = simSerial({ path, baud: deviceBaud })
      const text = 'IN=12 OUT=7\r\n'.repeat(20)
      assert.not.match(await heardAt(ourBaud, device, text), 'IN=12')
      assert.is(await heardAt(deviceBaud, device, text), text)
    })
  }

  test('what we say at another speed is not understood either', async () => {
    const device = simSerial({ path, baud: 9_600 })
    const line = await device.serial.open(settings(19_200), {
      onBytes: () => {},
      onClose: () => {}
    })
    await line.write(Buffer.from('S\r\n'))
    assert.not.match(Buffer.from(device.written()).toString('latin1'), 'S\r\n')
  })
})

const settings = (baud: number): SerialSettings => ({
  path,
  baud,
  dataBits: 8,
  parity: 'none',
  stopBits: 1
})

async function heardAt(
  baud: number,
  device: ReturnType<typeof simSerial>,
  text: string
): Promise<string> {
  let heard = ''
  const onBytes = (bytes: Uint8Array) => {
    heard += Buffer.from(bytes).toString('latin1')
  }
  let isClosed = false
  const onClose = () => {
    isClosed = true
  }
  const line = await device.serial.open(settings(baud), { onBytes, onClose })
  device.send(text)
  await new Promise(resolve => setImmediate(resolve))
  line.close()
  await until(() => isClosed)
  return heard
}
