import type { EntryOf } from '../core/entry.ts'
import { type Id, isId } from '../core/id.ts'
import type { Store } from '../core/ports.ts'
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
  readonly document: (sale: string, copy: number) => Promise<Receipt | undefined>
}

export interface ReceiptSources {
  readonly device: Device
  readonly stall: () => Stall
  readonly read: Store['read']
  readonly sealed: (
    place: Place
  ) => Promise<{ readonly leaf: Uint8Array; readonly salt: Uint8Array } | undefined>
  /** 58 mm paper has no room for the long code. */
  readonly isNarrow: boolean
  readonly isTimeUnsure: () => boolean
}

export const openReceipts = (sources: ReceiptSources): Receipts => ({
  url: async sale => (await signed(sources, sale))?.url,
  document: async (sale, copy) => {
    const made = await signed(sources, sale)
    if (!made) return undefined
    const { terms } = sources.stall()
    return receiptOf({ ...made, terms, copy, isTimeUnsure: sources.isTimeUnsure() })
  }
})

async function signed(sources: ReceiptSources, sale: string) {
  const record = isId(sale) ? get(sources.stall().sales, sale) : undefined
  if (!record) return undefined
  const sold = await soldAt(sources, record, sale as Id)
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
  return { sold, url: receiptUrl(device.market, cose), isVoided: record.isVoided }
}

/** The newest sales are in memory; only a reprint of an old one goes to the disk. */
async function soldAt(
  { stall, read }: ReceiptSources,
  place: Place,
  sale: Id
): Promise<EntryOf<'sold'> | undefined> {
  const recent = stall().recent.findLast(each => each.sale === sale)
  if (recent) return recent
  const entry = await read(place)
  return entry?.type === 'sold' ? entry : undefined
}
