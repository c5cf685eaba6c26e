import type { EntryOf } from '../core/entry.ts'
import { type Id, isId } from '../core/id.ts'
import { type Receipt, receiptOf } from '../core/sell/receipt.ts'
import type { Stall } from '../core/state.ts'
import { get } from '../core/table.ts'
import type { Place } from '../core/time.ts'
import { LONG_RECEIPT_LINES_MAX, receiptUrl, signReceipt } from '../wire/receipt.ts'
import type { Device } from './device.ts'

/** A sale's receipt as a document, and the address that its QR code holds. */
export interface SignedDocument {
  readonly url: string
  readonly receipt: Receipt
}

export interface ReceiptSources {
  readonly device: Device
  readonly stall: () => Stall
  /** Undefined for a sale that this disk does not hold. */
  readonly readSold: (sale: Id) => Promise<EntryOf<'sold'> | undefined>
  readonly sealed: (
    place: Place
  ) => Promise<{ readonly leaf: Uint8Array; readonly salt: Uint8Array } | undefined>
  /** 58 mm paper has no room for the long code. */
  readonly isNarrow: boolean
  readonly isTimeUnsure: () => boolean
}

/**
 * Makes receipts again from the ledger, as often as wanted: the same sale gives the same bytes, so
 * none are stored. Undefined for a sale that this disk does not hold.
 */
export const openReceipts =
  (sources: ReceiptSources) =>
  async (sale: string, copy: number): Promise<SignedDocument | undefined> => {
    if (!isId(sale)) return undefined
    const stall = sources.stall()
    const record = get(stall.sales, sale)
    if (!record) return undefined
    const sold = await sources.readSold(sale)
    const sealed = await sources.sealed(record)
    if (!sold || !sealed) return undefined
    const { device, isNarrow } = sources
    const isShort = isNarrow || sold.lines.length > LONG_RECEIPT_LINES_MAX
    const cose = signReceipt({
      sold,
      ...sealed,
      device,
      form: isShort ? 'short' : 'long',
      ...(isNarrow ? {} : { certificate: device.certificate })
    })
    const url = receiptUrl(device.market, cose)
    const { isVoided } = record
    const isTimeUnsure = sources.isTimeUnsure()
    const request = { sold, terms: stall.terms, copy, isVoided, isTimeUnsure, url }
    return { url, receipt: receiptOf(request) }
  }
