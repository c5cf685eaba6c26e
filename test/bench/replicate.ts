import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import type { Entry } from '../../node/core/entry.ts'
import { type Held, openHeld } from '../../node/ledger/held.ts'
import { openSeries } from '../../node/ledger/segment.ts'
import { segmentsIn } from '../../node/ledger/segments.ts'
import { decodeFrame } from '../../node/wire/frame.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import { type Author, author, OPENED_AT, testMarket } from '../mesh/author.ts'
import { join, syncOf } from '../mesh/pair.ts'
import { until } from '../wait.ts'
import { SOLD } from '../wire/given.ts'
import { type Bench, interleaved } from './measure.ts'

const AUTHORS = 10
/** Each in a frame of its own, as a stall writes it. */
const SALES = 1_000
const ROUNDS = 5
const BATCH_BYTES = 64 << 10
/** Room for answers, heads and digests beside the entries' own bytes. */
const WIRE_MAX = 1.05

/** From one stall's disk to another's: read, sent, checked and durable. */
export const replicate: Bench = {
  name: 'replicate',
  run: async () => {
    const dir = await mkdtemp(path(tmpdir(), 'replicate-'))
    const from = await open(dir, 'from')
    const frames = sales()
    for (let at = 0; at < frames.length; at += 500) await from.keep(frames.slice(at, at + 500))
    const bytes = frames.flatMap(frame => decodeFrame(frame).entries)
    const entries = bytes.length
    let wire = 0
    const rates = await interleaved(ROUNDS, {
      ours: async round => {
        const to = await open(dir, `to-${round}`)
        const started = performance.now()
        wire = await replicateTo(from, to)
        const seconds = (performance.now() - started) / 1_000
        await to.close()
        return entries / seconds
      },
      written: round => writeRate(path(dir, `written-${round}`), bytes)
    })
    await from.close()
    await rm(dir, { recursive: true })
    const size = bytes.reduce((all, entry) => all + entry.length, 0)
    return [
      {
        what: 'sealed sales replicated, checked and durable / only written',
        unit: '/s',
        ours: rates.ours,
        peer: rates.written
      },
      {
        what: 'bytes on the wire a sealed sale / of the entry itself',
        unit: 'B',
        ours: wire / entries,
        peer: size / entries,
        target: { of: 'ratio', atMost: WIRE_MAX }
      }
    ]
  }
}

const market = testMarket('bench')

const open = (dir: string, name: string): Promise<Held> =>
  openHeld({
    marketKey: verifyingKey(market.key.publicKey),
    isOwn: () => false,
    whenQuiet: async () => {},
    segments: segmentsIn(path(dir, name), path(dir, 'quarantine'))
  })

function sales(): Uint8Array[] {
  return Array.from({ length: AUTHORS }, (_, index) => {
    const by = author({ market, stall: `s${index}` })
    return [
      by.write([by.opening(OPENED_AT)]),
      ...Array.from({ length: SALES }, (_, seq) => by.write([sold(by, seq + 1)]))
    ]
  }).flat()
}

const sold = ({ log }: Author, seq: number): Entry => ({ ...SOLD, log, seq, at: OPENED_AT + seq })

async function replicateTo(from: Held, to: Held): Promise<number> {
  const [a, b] = [syncOf(from), syncOf(to)]
  const { passed, cut } = join(a, b)
  const isDone = () => [...from.sizes()].every(([log, size]) => to.sizes().get(log) === size)
  await until(isDone, 60_000)
  cut()
  await a.close()
  await b.close()
  return passed.bytes
}

/** The same bytes in the same number of writes, with nothing read, sent or checked. */
async function writeRate(dir: string, entries: readonly Uint8Array[]): Promise<number> {
  const series = await openSeries({ dir, end: { segment: 1, offset: 0 } })
  const started = performance.now()
  let batch: Uint8Array[] = []
  let bytes = 0
  for (const entry of entries) {
    batch.push(entry)
    bytes += entry.length
    if (bytes < BATCH_BYTES) continue
    await series.append(Buffer.concat(batch))
    batch = []
    bytes = 0
  }
  const seconds = (performance.now() - started) / 1_000
  await series.close()
  return entries.length / seconds
}
