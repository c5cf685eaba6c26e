/**
 * `kill -9` in the middle of selling, again and again: every sale that was answered is there
 * afterwards exactly once, and nothing was printed that is not.
 */
import { rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { chance } from '../../drivers/sim/chance.ts'
import { suite } from '../harness.ts'
import { freePort, runStall, stallFolder, startStall } from './stall-process.ts'

const KILLS = Number(process.env['KILLS'] ?? 200)
const SEED = Number(process.env['SEED'] ?? 7)

suite(
  'kill -9',
  test => {
    test(`${KILLS} times in the middle of a sale loses and doubles nothing`, async () => {
      const random = chance(SEED)
      const printerPort = await freePort()
      const printer = await paperEater(printerPort)
      const folder = await stallFolder(`[[device]]
role = "printer"
driver = "escpos-tcp"
host = "127.0.0.1"
port = ${printerPort}
model = "generic-58-mute"
`)
      const answered = new Map<string, string>()
      /** Receipt numbers seen on paper and found in the books after the next start. */
      const printed = new Set<string>()
      let unanswered: string[] = []
      let minted = 0
      for (let kill = 0; kill < KILLS; kill++) {
        const stall = await startStall(folder)
        await checkPaper(stall.url, printer.numbers(), printed)
        const killer = wait(random() * 300).then(() => stall.child.kill('SIGKILL'))
        const mine = [...unanswered, ...Array.from({ length: 6 }, () => idOf(++minted))]
        unanswered = []
        for (const id of mine) {
          const number = await sell(stall.url, id)
          if (number === undefined) unanswered.push(id)
          else if (answered.has(id)) assert.is(answered.get(id), number)
          else answered.set(id, number)
        }
        await killer
        assert.is(await stall.ended, 'SIGKILL', `seed ${SEED}, kill ${kill}`)
      }
      const last = await startStall(folder)
      await checkPaper(last.url, printer.numbers(), printed)
      for (const [id, number] of answered) {
        assert.is(await sell(last.url, id), number, `seed ${SEED}: ${id} came back as another sale`)
      }
      for (const id of unanswered) await sell(last.url, id)
      const x = await report(last.url)
      const sold = new Set([...answered.keys(), ...unanswered])
      assert.is(x.sales, sold.size, `seed ${SEED}: sales in the books`)
      assert.is(x.total, sold.size * 650)
      const numbers = new Set([...answered.values()])
      assert.is(numbers.size, answered.size, `seed ${SEED}: a receipt number was given twice`)
      last.child.kill('SIGTERM')
      assert.is(await last.ended, 0)
      printer.server.close()
      const verified = await runStall(['verify', folder.data])
      assert.is(verified.code, 0, verified.stdout + verified.stderr)
      assert.ok(printed.size >= KILLS / 4, 'the kills came before any paper')
      console.log(`${KILLS} kills, ${sold.size} sales, ${printed.size} receipts on paper`)
      rmSync(folder.dir, { recursive: true, force: true })
    })
  },
  { stepMs: 15 * 60_000 }
)

const idOf = (number: number): string => number.toString(16).padStart(32, '0')

/** The receipt's number, or undefined when the stall died before it answered. */
async function sell(url: string, id: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/api/v1/sales`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        id,
        lines: [{ sku: 'bao', quantity: 1 }],
        tenders: [{ method: 'cash', amount: 650 }]
      }),
      signal: AbortSignal.timeout(10_000)
    })
    const body = (await response.json()) as { receipt?: { number?: string } }
    assert.ok(response.ok, `${response.status} ${JSON.stringify(body)}`)
    return body.receipt?.number
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** What came out on paper before a kill must stand in the books after it. */
async function checkPaper(
  url: string,
  paper: ReadonlySet<string>,
  printed: Set<string>
): Promise<void> {
  const response = await fetch(`${url}/api/v1/sales?limit=500`)
  const { sales } = (await response.json()) as {
    sales: readonly { receipt?: { number?: string }; number?: string }[]
  }
  const booked = new Set(sales.map(({ number, receipt }) => number ?? receipt?.number))
  for (const number of paper) {
    if (printed.has(number)) continue
    assert.ok(booked.has(number), `seed ${SEED}: ${number} was printed, never booked`)
    printed.add(number)
  }
}

async function report(url: string): Promise<{ sales: number; total: number }> {
  const response = await fetch(`${url}/api/v1/reports/x`)
  return (await response.json()) as { sales: number; total: number }
}

/** A printer that takes everything, never answers, and keeps its paper. */
async function paperEater(port: number): Promise<{ server: Server; numbers: () => Set<string> }> {
  let paper = ''
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy())
    socket.on('data', bytes => {
      paper += bytes.toString('latin1')
    })
  })
  await new Promise<void>(settle => server.listen(port, '127.0.0.1', settle))
  return {
    server,
    numbers: () => new Set([...paper.matchAll(/No\. (\S+)/g)].map(([, number = '']) => number))
  }
}
