import { randomInt } from 'node:crypto'
import { type Devices, openDevices as openFleet, refusals } from '../drivers/devices.ts'
import type { SimWorld } from '../drivers/driver.ts'
import type { Host } from '../drivers/host.ts'
import { openMachine } from '../drivers/machine.ts'
import { loadFdio } from '../drivers/native/load.ts'
import { type AnyConfig, loadDrivers } from '../drivers/open.ts'
import { type PrinterDevice, printerDevice } from '../drivers/printer/device.ts'
import { openForCash } from '../drivers/printer/drawer.ts'
import type { OpenedPrinter } from '../drivers/printer/driver.ts'
import { noPrinter } from '../drivers/printer/none.ts'
import { openPrintQueue, type PrintQueue } from '../drivers/printer/queue.ts'
import { openRecorder } from '../drivers/record.ts'
import type { ParseDevice } from './config/device.ts'
import type { Config } from './config.ts'
import { Fault, type Health, type HealthState, type ReadClocks } from './core/ports.ts'
import type { Devices as DevicesPort, SimulatedPrinter } from './http/ports.ts'
import type { Device } from './identity/device.ts'
import { openReceipts, type Receipts } from './identity/receipts.ts'
import type { OpenedLedger } from './ledger/open.ts'
import type { Node } from './node.ts'

/** Takes what was opened and how it closes, and hands it back. */
export type Opened = <Part>(part: Part, close: () => Promise<void> | void) => Part

/** A configuration with the tables of this stall's drivers read. */
export type StallConfig = Config<AnyConfig>

/**
 * The reader of `[[device]]` tables, for `parseConfig`, with the drivers that they name.
 * Files that they name lie in `folder`, beside the configuration.
 */
export async function readDevices(
  drivers: readonly string[],
  { folder }: { readonly folder: string }
): Promise<ParseDevice<AnyConfig>> {
  const read = await loadDrivers(drivers)
  return ({ role, driver, name, settings }) => {
    const device = read({ name, folder }, { role, driver, ...settings })
    if ('config' in device) return { device: device.config }
    const fix = 'drivers/README.md lists what each device understands.'
    return { faults: device.faults.map(fault => ({ ...fault, fix })) }
  }
}

/** The devices of a configuration that cannot be started beside the others, and why. */
export function clashes({ devices }: StallConfig): readonly Health[] {
  return [...refusals(fleetOf(devices), takenBy(devices))].flatMap(([name, why]) =>
    why.state === 'disabled' ? [] : [{ name, ...why }]
  )
}

const fleetOf = (devices: StallConfig['devices']) =>
  devices.flatMap(each => ('device' in each ? [each.device] : []))

/** What the printer has for itself. */
const takenBy = (devices: StallConfig['devices']) =>
  devices.flatMap(each => ('printer' in each ? [each.printer] : []))

/** Why the program's own part for GPIO lines, USB printers and keyboards cannot be had, if so. */
export function addonFault(): Fault | undefined {
  try {
    loadFdio()
    return undefined
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}

/** What stands on the stall's table: the printer, which a sale wants at once, and all the rest. */
export interface Equipment {
  readonly queue: PrintQueue
  readonly receipts: Receipts
  /** Whose paper shows on the till page. */
  readonly simulatedPrinter: SimulatedPrinter | undefined
  readonly devices: DevicesPort
  readonly hasDrawer: boolean
  readonly health: () => readonly Health[]
  /** Starts all but the printer, which no sale waits for. */
  readonly start: () => Promise<void>
}

interface Parts {
  readonly config: StallConfig
  readonly device: Device
  readonly ledger: OpenedLedger
  readonly node: Node
  readonly readClocks: ReadClocks
  /** How the worst part of the stall is, the devices left aside. */
  readonly worst: () => HealthState
}

export async function openEquipment(parts: Parts, opened: Opened): Promise<Equipment> {
  const { config, node, readClocks, worst } = parts
  const host = openMachine({ readClocks })
  const printing = await openPrinting(parts, host)
  const printer = printerDevice({ ...printing, readClocks })
  let world: Promise<SimWorld> | undefined
  const fleet = openFleet({
    configs: fleetOf(config.devices),
    taken: takenBy(config.devices),
    host,
    openWorld: () => {
      world ??= openWorld(host)
      return world
    },
    random: Math.random,
    worst
  })
  const { hasDrawer } = printing
  const recorder = openRecorder({ submit: node.submit, readClocks, hasDrawer })
  fleet.onReading(recorder.onReading)
  opened(fleet, async () => {
    // Together, for each may take seconds and the whole stop has five.
    await Promise.all([fleet.close(), printing.queue.close()])
    // What the devices said on their way out is for the node's last turn.
    recorder.close()
  })
  return {
    queue: printing.queue,
    receipts: printing.receipts,
    simulatedPrinter: printing.sim,
    devices: withPrinter(fleet, printer),
    hasDrawer,
    health: recorder.health,
    start: fleet.start
  }
}

/** The printer first, for it is what a keeper looks for. */
function withPrinter(fleet: Devices, printer: PrinterDevice): DevicesPort {
  return {
    view: () => [printer.view(), ...fleet.view()],
    onChange: listener => {
      const stops = [printer.onChange(listener), fleet.onChange(listener)]
      return () => {
        for (const stop of stops) stop()
      }
    },
    onReading: fleet.onReading,
    setFault: (name, fault) =>
      name === printer.view().name ? printer.setFault(fault) : fleet.setFault(name, fault)
  }
}

/** One crowd for all simulated devices of this run; another crowd each time. */
async function openWorld(host: Host): Promise<SimWorld> {
  const { seededCrowd } = await import('../drivers/sim/crowd.ts')
  const { startTimer, readClocks } = host
  const seed = randomInt(2 ** 31)
  return { seed, startTimer, readClocks, crowd: seededCrowd({ seed, startTimer, readClocks }) }
}

interface Printing extends Pick<OpenedPrinter, 'sim'> {
  readonly name: string
  readonly driver: string
  readonly queue: PrintQueue
  readonly receipts: Receipts
  readonly hasDrawer: boolean
}

async function openPrinting(
  { config, device, ledger, node }: Parts,
  host: Host
): Promise<Printing> {
  const [configured] = takenBy(config.devices)
  const { printer, isNarrow, drawer, sim } = await (configured?.open(host) ??
    noPrinter('No printer is set up'))
  const receipts = openReceipts({
    device,
    stall: node.stall,
    readSold: node.readSold,
    sealed: ledger.sealed
  })
  const queue = openPrintQueue({
    printer,
    stall: node.stall(),
    submit: node.submit,
    receiptFor: (sale, copy) => receipts.document({ sale, copy, isNarrow })
  })
  // Told first, so that a drawer that opens in its turn is not behind the receipt.
  if (drawer) node.listen(openForCash(drawer))
  node.listen(queue.onTurn)
  const { name = 'printer', driver = 'none' } = configured ?? {}
  const hasDrawer = drawer !== undefined
  return { name, driver, queue, receipts, hasDrawer, ...(sim ? { sim } : {}) }
}
