/**
 * Listens to a serial port for a while and prints what that took: `cpu` in percent of one
 * processor, `memory` in KB that it grew by. `peer` is the package's own stream and parser.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { ReadlineParser } from '@serialport/parser-readline'
import { SerialPort } from 'serialport'
import { lineReader } from '../../drivers/serial/lines.ts'
import { serialPorts } from '../../drivers/serial/port.ts'

const WARM_UP_MS = 1_000
const LISTEN_MS = 4_000
const BAUD = 921_600

const [side, what, path = ''] = process.argv.slice(2)
if (side === 'ours') {
  const settings = { path, baud: BAUD, dataBits: 8, parity: 'none', stopBits: 1 } as const
  const onBytes = lineReader({ onLine: () => {}, onOverlong: () => {} })
  await serialPorts.open(settings, { onBytes, onClose: () => {} })
} else {
  new SerialPort({ path, baudRate: BAUD }).pipe(new ReadlineParser()).on('data', () => {})
}
await delay(WARM_UP_MS)
const memory = process.memoryUsage().rss
const cpu = process.cpuUsage()
const from = performance.now()
await delay(LISTEN_MS)
const { user, system } = process.cpuUsage(cpu)
const percent = (user + system) / (performance.now() - from) / 10
console.log(what === 'cpu' ? percent : (process.memoryUsage().rss - memory) / 1_024)
process.exit()
