import * as assert from 'uvu/assert'
import { encodeKick, openForCash } from '../../drivers/printer/drawer.ts'
import type { Entry, Fact } from '../../node/core/entry.ts'
import type { Id, LogId } from '../../node/core/id.ts'
import { money } from '../../node/core/sell/money.ts'
import type { Sold } from '../../node/core/sell/sale.ts'
import { emptyStall } from '../../node/core/stall.ts'
import type { Stall } from '../../node/core/state.ts'
import { modelNamed } from '../contract/printer-world.ts'
import { readEscpos } from '../escpos/reader.ts'
import { suite } from '../harness.ts'

const STAMP = { log: '0011223344556677' as LogId, seq: 1, at: 0 }
const CARD = { method: 'card', name: 'Card', isCash: false }
const CASH = { method: 'cash', name: 'Cash', isCash: true }
const TERMS = { ...emptyStall.terms, tenders: [CASH, CARD] }

const soldWith = (tenders: Sold['tenders'], more: Partial<Sold> = {}): Sold => ({
  type: 'sold',
  sale: '1'.repeat(32) as Id,
  session: 1,
  number: '1-1-1-A1',
  currency: 'EUR',
  lines: [],
  taxes: [],
  total: money(500),
  rounding: money(0),
  tenders,
  change: money(0),
  isLate: false,
  ...more
})

const inCash = [{ method: 'cash', amount: money(500) }]
const byCard = [{ method: 'card', amount: money(500) }]

/** How often the drawer is opened by a turn with these facts. */
function kicksOf(facts: readonly Fact[], recent: readonly Sold[] = []): number {
  let kicks = 0
  const entries = facts.map((fact): Entry => ({ ...STAMP, ...fact }))
  const stall: Stall = {
    ...emptyStall,
    terms: TERMS,
    recent: recent.map(sold => ({ ...STAMP, ...sold }))
  }
  const onTurn = openForCash({
    kick: async () => {
      kicks += 1
    }
  })
  onTurn({ entries, stall })
  return kicks
}

suite('cash drawer', test => {
  test('opens when cash is taken, and once for all that one turn brings', () => {
    assert.is(kicksOf([soldWith(inCash)]), 1)
    assert.is(kicksOf([soldWith([...byCard, ...inCash])]), 1)
    assert.is(kicksOf([soldWith(inCash), soldWith(inCash)]), 1)
  })

  test('stays shut when none is', () => {
    assert.is(kicksOf([soldWith(byCard)]), 0)
    assert.is(kicksOf([]), 0)
  })

  test('opens when cash goes back, is moved, or is asked for', () => {
    const sold = soldWith(inCash)
    const voided = { type: 'voided', sale: sold.sale, session: 1, reason: 'Wrong' } as const
    assert.is(kicksOf([voided], [sold]), 1)
    assert.is(kicksOf([voided], [soldWith(byCard)]), 0)
    const moved = { type: 'cashMoved', session: 1, amount: money(-100), reason: 'Ice' } as const
    assert.is(kicksOf([moved]), 1)
    assert.is(kicksOf([{ type: 'drawerOpened', reason: 'Change' }]), 1)
  })

  test('stays shut for a reprint, for paper, and for a sale of some time ago', () => {
    const { sale } = soldWith(inCash)
    assert.is(kicksOf([{ type: 'copyRequested', sale, copy: 2 }], [soldWith(inCash)]), 0)
    assert.is(kicksOf([{ type: 'printed', sale, copy: 1, outcome: 'printed' }]), 0)
    assert.is(kicksOf([soldWith(inCash, { soldAt: 1 })]), 0)
  })

  test('is kicked by the pin and for the time that the configuration says', () => {
    const kick = (id: string, pin: 2 | 5, pulseMs: number) => {
      const model = modelNamed(id)
      const bytes = encodeKick(model, { pin, pulseMs, openLevel: undefined })
      return readEscpos(bytes, model).events
    }
    const event = 'drawer'
    assert.equal(kick('epson-tm-t20', 2, 100), [{ event, pin: 2, onMs: 100, offMs: 100 }])
    assert.equal(kick('epson-tm-t20', 5, 101), [{ event, pin: 5, onMs: 200, offMs: 200 }])
    assert.equal(kick('generic-80', 2, 50), [{ event, pin: 2, onMs: 50, offMs: 200 }])
    assert.equal(kick('generic-80', 5, 500), [{ event, pin: 5, onMs: 500, offMs: 510 }])
  })
})
