import type { Printer } from '../../node/core/ports.ts'
import type { Host } from '../host.ts'
import type { SimPrinter } from '../sim/printer.ts'
import type { TableReader } from '../table.ts'
import type { Drawer } from './drawer.ts'

/** A kind of printer. It has its own queue, status and patience, so nobody supervises it. */
export interface PrinterDriver {
  /** Reads the driver's own keys. Undefined when something is wrong, which the reader was told. */
  readonly parse: (table: TableReader) => PrinterSetup | undefined
}

export interface PrinterSetup {
  /** The port that it takes for itself: no other device may have it. */
  readonly claims: readonly string[]
  readonly open: (host: Host) => Promise<OpenedPrinter>
}

export interface OpenedPrinter {
  readonly printer: Printer
  /** 58 mm paper, which has no room for the long form of a receipt's code. */
  readonly isNarrow: boolean
  /** Where the printer has one and the configuration names it. */
  readonly drawer?: Drawer
  /** The paper and the faults of a simulated printer, for the till page. */
  readonly sim?: SimPrinter
}
