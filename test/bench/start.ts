import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { type Bench, interleaved, median, type Row, type Target } from './measure.ts'
import { emptyNode, type RunningStall, runStall } from './program.ts'
import { type Folders, inFolders } from './stall.ts'

const ROUNDS = 9
const target: Target = { of: 'ratio', atMost: 3.5 }
const IDLE_MS = 10_000
const RSS_MB_MAX = 75

/** The CPU from a start to the first sale that is accepted, beside that of an empty Node. */
export const start: Bench = {
  name: 'start',
  run: () =>
    inFolders(tmpdir(), async folders => {
      const { runDir } = folders
      await cpuToFirstSale(folders)
      const { node, again, boot, first } = await interleaved(ROUNDS, {
        node: emptyNode,
        again: () => cpuToFirstSale(folders),
        boot: async () => {
          await rm(runDir, { recursive: true })
          return cpuToFirstSale(folders)
        },
        first: () => inFolders(tmpdir(), cpuToFirstSale)
      })
      const row = (what: string, ours: number): Row => ({ what, unit: 'ms', ours, peer: node })
      const rss = await idleRss()
      return [
        { ...row('CPU from start to first sale / node -e 0', again), target },
        { ...row('the same after a boot: a new log and its keys', boot), target },
        { ...row('the same the first time ever: all keys are made', first), target },
        rss
      ]
    })
}

async function cpuToFirstSale(folders: Folders): Promise<number> {
  const stall = await runStall(folders)
  await sell(stall)
  return stall.kill()
}

/** One bao of the sample catalogue. Settles with the answer's first byte: printing comes after. */
async function sell({ url }: RunningStall): Promise<void> {
  const wish = {
    id: randomBytes(16).toString('hex'),
    lines: [{ sku: 'char-siu-bao', quantity: 1 }],
    tenders: [{ method: 'cash', amount: 650 }]
  }
  const headers = { 'content-type': 'application/json' }
  const asked = request(`${url}/api/v1/sales`, { method: 'POST', headers })
  asked.end(JSON.stringify(wish))
  const [reply] = await once(asked, 'response')
  // The stall dies with its answer half read.
  reply.on('error', () => {}).resume()
  if (reply.statusCode !== 201) throw new Error(`Not sold: ${reply.statusCode}`)
}

/** The median of three stalls that idle side by side. */
async function idleRss(): Promise<Row> {
  const sizes = await Promise.all([1, 2, 3].map(() => inFolders(tmpdir(), rssOf)))
  return {
    what: 'memory of an idle stall after 10 s (RSS)',
    unit: 'MB',
    ours: median(sizes) / 1e6,
    target: { of: 'ours', atMost: RSS_MB_MAX }
  }
}

async function rssOf(folders: Folders): Promise<number> {
  const stall = await runStall(folders)
  await delay(IDLE_MS)
  const status = await readFile(`/proc/${stall.pid}/status`, 'utf8')
  await stall.kill()
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024
}
