import type { DeviceView, Reading, SimFault } from '../core/device.ts'
import type { EntryOf } from '../core/entry.ts'
import type { Id } from '../core/id.ts'
import type { Health, PrintingView, Proofs, Store, Submit, TurnListener } from '../core/ports.ts'
import type { Stall } from '../core/state.ts'

/** What this edge needs of the house. `boot.ts` hands it in; nothing here reaches further. */
export interface Ports {
  readonly submit: Submit
  readonly stall: () => Stall
  /** Called after every turn, until the function it returns is called. */
  readonly listen: (listener: TurnListener) => () => void
  readonly read: Store['read']
  /** A sale as it was booked; undefined for one that this disk cannot read. */
  readonly readSold: (sale: Id) => Promise<EntryOf<'sold'> | undefined>
  readonly end: Store['end']
  readonly proofs: Proofs
  /**
   * The text of a receipt's QR: `https://<market>/r#...` with the whole proof in the fragment.
   * Undefined for a sale that this disk cannot read.
   */
  readonly receiptUrl: (sale: Id) => Promise<string | undefined>
  readonly printing: Printing
  /** Only where the printer is simulated: its paper is shown. */
  readonly simulatedPrinter?: SimulatedPrinter
  readonly devices: Devices
  /** Whether somebody opens a cash drawer when an entry says so. */
  readonly hasDrawer: boolean
  /** Every edge but the devices. `down` means that sales cannot be kept safe. */
  readonly health: () => readonly Health[]
  /** The longest standstill of the one loop of late, in ms. */
  readonly lagMs: () => number
  /** Milliseconds of a clock that only ever grows. */
  readonly now: () => number
  /** Milliseconds since 1970 by the stall's clock, which may step. */
  readonly wallMs: () => number
  /** Tells this run's stream events from another run's. */
  readonly runId: string
}

export interface Printing {
  readonly view: () => PrintingView
  readonly onChange: (listener: () => void) => void
}

export interface Devices {
  /** Always the same ones, the printer first, also where none is set up. */
  readonly view: () => readonly DeviceView[]
  /** After any change of a view; several changes in one go are told once. */
  readonly onChange: (listener: () => void) => () => void
  /** Each reading as it comes: scans, weights, presses. */
  readonly onReading: (listener: (name: string, reading: Reading) => void) => () => void
  /**
   * Gives a simulated device a fault, or null to end it. False for a device that is not simulated
   * or does not know it.
   */
  readonly setFault: (name: string, fault: SimFault | null) => boolean
}

export interface SimulatedPrinter {
  /** What came out, oldest first; the top of a long roll is gone. */
  readonly paper: () => readonly PaperLine[]
  readonly onPaper: (listener: (line: PaperLine) => void) => void
}

export interface PaperLine {
  readonly text: string
  readonly style: string
}
