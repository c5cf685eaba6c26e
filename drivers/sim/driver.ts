import type { PrinterDriver } from '../driver.ts'
import { openPrinterAt, readSettings } from '../printer/settings.ts'

/** `driver = "sim"`: prints on the till page; `model` says which printer it plays. */
export const simulated: PrinterDriver = {
  parse: table => {
    const settings = readSettings(table, { usualModel: 'epson-tm-t20' })
    return (
      settings &&
      (async () => {
        const { simPrinter } = await import('./printer.ts')
        const sim = simPrinter({ model: settings.model })
        return { sim, ...(await openPrinterAt(sim.transport, settings)) }
      })
    )
  }
}
