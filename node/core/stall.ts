import type { Command } from './command.ts'
import type { Entry, EntryOf, Fact } from './entry.ts'
import { decideCountFootfall, foldFootfall } from './footfall.ts'
import type { LogId } from './id.ts'
import { decideStepClock, foldLogOpened } from './log.ts'
import { decideRecordEnergy, foldEnergy } from './power.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import { decideParkBasket, decideTakeBasket, foldParked, foldTaken } from './sell/basket.ts'
import { decideOpenDrawer } from './sell/drawer.ts'
import {
  decideListItems,
  decideWithdrawItems,
  foldItemListed,
  foldItemWithdrawn,
  noItems
} from './sell/item.ts'
import { currencyOf, money, NOTHING, sum } from './sell/money.ts'
import { addDue, decideRecordPrint, decideRequestCopy, foldPrinted } from './sell/print.ts'
import {
  decideSell,
  decideVoidSale,
  ownMoves,
  RECENT_MAX,
  saleTransfers,
  sumsOf
} from './sell/sale.ts'
import {
  cashTransfers,
  closingTransfers,
  decideCloseSession,
  decideMoveCash,
  decideOpenSession,
  floatTransfers,
  foldCashMoved,
  foldClosed,
  foldSoldInSession,
  foldVoidedInSession,
  openedSession
} from './sell/session.ts'
import { decideCountStock, decideMoveStock, foldMoves } from './sell/stock.ts'
import { decideSetTerms } from './sell/terms.ts'
import { post, reverse } from './sell/transfer.ts'
import { decideListMembers, foldMembersListed } from './share/listing.ts'
import { fitsLeaf } from './size.ts'
import type { Stall } from './state.ts'
import { emptyTable, get, set } from './table.ts'
import type { Moment } from './time.ts'
import { foldWish, nameOf, refuseKnownWish } from './wish.ts'

/** Raised whenever `fold` comes to another state from the same entries: snapshots then replay. */
export const FOLD_VERSION = 4

export const emptyStall: Stall = {
  at: 0,
  log: { log: '0000000000000000' as LogId, stall: '', counter: 0, receipts: 0 },
  terms: {
    stallName: '',
    vendor: '',
    marketName: '',
    timezone: 'UTC',
    currency: currencyOf('EUR'),
    taxClasses: [],
    cashRounding: { step: 1, tie: 'up' },
    tenders: [{ method: 'cash', name: 'Cash', isCash: true }],
    notes: [],
    printsReceipts: false
  },
  items: noItems,
  sales: emptyTable,
  recent: [],
  doubled: [],
  session: null,
  lastSession: 0,
  lastClosedAt: 0,
  closings: [],
  grandTotal: NOTHING,
  accounts: {},
  parked: [],
  taken: [],
  due: [],
  footfall: [],
  energy: {},
  listEpoch: 0,
  wishes: []
}

/**
 * What becomes of a wish: facts, or a polite no. `moment` has the place of the first entry, which
 * carries the wish's name if it has one; a wish that would change nothing gives no entries.
 */
export function decide(stall: Stall, command: Command, moment: Moment): readonly Entry[] | Refusal {
  const facts = refuseKnownWish(stall, command) ?? decideFacts(stall, command, moment)
  if (isRefusal(facts)) return facts
  const { log, seq, at } = moment
  const entries = facts.map((fact, index) => ({
    log,
    seq: seq + index,
    at,
    ...fact,
    ...(index === 0 ? nameOf(command) : {})
  }))
  // Before anything is signed: a log that ends in an entry too long for it would be given up.
  return entries.every(fitsLeaf) ? entries : { refused: 'sale-too-long' }
}

function decideFacts(stall: Stall, command: Command, moment: Moment): readonly Fact[] | Refusal {
  const { at } = moment
  switch (command.type) {
    case 'stepClock':
      return decideStepClock(command)
    case 'setTerms':
      return decideSetTerms(stall, command)
    case 'listItems':
      return decideListItems(stall, command)
    case 'withdrawItems':
      return decideWithdrawItems(stall, command)
    case 'moveStock':
      return decideMoveStock(stall, command)
    case 'countStock':
      return decideCountStock(stall, command)
    case 'openSession':
      return decideOpenSession(stall, command)
    case 'closeSession':
      return decideCloseSession(stall, command, at)
    case 'moveCash':
      return decideMoveCash(stall, command)
    case 'sell':
      return decideSell(stall, command, moment)
    case 'voidSale':
      return decideVoidSale(stall, command, at)
    case 'parkBasket':
      return decideParkBasket(stall, command, at)
    case 'takeBasket':
      return decideTakeBasket(stall, command)
    case 'requestCopy':
      return decideRequestCopy(stall, command)
    case 'recordPrint':
      return decideRecordPrint(stall, command)
    case 'openDrawer':
      return decideOpenDrawer(command)
    case 'countFootfall':
      return decideCountFootfall(command)
    case 'recordEnergy':
      return decideRecordEnergy(command)
    case 'listMembers':
      return decideListMembers(stall, command)
  }
}

/** Adds one fact to what the stall knows. Total: an entry is never refused once it is written. */
export function fold(stall: Stall, entry: Entry): Stall {
  const at = Math.max(stall.at, entry.at)
  const wishes = foldWish(stall, entry)
  return wishes ? foldFact({ ...stall, at, wishes }, entry) : { ...stall, at }
}

function foldFact(stall: Stall, entry: Entry): Stall {
  switch (entry.type) {
    case 'logOpened':
      return { ...stall, log: foldLogOpened(entry) }
    case 'clockStepped':
    case 'drawerOpened':
      return stall
    case 'termsSet':
      return { ...stall, terms: entry.terms }
    case 'itemListed':
      return { ...stall, items: foldItemListed(stall.items, entry) }
    case 'itemWithdrawn':
      return { ...stall, items: foldItemWithdrawn(stall.items, entry) }
    case 'stockMoved':
    case 'ownStockMoved':
      return { ...stall, items: foldMoves(stall.items, entry) }
    case 'sessionOpened':
      return {
        ...stall,
        session: openedSession(entry, entry.at),
        accounts: post(stall.accounts, floatTransfers(entry))
      }
    case 'sessionClosed':
      return {
        ...stall,
        ...foldClosed(stall, entry),
        accounts: post(stall.accounts, closingTransfers(entry.closing))
      }
    case 'cashMoved':
      return {
        ...stall,
        session: stall.session && foldCashMoved(stall.session, entry),
        accounts: post(stall.accounts, cashTransfers(entry))
      }
    case 'sold':
      return foldSold(stall, entry)
    case 'voided':
      return foldVoided(stall, entry)
    case 'basketParked':
      return { ...stall, parked: foldParked(stall.parked, entry) }
    case 'basketTaken':
      return { ...stall, ...foldTaken(stall, entry) }
    case 'copyRequested':
      return foldCopy(stall, entry)
    case 'printed':
      return { ...stall, due: foldPrinted(stall.due, entry) }
    case 'footfallCounted':
      return { ...stall, footfall: foldFootfall(stall.footfall, entry) }
    case 'energyUsed':
      return { ...stall, energy: foldEnergy(stall.energy, entry) }
    case 'membersListed':
      return { ...stall, ...foldMembersListed(stall, entry) }
  }
}

/** A number once given to a receipt is used up, even when the sale turns out to be a double. */
function foldSold(stall: Stall, entry: EntryOf<'sold'>): Stall {
  const { sale, log, seq } = entry
  const counted = { ...stall, log: { ...stall.log, receipts: stall.log.receipts + 1 } }
  if (get(stall.sales, sale)) {
    return { ...counted, doubled: [...stall.doubled, sale].slice(-RECENT_MAX) }
  }
  const sums = sumsOf(entry, stall.terms)
  return {
    ...counted,
    sales: set(stall.sales, sale, { log, seq, isVoided: false, copies: 1 }),
    recent: [...stall.recent, entry].slice(-RECENT_MAX),
    items: foldMoves(stall.items, { moves: ownMoves(stall, entry, -1), reason: 'sold' }),
    session: stall.session && foldSoldInSession(stall.session, { ...sums, sold: entry }),
    grandTotal: sum([stall.grandTotal, entry.total]),
    accounts: post(stall.accounts, saleTransfers(entry, sums)),
    due: stall.terms.printsReceipts ? addDue(stall.due, { sale, copy: 1 }) : stall.due
  }
}

/** A receipt that did not come out before the void need not come out any more. */
function foldVoided(stall: Stall, voided: EntryOf<'voided'>): Stall {
  const record = get(stall.sales, voided.sale)
  const sold = stall.recent.findLast(({ sale }) => sale === voided.sale)
  if (!record || !sold || record.isVoided) return stall
  const sums = sumsOf(sold, stall.terms)
  return {
    ...stall,
    sales: set(stall.sales, voided.sale, { ...record, isVoided: true }),
    items: foldMoves(stall.items, { moves: ownMoves(stall, sold, 1), reason: 'voided' }),
    session: stall.session && foldVoidedInSession(stall.session, { ...sums, sold }),
    grandTotal: money(stall.grandTotal - sold.total),
    accounts: post(stall.accounts, saleTransfers(sold, sums).map(reverse)),
    due: stall.due.filter(({ sale }) => sale !== voided.sale)
  }
}

function foldCopy(stall: Stall, { sale, copy }: EntryOf<'copyRequested'>): Stall {
  const record = get(stall.sales, sale)
  if (!record) return stall
  return {
    ...stall,
    sales: set(stall.sales, sale, { ...record, copies: Math.max(record.copies, copy) }),
    due: addDue(stall.due, { sale, copy })
  }
}
