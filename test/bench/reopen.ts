import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { numberFrom } from './child.ts'
import { type Bench, interleaved, type Row } from './measure.ts'
import { done, type Folders, inFolders, memoryDir, openNewStall, sale } from './stall.ts'

const SALES = 50_000
const ROUNDS = 5

/** Opening the ledger of a stall that has sold 50,000 times, beside reading its files. */
export const reopen: Bench = {
  name: 'reopen',
  run: async () =>
    // In memory on purpose: a card would slow both sides and hide what opening costs.
    inFolders(await memoryDir(), async folders => {
      await sell(folders)
      const snapshot = join(folders.dir, 'snapshot')
      const whole = await openings(folders, async () => {})
      const replayed = await openings(folders, () => rm(snapshot, { force: true }))
      return [
        { ...rowOf('reopen 50,000 sales / reading the files', whole), target },
        rowOf('the same after a crash, without any snapshot', replayed)
      ]
    })
}

const target = { of: 'ratio', atMost: 10 } as const

const rowOf = (what: string, { open, read }: Readonly<Record<'open' | 'read', number>>): Row => ({
  what,
  unit: 'ms',
  ours: open,
  peer: read
})

/** One sale after the other, so that each has a frame and a signature of its own. */
async function sell(folders: Folders): Promise<void> {
  const stall = await openNewStall(folders)
  for (let number = 0; number < SALES; number++) await done(stall.node, sale(number))
  await stall.close()
}

/** Each time in a process of its own, as after a restart: nothing is compiled or cached yet. */
const openings = ({ dir, runDir }: Folders, prepare: () => Promise<void>) => {
  const timed = async (what: 'open' | 'read'): Promise<number> => {
    await prepare()
    return numberFrom('reopen-once', what, dir, runDir)
  }
  return interleaved(ROUNDS, { open: () => timed('open'), read: () => timed('read') })
}
