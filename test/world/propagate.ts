import { chance } from '../../drivers/sim/chance.ts'
import type { Id, LogId } from '../../node/core/id.ts'
import { rowsOf } from '../../node/core/share/vector.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import { bytesFrom, testMarket } from '../mesh/author.ts'
import { openDisk } from './disk.ts'
import { openNetwork, type Sent } from './network.ts'
import { once } from './once.ts'
import { type Growth, openStall, type WorldStall } from './stall.ts'
import { openTime } from './time.ts'

/** What a market of many stalls does with its news, in simulated time. */
export interface Propagation {
  readonly sales: number
  /** From a sale's answer until another stall has it durably, each pair of both. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Every sale, its packets' headers and the digests that fell into that time. */
  readonly bytesPerSale: number
  readonly messagesPerSale: number
  readonly bytesByKind: Readonly<Record<string, number>>
  /** Share of all pairs that were reached in the end. */
  readonly reached: number
}

export interface Market {
  readonly seed: number
  readonly stalls: number
  /** Links of a stall: one to the next in a ring, the others by chance. */
  readonly degree: number
  readonly delayMs: number
  readonly writeMs: number
}

/** MQTT, TLS and TCP/IP around a message: `ledger.md` 3.3 counts as much. */
export const PACKET_BYTES = 60

export interface LargeMarket {
  readonly stalls: readonly WorldStall[]
  /** Lets the stalls sell for a while at random moments; `everyMs` is between two of one stall. */
  readonly sellFor: (ms: number, everyMs: number) => Promise<Propagation>
  /** Cuts the market in two halves, or joins them. */
  readonly split: (isSplit: boolean) => void
  readonly pass: (ms: number) => Promise<void>
  readonly sent: () => Sent
  readonly isAgreed: () => boolean
  /** What all stalls together lack of what any of them holds, in as few frames as there can be. */
  readonly missingBytes: () => Promise<number>
}

/** Starts a market in which each stall has sold once, and all know of all. */
export async function openLargeMarket(about: Market): Promise<LargeMarket> {
  const random = chance(about.seed)
  const time = openTime()
  const network = openNetwork({ time, random, delayMs: () => about.delayMs })
  const market = testMarket('here')
  const admission = { marketKey: verifyingKey(market.key.publicKey), ...once() }
  const grown = openLedgerOfGrowth(() => time.now())
  const stalls = Array.from({ length: about.stalls }, (_, index) => {
    const { writeMs } = about
    const disk = openDisk({ startTimer: time.startTimer, random, writeMs })
    const onGrown = grown.note
    const name = `s${index}`
    return openStall({ name, market, time, random, disk, admission, wallOffsetMs: 0, onGrown })
  })
  for (const [a, b] of links(about, random)) {
    const [first, second] = [stalls[a], stalls[b]]
    if (first && second) network.connect(first, second)
  }
  let sales = 0
  const sell = (stall: WorldStall | undefined) =>
    stall?.sell(bytesFrom('sale', sales++).toString('hex', 0, 16) as Id)
  for (const stall of stalls) await stall.boot()
  for (const stall of stalls) sell(stall)
  await time.pass(60_000)
  return {
    stalls,
    pass: time.pass,
    sent: network.sent,
    split: isSplit => {
      const half = about.stalls / 2
      const isLow = (name: string) => Number(name.slice(1)) < half
      if (isSplit) network.part((a, b) => isLow(a) !== isLow(b), false)
      else network.heal()
    },
    isAgreed: () => new Set(stalls.map(holdings)).size === 1,
    missingBytes: () => missingBytes(stalls),
    sellFor: async (ms, everyMs) => {
      const before = network.sent()
      grown.clear()
      const end = time.now() + ms
      const next = (stall: WorldStall) => {
        time.startTimer(-Math.log(1 - random()) * everyMs, () => {
          if (time.now() > end) return
          sell(stall)
          next(stall)
        })
      }
      for (const stall of stalls) next(stall)
      await time.pass(ms + 15_000)
      return measured(grown, { stalls: about.stalls, before, after: network.sent() })
    }
  }
}

/** A ring, and links by chance until each has its degree or one more. */
function links({ stalls, degree }: Market, random: () => number): readonly [number, number][] {
  const near = Array.from({ length: stalls }, () => new Set<number>())
  const all: [number, number][] = []
  const join = (a: number, b: number) => {
    if (a === b || near[a]?.has(b)) return
    near[a]?.add(b)
    near[b]?.add(a)
    all.push([a, b])
  }
  for (let index = 0; index < stalls; index++) join(index, (index + 1) % stalls)
  for (let index = 0; index < stalls; index++) {
    while ((near[index]?.size ?? 0) < degree) {
      const other = Math.floor(random() * stalls)
      if ((near[other]?.size ?? 0) < degree + 2) join(index, other)
    }
  }
  return all
}

async function missingBytes(stalls: readonly WorldStall[]): Promise<number> {
  const holders = new Map<LogId, WorldStall>()
  const sizeAt = (stall: WorldStall | undefined, log: LogId) =>
    stall?.frames()?.sizes().get(log) ?? 0
  for (const stall of stalls) {
    for (const [log, size] of stall.frames()?.sizes() ?? []) {
      if (size > sizeAt(holders.get(log), log)) holders.set(log, stall)
    }
  }
  let bytes = 0
  for (const [log, holder] of holders) {
    for (const stall of stalls) {
      const from = sizeAt(stall, log)
      const frame = await holder.frames()?.read({ log, from, bytesMax: 512 << 10 })
      bytes += frame?.length ?? 0
    }
  }
  return bytes
}

const holdings = (stall: WorldStall): string =>
  JSON.stringify(rowsOf(stall.frames()?.sizes() ?? new Map()))

/** When each log came to each size, at its writer first and then everywhere. */
function openLedgerOfGrowth(now: () => number) {
  const bornAt = new Map<string, number>()
  const delays: number[] = []
  return {
    note: ({ log, from, size, isOwn }: Growth) => {
      // A frame of several entries is one piece of news at its writer, and parts of many elsewhere.
      if (isOwn) bornAt.set(`${log} ${size}`, now())
      else {
        for (let end = from + 1; end <= size; end++) {
          const born = bornAt.get(`${log} ${end}`)
          if (born !== undefined) delays.push(now() - born)
        }
      }
    },
    clear: () => {
      bornAt.clear()
      delays.length = 0
    },
    born: () => bornAt.size,
    delays: () => delays.toSorted((a, b) => a - b)
  }
}

function measured(
  grown: ReturnType<typeof openLedgerOfGrowth>,
  { stalls, before, after }: { readonly stalls: number; readonly before: Sent; after: Sent }
): Propagation {
  const delays = grown.delays()
  const sales = grown.born()
  const at = (part: number) => delays[Math.max(0, Math.ceil(part * delays.length) - 1)] ?? 0
  const perSale = (total: number) => total / stalls / sales
  const messages = after.messages - before.messages
  const bytes = after.bytes - before.bytes + messages * PACKET_BYTES
  return {
    sales,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    bytesPerSale: perSale(bytes),
    messagesPerSale: perSale(messages),
    bytesByKind: Object.fromEntries(
      Object.entries(after.bytesByKind).map(([kind, total]) => [
        kind,
        perSale(total - (before.bytesByKind[kind] ?? 0))
      ])
    ),
    reached: delays.length / (sales * (stalls - 1))
  }
}
