import { randomBytes } from 'node:crypto'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from '../../node/core/command.ts'
import type { Entry } from '../../node/core/entry.ts'
import type { Id } from '../../node/core/id.ts'
import { money } from '../../node/core/sell/money.ts'
import { emptyStall, FOLD_VERSION, fold } from '../../node/core/stall.ts'
import { openDevice } from '../../node/identity/device.ts'
import { openLogKeyring } from '../../node/identity/log.ts'
import { type LockedFolder, lockFolder } from '../../node/ledger/lock.ts'
import { type OpenedLedger, openLedger } from '../../node/ledger/open.ts'
import { type Node, startNode } from '../../node/node.ts'
import { entryBytes } from '../../node/wire/entry.ts'
import { pooledRandom } from '../../node/wire/seal.ts'
import { item, TERMS } from '../core/given.ts'

/** A stall without its edges: the loop, the ledger and real keys, wired as `boot.ts` wires them. */
export interface BenchStall {
  readonly node: Node
  readonly ledger: OpenedLedger
  readonly close: () => Promise<void>
}

/** Where one boot of a stall lives. */
export interface Folders {
  readonly dir: string
  /** A memory file system, as /run is on a stall. */
  readonly runDir: string
}

interface LockedFolders extends Omit<Folders, 'dir'> {
  readonly folder: LockedFolder
}

export async function openLedgerIn({ folder, runDir }: LockedFolders): Promise<OpenedLedger> {
  const { dir } = folder
  const random = pooledRandom()
  const device = await openDevice({
    dir: join(dir, 'keys'),
    dataDir: join(dir, 'data'),
    stall: '12',
    random
  })
  return openLedger({
    folder,
    stall: '12',
    keys: openLogKeyring({ device, runDir, bootId: 'bench', random }),
    readClocks,
    random,
    fold,
    foldVersion: FOLD_VERSION,
    emptyStall
  })
}

export async function openStall(folders: Folders): Promise<BenchStall> {
  const folder = await lockFolder(folders.dir)
  const ledger = await openLedgerIn({ ...folders, folder })
  const node = startNode({ store: ledger.store, stall: ledger.stall, readClocks })
  node.listen(ledger.listen)
  return { node, ledger, close: () => node.close().finally(folder.release) }
}

/** A new stall with a catalogue and an open session. */
export async function openNewStall(folders: Folders): Promise<BenchStall> {
  const stall = await openStall(folders)
  await done(stall.node, { type: 'setTerms', terms: TERMS })
  await done(stall.node, {
    type: 'listItems',
    items: [
      { item: item('bao', money(650), { name: 'Char siu bao' }), stock: 1_000_000 },
      {
        item: item('tea', money(400), { name: 'Jasmine tea', taxClass: 'drink' }),
        stock: 1_000_000
      }
    ]
  })
  await done(stall.node, { type: 'openSession', float: money(10_000) })
  return stall
}

/** Two items for cash. */
export const sale = (number: number): Command => ({
  type: 'sell',
  sale: saleId(number),
  lines: [
    { sku: 'bao', quantity: 2 },
    { sku: 'tea', quantity: 1 }
  ],
  tenders: [{ method: 'cash', amount: money(2_000) }]
})

/** Ids as tablets make them, at random. */
const saleId = (number: number): Id =>
  `${number.toString(16).padStart(8, '0')}${randomBytes(12).toString('hex')}` as Id

/** A wish that must be granted: a bench that measures refusals measures nothing. */
export async function done(node: Node, command: Command): Promise<readonly Entry[]> {
  const outcome = await node.submit(command)
  if ('entries' in outcome) return outcome.entries
  throw new Error(`Not done: ${JSON.stringify(outcome)}`)
}

/** The bytes that one sale adds to the ledger, but for the frame around them. */
export function bytesOf(entries: readonly Entry[]): Uint8Array {
  const seal = { contentKey: randomBytes(32), random: randomBytes }
  return Buffer.concat(entries.map(entry => entryBytes(entry, seal)))
}

/** Runs a step with fresh folders below `base` and removes them, however the step ends. */
export async function inFolders<Result>(
  base: string,
  step: (folders: Folders) => Promise<Result>
): Promise<Result> {
  const dir = await mkdtemp(join(base, 'stall-bench-'))
  const runDir = await mkdtemp(join(await memoryDir(), 'stall-bench-run-'))
  try {
    return await step({ dir, runDir })
  } finally {
    await rm(dir, { recursive: true, force: true })
    await rm(runDir, { recursive: true, force: true })
  }
}

/** A folder in memory where there is one; a run folder needs no disk. */
export const memoryDir = (): Promise<string> =>
  access('/dev/shm').then(
    () => '/dev/shm',
    () => tmpdir()
  )

const readClocks = () => ({ wallMs: Date.now(), monoMs: performance.now() })
