import type { Command } from './core/command.ts'
import type { Entry, EntryOf } from './core/entry.ts'
import type { Id } from './core/id.ts'
import {
  Fault,
  type Health,
  type Outcome,
  type ReadClocks,
  type Store,
  type Submit,
  type Turn,
  type TurnListener
} from './core/ports.ts'
import { isRefusal, type Refusal } from './core/refusal.ts'
import { entryBytesAtMost } from './core/size.ts'
import { decide, fold } from './core/stall.ts'
import type { Stall } from './core/state.ts'
import { get } from './core/table.ts'
import {
  type Clock,
  clockAt,
  clockDrift,
  followWall,
  isWallBehind,
  isWallFarAhead,
  STEP_MS_MIN
} from './core/time.ts'

/** Commands that may wait for a turn; the next one is told "busy". */
export const QUEUE_MAX = 1_000
/** Entries and lines in one turn: a few ms of deciding. */
const TURN_WEIGHT_MAX = 1_000
/** A frame of 1 MiB without its own head. Weighed before anything is signed. */
const TURN_BYTES_MAX = 1_048_576 - 512
/** What nobody waits for may wait itself for a sale to ride with, and so save a flush. */
const RIDE_MS_MAX = 1_000
const RIDERS: ReadonlySet<Command['type']> = new Set([
  'recordPrint',
  'countFootfall',
  'recordEnergy'
])

export interface Node {
  readonly submit: Submit
  readonly listen: (listener: TurnListener) => () => void
  readonly stall: () => Stall
  /** A sale as it was booked, however old; undefined for one that this disk cannot read. */
  readonly readSold: (sale: Id) => Promise<EntryOf<'sold'> | undefined>
  readonly health: () => readonly Health[]
  /** Settles when everything that was submitted is answered and the store is closed. */
  readonly close: () => Promise<void>
}

interface Waiting {
  readonly command: Command
  readonly answer: (outcome: Outcome) => void
}

/** The only state of a node that changes; nothing outside this file can reach it. */
interface Loop {
  readonly store: Store
  readonly readClocks: ReadClocks
  readonly listeners: Set<TurnListener>
  stall: Stall
  clock: Clock
  queue: Waiting[]
  isTurning: boolean
  isClosing: boolean
  /** What the last write died of; no more is decided until a new log is open. */
  fault: Fault | null
  /** Runs while print outcomes wait for a sale to ride with. */
  riders: NodeJS.Timeout | undefined
  onIdle: (() => void)[]
}

/**
 * The one loop. Commands wait in a queue; a turn decides a batch of them in order, makes one
 * durable write, folds, answers, and tells the listeners. Nothing leaves before it is durable.
 */
export function startNode(options: {
  readonly store: Store
  readonly stall: Stall
  readonly readClocks: ReadClocks
}): Node {
  const loop: Loop = {
    ...options,
    clock: startAfter(options.stall.at, options.readClocks),
    listeners: new Set(),
    queue: [],
    isTurning: false,
    isClosing: false,
    fault: null,
    riders: undefined,
    onIdle: []
  }
  return {
    submit: command => submit(loop, command),
    stall: () => loop.stall,
    readSold: sale => readSold(loop, sale),
    listen: listener => {
      loop.listeners.add(listener)
      return () => loop.listeners.delete(listener)
    },
    health: () => [clockHealth(loop), ledgerHealth(loop.fault)],
    close: () => close(loop)
  }
}

function submit(loop: Loop, command: Command): Promise<Outcome> {
  if (loop.isClosing || loop.queue.length >= QUEUE_MAX) return Promise.resolve({ refused: 'busy' })
  return new Promise(answer => {
    loop.queue.push({ command, answer })
    if (RIDERS.has(command.type)) loop.riders ??= setTimeout(turn, RIDE_MS_MAX, loop)
    else void turn(loop)
  })
}

/** The newest sales are in memory; only an old one is read from the disk. */
async function readSold({ stall, store }: Loop, sale: Id): Promise<EntryOf<'sold'> | undefined> {
  const recent = stall.recent.findLast(sold => sold.sale === sale)
  if (recent) return recent
  const place = get(stall.sales, sale)
  const entry = place && (await store.read(place))
  return entry?.type === 'sold' ? entry : undefined
}

async function turn(loop: Loop): Promise<void> {
  if (loop.isTurning) return
  loop.isTurning = true
  clearTimeout(loop.riders)
  loop.riders = undefined
  while (loop.queue.length > 0) await takeTurn(loop)
  loop.isTurning = false
  for (const settle of loop.onIdle.splice(0)) settle()
}

async function takeTurn(loop: Loop): Promise<void> {
  if (loop.store.isBroken() && !(await renew(loop))) {
    const { fault } = loop
    for (const { answer } of loop.queue.splice(0)) answer(fault ? { fault } : { refused: 'busy' })
    return
  }
  const decided = decideBatch(loop)
  loop.queue = loop.queue.slice(decided.waiting.length)
  try {
    if (decided.entries.length > 0) await loop.store.append(decided.entries)
  } catch (error) {
    const fault = asFault(error)
    loop.fault = fault
    for (const { answer } of decided.waiting) answer({ fault })
    return
  }
  if (decided.entries.length > 0) loop.fault = null
  loop.clock = decided.clock
  tell(loop, decided)
  for (const answer of decided.answers) answer()
}

/** A failed write leaves the old log's end unsure: nothing is decided before a new one is open. */
async function renew(loop: Loop): Promise<boolean> {
  try {
    const opened = await loop.store.renew()
    loop.fault = null
    tell(loop, { stall: fold(loop.stall, opened), entries: [opened] })
    return true
  } catch (error) {
    loop.fault = asFault(error)
    return false
  }
}

/** A listener that throws is a bug and ends the process, as bugs do. */
function tell(loop: Loop, turn: Turn): void {
  loop.stall = turn.stall
  if (turn.entries.length === 0) return
  for (const listener of loop.listeners) listener({ entries: turn.entries, stall: turn.stall })
}

async function close(loop: Loop): Promise<void> {
  loop.isClosing = true
  const isIdle = new Promise<void>(settle => loop.onIdle.push(settle))
  void turn(loop)
  await isIdle
  await loop.store.close()
}

interface Decided extends Turn {
  readonly answers: readonly (() => void)[]
  readonly waiting: readonly Waiting[]
  readonly clock: Clock
}

/** Takes as many waiting commands as one frame surely holds, and decides them in order. */
function decideBatch(loop: Loop): Decided {
  const { queue, store } = loop
  const reading = loop.readClocks()
  const drift = clockDrift(loop.clock, reading)
  const isTooFar = isWallTooFar(loop, drift)
  const clock = isTooFar ? loop.clock : followWall(loop.clock, reading)
  const place = store.end()
  // A log that was renewed just now may have begun in a later millisecond than this clock's.
  const at = Math.max(loop.stall.at, clockAt(clock, reading))
  const isTimeUnsure = isTooFar || isWallBehind(drift)
  let stall = loop.stall
  const entries: Entry[] = []
  const answers: (() => void)[] = []
  let bytes = 0
  /** Null for what this turn's frame may not hold any more. */
  const add = (command: Command): readonly Entry[] | Refusal | null => {
    const made = decide(stall, command, {
      ...place,
      seq: place.seq + entries.length,
      at,
      isTimeUnsure
    })
    if (isRefusal(made)) return made
    const more = made.reduce((all, entry) => all + entryBytesAtMost(entry), 0)
    if (entries.length > 0 && bytes + more > TURN_BYTES_MAX) return null
    bytes += more
    stall = made.reduce(fold, stall)
    entries.push(...made)
    return made
  }
  if (drift >= STEP_MS_MIN && !isTooFar) {
    add({ type: 'stepClock', monoMs: Math.floor(reading.monoMs), stepMs: drift })
  }
  let weight = 0
  let taken = 0
  while (taken < queue.length && weight < TURN_WEIGHT_MAX) {
    const waiting = queue[taken]
    const made = waiting && add(waiting.command)
    if (!made) break
    taken++
    answers.push(() => waiting.answer(isRefusal(made) ? made : { entries: made }))
    weight += isRefusal(made) ? 1 : made.reduce((all, entry) => all + weightOf(entry), 1)
  }
  return { answers, waiting: queue.slice(0, taken), entries, stall, clock }
}

const weightOf = (entry: Entry): number => ('lines' in entry ? 1 + entry.lines.length : 1)

/**
 * One jump ahead that is taken back later would leave every receipt of a log in the future. Before
 * the log's first receipt it is followed all the same: a box without a battery learns the time a
 * minute after it starts.
 */
const isWallTooFar = ({ stall }: Loop, driftMs: number): boolean =>
  stall.log.receipts > 0 && isWallFarAhead(driftMs)

/**
 * A start is a person's word that the wall is right, however far ahead. One that stands before the
 * newest entry is not believed: time goes on from there, in a ledger that ends in the far future
 * too, for going back would need a new log that says so.
 */
function startAfter(at: number, readClocks: ReadClocks): Clock {
  const { wallMs, monoMs } = readClocks()
  return { offsetMs: Math.max(wallMs, at) - monoMs }
}

/** Anything but a fault is a bug: it must not be taken for a disk's trouble. */
function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  throw error
}

function clockHealth(loop: Loop): Health {
  const driftMs = clockDrift(loop.clock, loop.readClocks())
  if (isWallTooFar(loop, driftMs)) {
    return {
      name: 'clock',
      state: 'degraded',
      sentence: `The box's clock jumped ${spanText(driftMs)} ahead. Receipts keep the old time.`,
      fix: 'If the new time is right, restart the stall; if not, set the clock.'
    }
  }
  if (!isWallBehind(driftMs)) {
    return { name: 'clock', state: 'up', sentence: 'Clock runs', fix: '' }
  }
  const span = spanText(-driftMs)
  return {
    name: 'clock',
    state: 'degraded',
    sentence: `The box's clock is ${span} behind the last sale. Receipts keep the later time.`,
    fix: 'Set the clock, or let the box reach the internet once.'
  }
}

function spanText(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return `${Math.round(ms / 1_000)} s`
  if (minutes < 180) return `${minutes} min`
  return minutes < 4_320 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} days`
}

const ledgerHealth = (fault: Fault | null): Health =>
  fault
    ? { name: 'ledger', state: 'down', sentence: fault.message, fix: fault.fix }
    : { name: 'ledger', state: 'up', sentence: 'Every sale is safe on disk', fix: '' }
