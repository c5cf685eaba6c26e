/** Runs so many supervised devices with nobody about, and prints what they cost. */
import { setTimeout as delay } from 'node:timers/promises'
import { type DeviceConfig, openDevices } from '../../drivers/devices.ts'
import { openMachine } from '../../drivers/machine.ts'
import { loadDrivers } from '../../drivers/open.ts'

/** A stall's table, four of each. */
const KINDS = [
  { role: 'footfall', driver: 'two-beam', outer: 'GPIO17', inner: 'GPIO27' },
  { role: 'scanner', driver: 'scanner-serial', path: '/dev/serial/by-id/scanner', baud: 9_600 },
  { role: 'light', driver: 'relay', line: 'GPIO6', motion: ['device-3'], watts: 10 },
  { role: 'power', driver: 'supply' },
  { role: 'button', driver: 'gpio-button', line: 'GPIO4' }
] as const
const SETTLE_MS = 1_000
const WATCH_MS = 10_000

const [count = '0', asked = 'percent'] = process.argv.slice(2)
const configs = await configsOf(Number(count))
const before = process.memoryUsage().heapUsed
const readClocks = () => ({ wallMs: Date.now(), monoMs: performance.now() })
const host = openMachine({ readClocks })
const devices = openDevices({
  configs,
  taken: [],
  host,
  openWorld: async () => ({ ...host, seed: 1, crowd: { watch: () => () => {} } }),
  random: Math.random,
  worst: () => 'up'
})
await devices.start()
await delay(SETTLE_MS)
const from = process.cpuUsage()
await delay(WATCH_MS)
const { user, system } = process.cpuUsage(from)
globalThis.gc?.()
const lost = devices.view().filter(({ health }) => health.state !== 'up')
if (lost.length > 0) throw new Error(`Not up: ${lost.map(({ name }) => name).join(', ')}`)
const megabytes = (process.memoryUsage().heapUsed - before) / 1e6
console.log(asked === 'percent' ? (user + system) / 1_000 / WATCH_MS / 0.01 : megabytes)
await devices.close()

async function configsOf(many: number): Promise<DeviceConfig[]> {
  const read = await loadDrivers(KINDS.map(({ driver }) => driver))
  return Array.from({ length: many }, (_, index) => {
    const kind = KINDS[index % KINDS.length]
    const parsed = read({ name: `device-${index}` }, { ...kind, simulated: true })
    if (!('config' in parsed && 'device' in parsed.config)) throw new Error(JSON.stringify(parsed))
    return parsed.config.device
  })
}
