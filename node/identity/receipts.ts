import type { EntryOf } from '../core/entry.ts'
import { type Id, isId } from '../core/id.ts'
import { type Receipt, receiptOf } from '../core/sell/receipt.ts'
import type { Stall } from '../core/state.ts'
import { get } from '../core/table.ts'
import type { Place } from '../core/time.ts'
import { LONG_RECEIPT_LINES_MAX, receiptUrl, signReceipt } from '../wire/receipt.ts'
import type { Device } from './device.ts'

/**
 * Makes receipts again from the ledger, as often as wanted: the same sale gives the same bytes, so
 * none are stored. Undefined for a sale that this disk does not hold.
 */
export interface Receipts {
  /** The address that a receipt's QR code holds, with the whole proof in its fragment. */
  readonly url: (sale: string) => Promise<string | undefined>
  /** What is printed. */
  readonly document: (wish: WishedReceipt) => Promise<Receipt | undefined>
}

export interface ReceiptSources {
  readonly device: Device
  readonly stall: () => Stall
  /** Undefined for a sale that this disk does not hold. */
  readonly readSold: (sale: Id) => Promise<EntryOf<'sold'> | undefined>
  readonly sealed: (
    place: Place
  ) => Promise<{ readonly leaf: Uint8Array; readonly salt: Uint8Array } | undefined>
}

export interface WishedReceipt {
  readonly sale: string
  /** 1 is the receipt itself. */
  readonly copy: number
  /** 58 mm paper has no room for the long code: it gets the short form, without certificate. */
  readonly isNarrow?: boolean
}

export const openReceipts = (sources: ReceiptSources): Receipts => ({
  url: async sale => (await signed(sources, { sale, copy: 1 }))?.url,
  document: async wish => {
    const made = await signed(sources, wish)
    if (!made) return undefined
    return receiptOf({ ...made, terms: sources.stall().terms, copy: wish.copy })
  }
})

/** Without `isNarrow` the sale alone chooses the form; the signed bytes of a form never vary. */
async function signed(sources: ReceiptSources, { sale, isNarrow = false }: WishedReceipt) {
  if (!isId(sale)) return undefined
  const record = get(sources.stall().sales, sale)
  if (!record) return undefined
  const sold = await sources.readSold(sale)
  const sealed = await sources.sealed(record)
  if (!sold || !sealed) return undefined
  const { device } = sources
  const isShort = isNarrow || sold.lines.length > LONG_RECEIPT_LINES_MAX
  const cose = signReceipt({
    sold,
    ...sealed,
    device,
    form: isShort ? 'short' : 'long',
    ...(isNarrow ? {} : { certificate: device.certificate })
  })
  return { sold, url: receiptUrl(device.market, cose), isVoided: record.isVoided }
}
