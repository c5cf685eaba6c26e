import { tmpdir } from 'node:os'
import { mountDelayedDisk, whatDisksNeed } from '../powercut/disk.ts'
import { numberFrom } from './child.ts'
import { type Bench, interleaved, type Row, ratePerSecond } from './measure.ts'
import { bytesOf, done, inFolders, openNewStall, sale } from './stall.ts'

const ROUNDS = 7

/** From a wish to its durable, signed answer, one at a time, on the disk of this machine. */
export const answer: Bench = {
  name: 'answer',
  run: async () => [await rowOn(tmpdir(), { disk: 'raw disk', sales: 500 })]
}

/** The same on a disk as slow as a memory card: 2 ms a write + 0.1 ms a KiB, 2 ms a flush. */
export const slowAnswer: Bench = {
  name: 'slow-answer',
  needs: whatDisksNeed,
  run: async () => {
    const disk = await mountDelayedDisk()
    try {
      const row = await rowOn(disk.dir, { disk: 'memory card', sales: 60 })
      return [{ ...row, target: { of: 'ratio', atLeast: 2 } }]
    } finally {
      await disk.close()
    }
  }
}

const rowOn = (
  base: string,
  { disk, sales }: { readonly disk: string; readonly sales: number }
): Promise<Row> =>
  inFolders(base, async folders => {
    const stall = await openNewStall(folders)
    const { length } = bytesOf(await done(stall.node, sale(0)))
    const rates = await interleaved(ROUNDS, {
      ours: () => ratePerSecond(sales, number => done(stall.node, sale(number))),
      peer: () => numberFrom('peer', folders.dir, String(sales), String(length))
    })
    await stall.close()
    return { what: `sale to durable, signed answer, ${disk} / libsql`, unit: 'per s', ...rates }
  })
