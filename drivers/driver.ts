import type { Printer } from '../node/core/ports.ts'
import type { SimPrinter } from './sim/printer.ts'
import type { TableReader } from './table.ts'

/** A kind of printer. Its heavy parts are imported when it is opened, not before. */
export interface PrinterDriver {
  /** Reads the driver's own keys. Undefined when something is wrong, which the reader was told. */
  readonly parse: (table: TableReader) => (() => Promise<OpenedPrinter>) | undefined
}

export interface OpenedPrinter {
  readonly printer: Printer
  /** 58 mm paper, which has no room for the long form of a receipt's code. */
  readonly isNarrow: boolean
  /** The paper and the faults of a simulated printer, for the till page. */
  readonly sim?: SimPrinter
}
