import type { DeviceView, SimFault } from '../../node/core/device.ts'
import type { Host } from '../host.ts'
import type { SimPrinter } from '../sim/printer.ts'
import type { PrintQueue } from './queue.ts'

/** The printer in the list of devices. Its queue keeps it going; here it only shows itself. */
export interface PrinterDevice {
  readonly view: () => DeviceView
  readonly onChange: PrintQueue['onChange']
  /** False when it is a real one, or cannot have this fault. */
  readonly setFault: (fault: SimFault | null) => boolean
}

export function printerDevice(options: {
  readonly name: string
  readonly driver: string
  readonly queue: PrintQueue
  readonly sim?: SimPrinter
  readonly readClocks: Host['readClocks']
}): PrinterDevice {
  const { name, driver, queue, sim, readClocks } = options
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  const healthNow = () => ({ ...queue.view().health, name })
  let since = { state: healthNow().state, at: readClocks().wallMs }
  let given: SimFault | null = null
  queue.onChange(() => {
    const { state } = healthNow()
    if (state !== since.state) since = { state, at: readClocks().wallMs }
    tell()
  })
  return {
    view: () => ({
      name,
      role: 'printer',
      driver,
      health: healthNow(),
      since: since.at,
      restarts: 0,
      reading: null,
      readAt: null,
      simulated: sim ? { faults: sim.faults, fault: given } : null
    }),
    onChange: listener => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    setFault: fault => {
      if (!sim || (fault !== null && !sim.faults.includes(fault))) return false
      given = fault
      sim.setFault(fault)
      tell()
      return true
    }
  }
}
