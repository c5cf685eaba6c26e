import type { PrinterDriver } from '../driver.ts'
import { isNarrow, PRINTER_MODELS, printerModel } from '../printer/models.ts'

/** `driver = "sim"`: prints on the till page; `model` says which printer it plays. */
export const simulated: PrinterDriver = {
  parse: table => {
    const ids = PRINTER_MODELS.map(({ id }) => id)
    const model = printerModel(table.oneOf('model', ids, 'epson-tm-t20') ?? '')
    if (model === undefined) return undefined
    return async () => {
      const [{ simPrinter }, { openPrinter }] = await Promise.all([
        import('./printer.ts'),
        import('../printer/printer.ts')
      ])
      const sim = simPrinter({ model })
      const printer = openPrinter({ transport: sim.transport, model })
      return { sim, printer, isNarrow: isNarrow(model) }
    }
  }
}
