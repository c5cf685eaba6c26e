import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Command } from '../../node/core/command.ts'
import type { Entry } from '../../node/core/entry.ts'
import type { Id, LogId } from '../../node/core/id.ts'
import { isRefusal } from '../../node/core/refusal.ts'
import { money } from '../../node/core/sell/money.ts'
import { decide, emptyStall, FOLD_VERSION, fold } from '../../node/core/stall.ts'
import type { Stall } from '../../node/core/state.ts'
import { openDevice } from '../../node/identity/device.ts'
import { openLogKeyring } from '../../node/identity/log.ts'
import { lockFolder } from '../../node/ledger/lock.ts'
import { type OpenedLedger, openLedger } from '../../node/ledger/open.ts'
import { type Verdict, verifyLedger } from '../../node/ledger/verify.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import { pooledRandom } from '../../node/wire/seal.ts'

/** A stall of a test: its folder with data and keys, and which boot of its machine it is in. */
export interface Machine {
  readonly dir: string
  readonly runDir: string
  readonly bootId: string
  readonly stall: string
}

export const machineIn = (dir: string, bootId = 'boot-1'): Machine => ({
  dir,
  runDir: join(dir, `run-${bootId}`),
  bootId,
  stall: 'a'
})

export interface Till {
  readonly ledger: OpenedLedger
  readonly stall: () => Stall
  /** Decides, appends and folds, as the loop does; gives the entries once they are durable. */
  readonly turn: (...commands: readonly Command[]) => Promise<readonly Entry[]>
  readonly renew: () => Promise<void>
  readonly close: () => Promise<void>
}

export const dataDir = ({ dir }: Machine): string => join(dir, 'data')

export async function openTill(machine: Machine): Promise<Till> {
  const { runDir, bootId, stall: name } = machine
  const random = pooledRandom()
  const keys = { dir: join(machine.dir, 'keys'), dataDir: dataDir(machine), stall: name }
  const device = await openDevice({ ...keys, random })
  const folder = await lockFolder(dataDir(machine))
  const ledger = await openLedger({
    folder,
    stall: name,
    keys: openLogKeyring({ device, runDir, bootId, random }),
    readClocks: () => ({ wallMs: Date.now(), monoMs: performance.now() }),
    random,
    fold,
    foldVersion: FOLD_VERSION,
    emptyStall
  }).catch(async error => {
    await folder.release()
    throw error
  })
  let { stall } = ledger
  return {
    ledger,
    stall: () => stall,
    turn: async (...commands) => {
      const { store, listen } = ledger
      const entries: Entry[] = []
      let next = stall
      for (const command of commands) {
        const place = store.end()
        const stamp = {
          ...place,
          seq: place.seq + entries.length,
          at: Math.max(Date.now(), next.at)
        }
        const made = decide(next, command, stamp)
        if (isRefusal(made)) throw new Error(`refused: ${made.refused}`)
        next = made.reduce(fold, next)
        entries.push(...made)
      }
      await store.append(entries)
      stall = next
      listen({ entries, stall })
      return entries
    },
    renew: async () => {
      const opened = await ledger.store.renew()
      stall = fold(stall, opened)
      ledger.listen({ entries: [opened], stall })
    },
    close: () => ledger.store.close().finally(folder.release)
  }
}

/** Opens, runs a step, closes. */
export async function within<Result>(machine: Machine, step: (till: Till) => Promise<Result>) {
  const till = await openTill(machine)
  try {
    return await step(till)
  } finally {
    await till.close()
  }
}

/** Checks the books of a stall from its files and its market's key. */
export async function verify(machine: Machine): Promise<Verdict> {
  const keys = { dir: join(machine.dir, 'keys'), dataDir: dataDir(machine), stall: machine.stall }
  const { marketKey } = await openDevice({ ...keys, random: pooledRandom() })
  return verifyLedger({ dir: dataDir(machine), marketKey: verifyingKey(marketKey) })
}

/** A sale of one open item for 2.50, paid in cash; the number makes its id. */
export const sale = (number: number): Command => ({
  type: 'sell',
  sale: saleId(number),
  lines: [
    { sku: null, name: `Soup ${number}`, quantity: 1, unitPrice: money(250), taxClass: 'food' }
  ],
  tenders: [{ method: 'cash', amount: money(250) }]
})

export const saleId = (number: number): Id =>
  createHash('sha256').update(`sale ${number}`).digest('hex').slice(0, 32) as Id

export const terms: Command = {
  type: 'setTerms',
  terms: {
    ...emptyStall.terms,
    stallName: 'Soup',
    taxClasses: [{ id: 'food', name: 'Food', ratePpm: 70_000, isInclusive: true }]
  }
}

/** Every entry of a log that can be read back from disk. */
export async function readLog(till: Till, log: LogId, size: number): Promise<Entry[]> {
  const entries: Entry[] = []
  for (let seq = 0; seq < size; seq++) {
    const entry = await till.ledger.store.read({ log, seq })
    if (entry) entries.push(entry)
  }
  return entries
}
