import type { SimPrinter } from '../sim/printer.ts'
import { startTimer } from '../timer.ts'
import type { PrinterDriver } from './driver.ts'
import { openPrinterAt, readSettings } from './settings.ts'

/** After so long the keeper has the change and pushes the drawer shut. */
const HAND_MS = 4_000

/** `driver = "sim"`: prints on the till page; `model` says which printer it plays. */
export const simulated: PrinterDriver = {
  parse: table => {
    const settings = readSettings(table, { usualModel: 'epson-tm-t20' })
    if (settings === undefined) return undefined
    const open = async () => {
      const { simPrinter } = await import('../sim/printer.ts')
      const sim: SimPrinter = simPrinter({
        model: settings.model,
        onDrawer: () => startTimer(HAND_MS, () => sim.set({ isDrawerOpen: false }))
      })
      return { sim, ...(await openPrinterAt(sim.transport, settings)) }
    }
    return { claims: [], open }
  }
}
