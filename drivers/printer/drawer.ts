import type { Entry } from '../../node/core/entry.ts'
import type { Turn, TurnListener } from '../../node/core/ports.ts'
import type { Sold } from '../../node/core/sell/sale.ts'
import { isCash } from '../../node/core/sell/tender.ts'
import type { PrinterModel } from './models.ts'

/** The cash drawer at the printer's own connector. */
export interface Drawer {
  /** Opens it. Never rejects: that it did not open is said by the printer's health. */
  readonly kick: () => Promise<void>
  /** Null when nobody can tell. */
  readonly isOpen: () => boolean | null
}

export interface DrawerSettings {
  /** Which pin of the connector drives the solenoid. */
  readonly pin: 2 | 5
  readonly pulseMs: number
  /** How pin 3 is while the drawer is open: drawers differ. Undefined when none is connected. */
  readonly openLevel: 'high' | 'low' | undefined
}

/** Longer ones burn the solenoid; ESC p can time 510 ms at most. */
export const PULSE_MS_MAX = 500

/**
 * The printer itself times the pulse, so a stall that crashes leaves no solenoid under power.
 * `DLE DC4 1 m t` acts at once, ahead of all that waits to be printed, also without paper;
 * `ESC p m t1 t2` acts when it is reached.
 */
export function encodeKick(model: PrinterModel, { pin, pulseMs }: DrawerSettings): Uint8Array {
  const connector = pin === 2 ? 0 : 1
  if (model.drawer === 'dle-dc4') {
    // In steps of 100 ms, as long off as on.
    return Uint8Array.of(0x10, 0x14, 1, connector, Math.max(1, Math.ceil(pulseMs / 100)))
  }
  // In steps of 2 ms. Seiko asks for four times as long off as on.
  const on = Math.ceil(pulseMs / 2)
  return Uint8Array.of(0x1b, 0x70, connector, on, Math.min(4 * on, 0xff))
}

/**
 * Opens the drawer for each new fact that moves cash. It sees turns, which are durable and new:
 * nothing that is read again at a start, printed again or asked for twice gets here. To be told
 * of a turn before the print queue is, so that a drawer that opens in its turn comes first.
 */
export const openForCash =
  ({ kick }: Pick<Drawer, 'kick'>): TurnListener =>
  turn => {
    if (turn.entries.some(entry => movesCash(entry, turn))) void kick()
  }

function movesCash(entry: Entry, { stall }: Turn): boolean {
  const isPaidInCash = ({ tenders }: Pick<Sold, 'tenders'>) =>
    tenders.some(({ method }) => isCash(stall.terms.tenders, method))
  switch (entry.type) {
    case 'sold':
      // A tablet was out of reach and tells of it only now: the customer has gone.
      return entry.soldAt === undefined && isPaidInCash(entry)
    case 'voided':
      return stall.recent.some(sold => sold.sale === entry.sale && isPaidInCash(sold))
    case 'cashMoved':
    case 'drawerOpened':
      return true
    default:
      return false
  }
}
