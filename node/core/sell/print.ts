import type { Id } from '../id.ts'
import type { Refusal } from '../refusal.ts'
import { get, type Table } from '../table.ts'
import type { Wished } from '../wish.ts'

/** Receipts still to print; past this many the oldest is given up, it can be asked for again. */
export const DUE_MAX = 500

export interface CopyRequested extends Wished {
  readonly type: 'copyRequested'
  readonly sale: Id
  /** 1 is the receipt itself, 2 the first reprint, marked "COPY 2". */
  readonly copy: number
}

/**
 * How printing ended. `printed`: the printer answered the fence. `sent`: a printer that cannot
 * answer took the bytes. `seen` and `skipped`: the keeper said so.
 */
export interface Printed {
  readonly type: 'printed'
  readonly sale: Id
  readonly copy: number
  readonly outcome: 'printed' | 'sent' | 'seen' | 'skipped'
}

export interface RequestCopy extends Wished {
  readonly type: 'requestCopy'
  readonly sale: Id
}

/** How a receipt's printing ended: from the print queue, or from the keeper who was asked. */
export interface RecordPrint {
  readonly type: 'recordPrint'
  readonly sale: Id
  readonly copy: number
  readonly outcome: Printed['outcome']
}

export interface PrintState {
  /** Receipts that have no `printed` entry yet, oldest first; at most DUE_MAX. */
  readonly due: readonly DueReceipt[]
}

export interface DueReceipt {
  readonly sale: Id
  readonly copy: number
}

export function decideRequestCopy(
  { sales }: { readonly sales: Table<{ readonly copies: number }> },
  { sale }: RequestCopy
): readonly [CopyRequested] | Refusal {
  const record = get(sales, sale)
  if (!record) return { refused: 'unknown-sale' }
  return [{ type: 'copyRequested', sale, copy: record.copies + 1 }]
}

export const decideRecordPrint = (
  { due }: PrintState,
  { sale, copy, outcome }: RecordPrint
): readonly [Printed] | Refusal =>
  due.some(each => each.sale === sale && each.copy === copy)
    ? [{ type: 'printed', sale, copy, outcome }]
    : { refused: 'not-due' }

export const addDue = (due: readonly DueReceipt[], receipt: DueReceipt): readonly DueReceipt[] =>
  [...due, receipt].slice(-DUE_MAX)

export const foldPrinted = (
  due: readonly DueReceipt[],
  { sale, copy }: Printed
): readonly DueReceipt[] => due.filter(each => each.sale !== sale || each.copy !== copy)
