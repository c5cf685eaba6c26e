import type { TableReader } from '../table.ts'
import { type DrawerSettings, PULSE_MS_MAX } from './drawer.ts'
import type { OpenedPrinter } from './driver.ts'
import { isNarrow, PRINTER_MODELS, type PrinterModel, printerModel } from './models.ts'
import type { PrinterTransport } from './transport.ts'

/** What a printer's table says, however the printer is reached. */
export interface PrinterSettings {
  readonly model: PrinterModel
  readonly logo: string | undefined
  readonly drawer: DrawerSettings | undefined
}

/** Reads `model`, `logo` and the keys of the drawer. */
export function readSettings(
  table: TableReader,
  { usualModel }: { readonly usualModel?: string } = {}
): PrinterSettings | undefined {
  const ids = PRINTER_MODELS.map(({ id }) => id)
  const model = printerModel(table.oneOf('model', ids, usualModel) ?? '')
  const logo = table.file('logo')
  const hasDrawer = table.flag('drawer', false)
  const pin = table.oneOf('drawer_pin', [2, 5], 2)
  const pulseMs = table.integer('drawer_ms', { min: 20, max: PULSE_MS_MAX, usual: 100 })
  const level = table.oneOf('drawer_open_level', ['high', 'low', 'unknown'], 'unknown')
  if (model === undefined || pin === undefined || pulseMs === undefined) return undefined
  if (hasDrawer && model.drawer === 'none') {
    return table.refuse('drawer', `drawer is true; ${model.name} has no connector for one.`)
  }
  const openLevel = level === 'unknown' ? undefined : level
  const drawer: DrawerSettings = { pin, pulseMs, openLevel }
  return { model, logo, drawer: hasDrawer ? drawer : undefined }
}

/** Loads what talks to printers, and opens one. */
export async function openPrinterAt(
  transport: PrinterTransport,
  settings: PrinterSettings
): Promise<OpenedPrinter> {
  const { openPrinter } = await import('./printer.ts')
  const printer = openPrinter({ transport, ...settings })
  const { drawer } = printer
  return { printer, isNarrow: isNarrow(settings.model), ...(drawer && { drawer }) }
}
