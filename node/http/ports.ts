import type { Id } from '../core/id.ts'
import type {
  Health,
  PrintFault,
  PrintingView,
  Proofs,
  Store,
  Submit,
  TurnListener
} from '../core/ports.ts'
import type { Receipt } from '../core/sell/receipt.ts'
import type { Stall } from '../core/state.ts'

/** What this edge needs of the house. `boot.ts` hands it in; nothing here reaches further. */
export interface Ports {
  readonly submit: Submit
  readonly stall: () => Stall
  /** Called after every turn, until the function it returns is called. */
  readonly listen: (listener: TurnListener) => () => void
  readonly read: Store['read']
  readonly end: Store['end']
  readonly proofs: Proofs
  /** Undefined for a sale that this disk cannot read. */
  readonly receipt: (sale: Id) => Promise<SaleReceipt | undefined>
  readonly printing: Printing
  /** Only where the printer is simulated: its paper is shown and its faults are set from here. */
  readonly simulatedPrinter?: SimulatedPrinter
  /** Every edge that has something to say. `down` means that sales cannot be kept safe. */
  readonly health: () => readonly Health[]
  /** Milliseconds of a clock that only ever grows. */
  readonly now: () => number
  /** Tells this run's stream events from another run's. */
  readonly runId: string
}

export interface SaleReceipt {
  /** The QR's text: `https://<market>/r#...` with the whole proof in the fragment. */
  readonly url: string
  readonly receipt: Receipt
}

export interface Printing {
  readonly view: () => PrintingView
  readonly onChange: (listener: () => void) => void
}

export interface SimulatedPrinter {
  readonly onPaper: (listener: (receipt: Receipt) => void) => void
  /** Null ends the fault. */
  readonly setFault: (fault: PrintFault | null) => void
}
