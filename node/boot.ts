import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Broker } from '../broker/broker.ts'
import { worstFirst } from './core/health.ts'
import { Fault, type Health, type ReadClocks } from './core/ports.ts'
import { isRefusal, type Refusal } from './core/refusal.ts'
import { catalogueCommands } from './core/sell/item.ts'
import { emptyStall, FOLD_VERSION, fold } from './core/stall.ts'
import { type Equipment, type Opened, openEquipment, type StallConfig } from './equipment.ts'
import { watchLoop } from './health.ts'
import type { Ports } from './http/ports.ts'
import { openServer, type Server } from './http/server.ts'
import { type Device, openDevice } from './identity/device.ts'
import { openLogKeyring } from './identity/log.ts'
import { type LockedFolder, lockFolder } from './ledger/lock.ts'
import { type OpenedLedger, openLedger } from './ledger/open.ts'
import { type Node, startNode } from './node.ts'
import { pooledRandom } from './wire/seal.ts'

export interface BootOptions {
  readonly config: StallConfig
  /** Ledger and keys: all that must be kept of a stall. */
  readonly dataDir: string
  /** What Vite built. */
  readonly pagesDir: string
  /** Take the next free ports instead of failing: for several stalls on a developer's machine. */
  readonly isDevelopment: boolean
}

export interface RunningStall {
  readonly port: number
  readonly market: string
  readonly isPrinterSimulated: boolean
  readonly health: () => readonly Health[]
  /** Settles when the MQTT broker listens or has said why it cannot. */
  readonly isComplete: Promise<void>
  /** Settles when everything is closed, in the order opposite to its opening. */
  readonly close: () => Promise<void>
}

/** Opens a stall part by part; whatever fails, what is open already is closed again. */
export async function boot(options: BootOptions): Promise<RunningStall> {
  const closers: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (const step of closers.splice(0).reverse()) await step()
  }
  try {
    const stall = await open(options, (part, step) => {
      closers.push(step)
      return part
    })
    // The broker may still be opening; closing around it would leave it behind.
    return { ...stall, close: () => stall.isComplete.then(close) }
  } catch (error) {
    await close()
    throw error
  }
}

async function open(options: BootOptions, opened: Opened): Promise<Omit<RunningStall, 'close'>> {
  const { config, dataDir } = options
  const loop = watchLoop()
  opened(loop, loop.close)
  // Before anything is made in it: of two first starts at once, one must not make keys.
  const folder = await lockFolder(dataDir)
  opened(folder, folder.release)
  const dir = join(dataDir, 'keys')
  const device = await openDevice({ dir, dataDir, stall: config.stall.id, random: randomBytes })
  const ledger = await openStore(folder, device)
  const node = startNode({ store: ledger.store, stall: ledger.stall, readClocks })
  opened(node, node.close)
  node.listen(ledger.listen)
  await applyConfig(node, config)
  const mqtt: Mqtt = { broker: null, fault: null }
  const inside = () =>
    worstFirst([
      ...node.health(),
      ledger.health(),
      ...ledger.faults,
      loop.health(),
      brokerHealth(mqtt)
    ])
  const worst = () => inside()[0]?.state ?? 'up'
  const parts = { config, device, ledger, node, readClocks, worst }
  const equipment = await openEquipment(parts, opened)
  const { simulatedPrinter } = equipment
  const health = () => worstFirst([...inside(), ...equipment.health()])
  const ports: Ports = {
    submit: node.submit,
    stall: node.stall,
    listen: node.listen,
    read: ledger.store.read,
    readSold: node.readSold,
    end: ledger.store.end,
    proofs: ledger.store,
    receiptUrl: equipment.receipts.url,
    printing: equipment.queue,
    devices: equipment.devices,
    hasDrawer: equipment.hasDrawer,
    ...(simulatedPrinter ? { simulatedPrinter } : {}),
    health,
    lagMs: loop.lagMs,
    now: () => performance.now(),
    wallMs: () => readClocks().wallMs,
    runId: randomBytes(8).toString('hex')
  }
  const { server, block } = await listen(options, { ports, device })
  opened(server, server.close)
  const isComplete = openRest({ config, node, block, mqtt, equipment }, opened)
  return {
    port: server.port,
    market: device.market,
    isPrinterSimulated: simulatedPrinter !== undefined,
    health,
    isComplete
  }
}

/** Both clocks of the machine; the second is CLOCK_MONOTONIC, which GPIO events carry too. */
const readClocks: ReadClocks = () => ({
  wallMs: Date.now(),
  monoMs: Number(process.hrtime.bigint()) / 1e6
})

/** The node's loop closes the ledger, so that the last entries are written first. */
async function openStore(folder: LockedFolder, device: Device): Promise<OpenedLedger> {
  const bootId = readBootId()
  const runDir = process.env['RUNTIME_DIRECTORY'] ?? join(runtimeBase(), 'stallmesh', bootId)
  // A copy of the data folder holds the same device: both would go on with the log in here.
  const running = await lockFolder(join(runDir, Buffer.from(device.id).toString('hex'))).catch(
    error => {
      throw error instanceof Fault && error.code === 'folder-in-use' ? deviceInUse(folder) : error
    }
  )
  try {
    const ledger = await openLedger({
      folder,
      stall: device.stall,
      keys: openLogKeyring({ device, runDir, bootId, random: randomBytes }),
      readClocks,
      random: pooledRandom(),
      fold,
      foldVersion: FOLD_VERSION,
      emptyStall
    })
    const close = () => ledger.store.close().finally(running.release)
    return { ...ledger, store: { ...ledger.store, close } }
  } catch (error) {
    await running.release()
    throw error
  }
}

const deviceInUse = ({ dir }: LockedFolder): Fault =>
  new Fault({
    code: 'device-in-use',
    message: `The same stall is running already, from a copy of the data folder ${dir}.`,
    fix:
      'Stop the other one first: two of them would give out the same receipt numbers. For a ' +
      'second stall, start with --data and a new folder.',
    isRetryable: true
  })

/** Where the kernel tells no boots apart, each start is one: a new log is always safe. */
function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return randomBytes(16).toString('hex')
  }
}

const runtimeBase = (): string => process.env['XDG_RUNTIME_DIR'] ?? tmpdir()

/**
 * What the file says and the ledger does not yet becomes entries like everything else. Without a
 * printer no receipt is due: nobody must be asked about paper that cannot come.
 */
async function applyConfig(node: Node, { terms, items, devices }: StallConfig): Promise<void> {
  const hasPrinter = devices.some(each => 'printer' in each && each.printer.isEnabled)
  const printsReceipts = terms.printsReceipts && hasPrinter
  const wanted = { items, terms: { ...terms, printsReceipts } }
  for (const command of catalogueCommands(node.stall(), wanted)) {
    const outcome = await node.submit(command)
    if ('fault' in outcome) throw outcome.fault
    if (!isRefusal(outcome)) continue
    throw new Fault({ code: 'config-refused', ...refusedConfig(outcome), isRetryable: false })
  }
}

/** What the file asked for and cannot have; `parseConfig` has caught all that it can see. */
function refusedConfig(refusal: Refusal): { readonly message: string; readonly fix: string } {
  switch (refusal.refused) {
    case 'currency-in-use':
      return {
        message: `This data folder holds sales in ${refusal.currency}; [market] has another one.`,
        fix: `Write ${refusal.currency} again, or start with a new folder: --data other.`
      }
    case 'too-many-items':
      return {
        message: `The catalogue has more than the ${refusal.max} items that a stall can offer.`,
        fix: 'Take out what is not sold any more.'
      }
    case 'unknown-tax-class':
      return {
        message: `An item has the tax class "${refusal.taxClass}", which has no [[tax]] table.`,
        fix: 'Add the table, or give the item another class.'
      }
    default:
      return {
        message: `The ledger did not take the configuration: ${refusal.refused}.`,
        fix: 'Compare the file with the one that last worked.'
      }
  }
}

/** How many blocks of ports a developer's machine is searched for a free one. */
const PORT_BLOCKS_MAX = 50
const PORT_BLOCK = 10

async function listen(
  { config, pagesDir, isDevelopment }: BootOptions,
  { ports, device }: { readonly ports: Ports; readonly device: Device }
): Promise<{ readonly server: Server; readonly block: number }> {
  const { till } = config
  const options = {
    ...ports,
    // Customers' pages answer everybody; the till only this machine, unless the keeper says so.
    // Without a name Node listens on IPv6 and IPv4, or on IPv4 alone where there is no IPv6.
    host: till.host ?? undefined,
    isOpenToLan: till.host !== null && !LOOPBACK.has(till.host),
    allowedHosts: [`${config.stall.id}.local`, hostname(), `${hostname()}.local`, device.market],
    assets: { folder: pagesDir, marketKey: Buffer.from(device.marketKey).toString('hex') }
  }
  for (let block = 0; ; block += PORT_BLOCK) {
    try {
      return { server: await openServer({ ...options, port: till.port + block }), block }
    } catch (error) {
      const isTaken = error instanceof Fault && error.code === 'port-in-use'
      if (!isTaken || !isDevelopment || block > PORT_BLOCK * PORT_BLOCKS_MAX) throw error
    }
  }
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost'])

interface Mqtt {
  broker: Broker | null
  fault: Fault | null
}

/** So long the till page and a first sale have the processor to themselves. */
const REST_AFTER_MS = 500

/**
 * Devices and broker come last and in their own time: they cost as much to load as all the rest,
 * and a sale needs none. A port that is taken is shown, and never keeps the stall from selling.
 */
async function openRest(
  parts: {
    readonly config: StallConfig
    readonly node: Node
    readonly block: number
    readonly mqtt: Mqtt
    readonly equipment: Equipment
  },
  opened: Opened
): Promise<void> {
  const { config, node, block, mqtt, equipment } = parts
  await delay(REST_AFTER_MS)
  await equipment.start()
  try {
    const [{ openBroker }, { openTree }] = await Promise.all([
      import('../broker/broker.ts'),
      import('../broker/tree.ts')
    ])
    const broker = await openBroker({ port: config.broker.port + block })
    mqtt.broker = opened(broker, broker.close)
    const tree = openTree({ broker, id: config.stall.id, stall: node.stall() })
    opened(tree, tree.close)
    node.listen(tree.turn)
    const { devices } = equipment
    const tellDevices = () => tree.devices(devices.view())
    opened(devices, devices.onChange(tellDevices))
    tellDevices()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    mqtt.fault = error
  }
}

function brokerHealth({ broker, fault }: Mqtt): Health {
  if (broker) return broker.health()
  if (fault) return { name: 'broker', state: 'down', sentence: fault.message, fix: fault.fix }
  return { name: 'broker', state: 'up', sentence: 'The broker is starting', fix: '' }
}
