import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Disk, formatImage, mountLoop, readTraffic, whatDisksNeed } from '../powercut/disk.ts'
import { numberFrom } from './child.ts'
import type { Bench } from './measure.ts'
import { bytesOf, done, inFolders, openNewStall, sale } from './stall.ts'

/** Enough for what comes now and then to be in it: zeros laid ahead, a snapshot, ext4's commits. */
const SALES = 5_000
/** One a sale, and a hundredth for what comes now and then. */
const FLUSHES_MAX = 1.01
const KIB_MAX = 8

/** What one sale costs the card: block writes and flushes, as the kernel counts them. */
export const traffic: Bench = {
  name: 'traffic',
  needs: whatDisksNeed,
  run: async () => {
    const ours = await onDisk(trafficOfSales)
    const size = await saleSize()
    const peer = await onDisk(disk => trafficOfRows(disk, size))
    const flushes = { ours: ours.flushes, peer: peer.flushes }
    const kib = { ours: ours.bytes / 1_024, peer: peer.bytes / 1_024 }
    return [
      {
        what: 'flushes a durable sale, ext4 / libsql',
        unit: '',
        ...flushes,
        target: { of: 'ours', atMost: FLUSHES_MAX }
      },
      {
        what: 'block writes a durable sale, ext4 / libsql',
        unit: 'KiB',
        ...kib,
        target: { of: 'ours', atMost: KIB_MAX }
      }
    ]
  }
}

interface Traffic {
  readonly flushes: number
  readonly bytes: number
}

const trafficOfSales = (disk: Disk): Promise<Traffic> =>
  inFolders(disk.dir, async folders => {
    const stall = await openNewStall(folders)
    const each = await trafficEach(disk, async () => {
      for (let number = 0; number < SALES; number++) await done(stall.node, sale(number))
    })
    await stall.close()
    return each
  })

/** The bytes of a sale's entries, which the peer writes as one row. */
const saleSize = (): Promise<number> =>
  inFolders(tmpdir(), async folders => {
    const stall = await openNewStall(folders)
    const { length } = bytesOf(await done(stall.node, sale(0)))
    await stall.close()
    return length
  })

const trafficOfRows = (disk: Disk, size: number): Promise<Traffic> =>
  trafficEach(disk, () => numberFrom('peer', disk.dir, String(SALES), String(size)))

async function trafficEach(disk: Disk, sell: () => Promise<unknown>): Promise<Traffic> {
  const before = await readTraffic(disk.device)
  await sell()
  const after = await readTraffic(disk.device)
  return {
    flushes: (after.flushes - before.flushes) / SALES,
    bytes: (after.bytes - before.bytes) / SALES
  }
}

/** A fresh disk without delays, for the counters are exact on any. */
async function onDisk<Result>(step: (disk: Disk) => Promise<Result>): Promise<Result> {
  const work = await mkdtemp(join(tmpdir(), 'stall-traffic-'))
  try {
    const image = join(work, 'image')
    await formatImage(image, 256)
    const disk = await mountLoop({ work, image })
    try {
      return await step(disk)
    } finally {
      await disk.close()
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
