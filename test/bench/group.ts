import { createHash, randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import type { Entry, Fact } from '../../node/core/entry.ts'
import { money } from '../../node/core/sell/money.ts'
import type { Ledger } from '../../node/ledger/ledger.ts'
import { entryBytes } from '../../node/wire/entry.ts'
import { item } from '../core/given.ts'
import { type Bench, interleaved, type Row, ratePerSecond, type Target } from './measure.ts'
import { done, inFolders, openNewStall, sale } from './stall.ts'

const GROUP = 100
const GROUPS = 100
const HASHES = 100_000
const ROUNDS = 7
const OPEN_BYTES = 200

/** 50,000 entries/s where one core hashes 130,000/s. */
const target: Target = { of: 'ratio', atLeast: 50 / 130 }

/** How fast the ledger itself is, when a hundred entries share a flush: all but deciding. */
export const group: Bench = {
  name: 'group',
  run: () =>
    inFolders(tmpdir(), async folders => {
      const stall = await openNewStall(folders)
      const { store } = stall.ledger
      const entries = await done(stall.node, sale(1))
      const mix = busyMix(entries)
      const bytes = randomBytes(OPEN_BYTES)
      const rates = await interleaved(ROUNDS, {
        mix: () => appendRate(store, mix),
        open: () => appendRate(store, [plainEntry()]),
        hash: () => ratePerSecond(HASHES, () => createHash('sha256').update(bytes).digest())
      })
      await stall.close()
      return rowsOf(rates)
    })
}

function rowsOf({ mix, open, hash }: Readonly<Record<'mix' | 'open' | 'hash', number>>): Row[] {
  const peer = { unit: 'per s', peer: hash, target }
  return [
    { what: 'group of 100, sales with stock and prints / SHA-256', ours: mix, ...peer },
    { what: 'group of 100, open entries of 200 B / SHA-256', ours: open, ...peer }
  ]
}

/** What a busy stall books: sealed sales, stock that others may see, and prints. */
function busyMix(sold: readonly Entry[]): readonly Fact[] {
  const [first] = sold
  if (first?.type !== 'sold') throw new Error('A sale begins with what was sold')
  const { sale } = first
  return [
    first,
    { type: 'stockMoved', moves: [{ sku: 'tea', change: -1 }], reason: 'counted', sale },
    { type: 'printed', sale, copy: 1, outcome: 'printed' }
  ]
}

/** An item whose name fills its entry up to 200 bytes. */
function plainEntry(): Fact {
  const listed = (name: string): Fact => ({
    type: 'itemListed',
    item: item('bao', money(650), { name })
  })
  const stamp = { log: '00112233445566ff', seq: 10_000, at: Date.now() }
  const seal = { contentKey: randomBytes(32), random: randomBytes }
  const name = 'x'.repeat(100)
  const size = entryBytes({ ...stamp, ...listed(name) } as Entry, seal).length
  return listed(name + 'x'.repeat(OPEN_BYTES - size))
}

/** Entries a second. They are stamped outside of the time, for deciding does that. */
async function appendRate(store: Ledger['store'], facts: readonly Fact[]): Promise<number> {
  let ms = 0
  for (let number = 0; number < GROUPS; number++) {
    const { log, seq } = store.end()
    const at = Date.now()
    const entries = Array.from(
      { length: GROUP },
      (_, index) => ({ ...facts[index % facts.length], log, seq: seq + index, at }) as Entry
    )
    const from = performance.now()
    await store.append(entries)
    ms += performance.now() - from
  }
  return (GROUPS * GROUP * 1_000) / ms
}
