import type { Command } from '../../node/core/command.ts'
import type { Entry } from '../../node/core/entry.ts'
import type { Id, LogId } from '../../node/core/id.ts'
import type { PreviousLog } from '../../node/core/log.ts'
import { Fault, type Frames, type Wanted } from '../../node/core/ports.ts'
import { isRefusal } from '../../node/core/refusal.ts'
import { money } from '../../node/core/sell/money.ts'
import { decide, emptyStall, fold } from '../../node/core/stall.ts'
import type { Stall } from '../../node/core/state.ts'
import { type HeldOptions, openHeld } from '../../node/ledger/held.ts'
import { mergeFrom } from '../../node/ledger/merge.ts'
import type { Series, Spot } from '../../node/ledger/segment.ts'
import { shelfOf } from '../../node/ledger/shelf.ts'
import { type MeshSync, openMeshSync } from '../../node/mesh/sync.ts'
import { openEntry, readEntry } from '../../node/wire/entry.ts'
import { decodeFrame, type Frame } from '../../node/wire/frame.ts'
import { type Author, author, type TestMarket } from '../mesh/author.ts'
import type { Disk } from './disk.ts'
import type { Member } from './network.ts'
import type { WorldTime } from './time.ts'

/** A sale that somebody was told is booked: from then on it must never be lost. */
export interface Acknowledged {
  readonly sale: Id
  readonly log: LogId
  readonly seq: number
  readonly contentKey: Uint8Array
}

/**
 * A stall of the world: the real core, frames, held series and sync, over a simulated card and
 * network. The loop and the own series are a short model of `node.ts` and `ledger.ts`, which have
 * tests of their own on real disks: every power cut and every failed write begins a new log.
 */
export interface WorldStall extends Member {
  readonly boot: () => Promise<void>
  /** Power off, in the middle of whatever is under way. */
  readonly crash: () => void
  readonly isUp: () => boolean
  /** Takes a sale; it counts when it is acknowledged, or not at all. */
  readonly sell: (sale: Id) => void
  readonly disk: Disk
  readonly frames: () => Frames | undefined
  readonly sync: () => MeshSync | undefined
  /** All that was acknowledged, whatever became of the stall since. */
  readonly acknowledged: readonly Acknowledged[]
  readonly state: () => Stall
  /** How many logs its device has begun. */
  readonly counter: () => number
}

export interface WorldStallOptions {
  /** On the network; of a copied card not the one that is in its certificate. */
  readonly name: string
  readonly stall?: string
  /** Where a copied card goes on counting. */
  readonly counter?: number
  readonly market: TestMarket
  readonly time: WorldTime
  readonly random: () => number
  readonly disk: Disk
  readonly admission: Pick<HeldOptions, 'marketKey' | 'isSigned' | 'verifyOpened'>
  /** How wrong the wall clock is. */
  readonly wallOffsetMs: number
  readonly versions?: { readonly oldest: number; readonly newest: number }
  readonly onGrown?: (growth: Growth) => void
}

/** A log is longer here, durably. */
export interface Growth {
  readonly log: LogId
  readonly from: number
  readonly size: number
  /** At the stall that writes it. */
  readonly isOwn: boolean
}

interface Boot {
  readonly own: OwnBooks
  readonly series: Series
  readonly sync: MeshSync
  readonly frames: Frames
  author: Author
  stall: Stall
  queue: Id[]
  underWay: Promise<void> | undefined
}

/** Own frames by log, in their order. */
type OwnBooks = Map<LogId, Frame[]>

interface State extends WorldStallOptions {
  readonly acknowledged: Acknowledged[]
  counter: number
  boots: number
  boot: Boot | undefined
}

export function openStall(options: WorldStallOptions): WorldStall {
  const state: State = {
    ...options,
    counter: options.counter ?? 0,
    acknowledged: [],
    boots: 0,
    boot: undefined
  }
  return {
    name: options.name,
    disk: options.disk,
    acknowledged: state.acknowledged,
    isUp: () => state.boot !== undefined,
    frames: () => state.boot?.frames,
    sync: () => state.boot?.sync,
    state: () => state.boot?.stall ?? emptyStall,
    counter: () => state.counter,
    boot: () => boot(state),
    crash: () => {
      state.boot = undefined
      state.boots++
      state.disk.crash()
    },
    link: link => state.boot?.sync.link(link),
    sell: sale => {
      const { boot } = state
      if (!boot) return
      boot.queue.push(sale)
      void turn(state, boot)
    }
  }
}

const TERMS: Command = {
  type: 'setTerms',
  terms: {
    ...emptyStall.terms,
    stallName: 'Soup',
    taxClasses: [{ id: 'food', name: 'Food', ratePpm: 70_000, isInclusive: true }]
  }
}

async function boot(state: State): Promise<void> {
  const { disk, time, random, admission, versions } = state
  const boots = state.boots
  const { own, previous, end, stall } = await readOwn(state)
  const series = await disk.series('own').open(end.at, end.tail)
  const whenQuiet = async () => {
    while (state.boot?.underWay) await state.boot.underWay
  }
  const segments = disk.series('held')
  const isOwn = (log: LogId) => state.boot?.author.log === log
  const held = await openHeld({ ...admission, segments, isOwn, whenQuiet })
  const frames = shelfOf(framesOf(own, isOwn), held)
  // It crashed again while it started.
  if (boots !== state.boots) return
  state.counter++
  const next = authorOf(state, { counter: state.counter, previous })
  const sync = openMeshSync({
    frames,
    isOwn,
    now: time.now,
    startTimer: (ms, run) => time.startTimer(ms, () => boots === state.boots && run()),
    random,
    session: state.counter << 20,
    ...(versions && { versions }),
    onKept: kept => {
      for (const { log, from, size } of kept) state.onGrown?.({ log, from, size, isOwn: false })
    }
  })
  state.boot = { own, series, sync, frames, author: next, stall, queue: [], underWay: undefined }
}

/** What the card gives back of the stall's own books, whole frames only. */
async function readOwn({ disk, market, name, stall, counter }: State) {
  const own: OwnBooks = new Map()
  const keys = new Map<LogId, Uint8Array>()
  for (let number = 1; number <= counter; number++) {
    // A copied card holds logs of the stall that it was copied from as well.
    for (const bootId of [name, stall ?? name]) {
      const { log, contentKey } = author({ market, stall: stall ?? name, counter: number, bootId })
      keys.set(log, contentKey)
    }
  }
  let previous: PreviousLog | null = null
  let books = emptyStall
  const end: { at: Spot; tail: { from: number; to: number } | undefined } = {
    at: { segment: 1, offset: 0 },
    tail: undefined
  }
  for await (const segment of disk.series('own').scan()) {
    for (const { bytes } of segment.found) {
      const frame = decodeFrame(bytes)
      own.set(frame.log, [...(own.get(frame.log) ?? []), frame])
      previous = { log: frame.log, size: frame.size, root: frame.root }
      for (const each of frame.entries) {
        const entry = openEntry(readEntry(each), keys.get(frame.log))
        if (entry) books = fold(books, entry)
      }
    }
    end.at = { segment: segment.segment, offset: segment.end }
    end.tail = segment.tail
  }
  return { own, previous, end, stall: books }
}

/** Decides what waits, writes it once, then folds, answers and tells the peers. */
async function turn(state: State, boot: Boot): Promise<void> {
  if (boot.underWay || boot.queue.length === 0) return
  let isOver = () => {}
  boot.underWay = new Promise(resolve => {
    isOver = resolve
  })
  const sales = boot.queue.splice(0)
  const writer = boot.author.copy()
  const { entries, stall } = decideAll(state, boot, writer, sales)
  const from = writer.end().size
  const bytes = writer.write(entries)
  try {
    if (boot.series.isBroken()) await boot.series.renew()
    await boot.series.append(bytes)
    const frame = decodeFrame(bytes)
    boot.own.set(writer.log, [...(boot.own.get(writer.log) ?? []), frame])
    boot.author = writer
    boot.stall = stall
    acknowledge(state, writer, entries)
    boot.sync.wrote({ log: writer.log, from, size: frame.size, bytes })
    state.onGrown?.({ log: writer.log, from, size: frame.size, isOwn: true })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    // What the card holds of a log is unsure after a write that was cut short: a new one begins.
    if (boot.series.isBroken()) renew(state, boot)
  }
  boot.underWay = undefined
  isOver()
  await turn(state, boot)
}

/** Each boot has keys of its own, which are on no card: a copy writes logs of its own. */
const authorOf = (
  { market, name, stall = name }: State,
  about: { readonly counter: number; readonly previous: PreviousLog | null }
): Author => author({ market, stall, bootId: name, ...about })

function renew(state: State, boot: Boot): void {
  const frames = boot.own.get(boot.author.log)
  const last = frames?.at(-1)
  const previous = last ? { log: last.log, size: last.size, root: last.root } : null
  state.counter++
  boot.author = authorOf(state, { counter: state.counter, previous })
}

function decideAll(
  { time, wallOffsetMs }: State,
  boot: Boot,
  { log, end, opening }: Author,
  sales: readonly Id[]
): { readonly entries: readonly Entry[]; readonly stall: Stall } {
  const at = Math.max(boot.stall.at, Math.floor(WALL + time.now() + wallOffsetMs))
  let { stall } = boot
  const entries: Entry[] = end().size === 0 ? [opening(at)] : []
  for (const entry of entries) stall = fold(stall, entry)
  const commands = stall.terms.stallName === '' ? [TERMS] : []
  for (const command of [...commands, ...sales.map(saleOf)]) {
    const made = decide(stall, command, { log, seq: end().size + entries.length, at })
    if (isRefusal(made)) continue
    entries.push(...made)
    stall = made.reduce(fold, stall)
  }
  return { entries, stall }
}

const WALL = Date.UTC(2026, 10, 22, 18)

const saleOf = (sale: Id): Command => ({
  type: 'sell',
  sale,
  lines: [{ sku: null, name: 'Soup', quantity: 1, unitPrice: money(250), taxClass: 'food' }],
  tenders: [{ method: 'cash', amount: money(250) }]
})

function acknowledge({ acknowledged }: State, by: Author, entries: readonly Entry[]): void {
  for (const { log, seq, ...fact } of entries) {
    if (fact.type !== 'sold') continue
    acknowledged.push({ sale: fact.sale, log, seq, contentKey: by.contentKey })
  }
}

const framesOf = (own: OwnBooks, isWriting: (log: LogId) => boolean) => ({
  sizes: () => new Map([...own].map(([log, frames]) => [log, frames.at(-1)?.size ?? 0])),
  isWriting,
  read: async ({ log, from, bytesMax }: Wanted) => {
    const merging = mergeFrom(from, bytesMax)
    for (const frame of own.get(log) ?? []) if (!merging.add(frame)) break
    return merging.frame()
  }
})
