import type { Command } from './core/command.ts'
import type { Entry, EntryOf } from './core/entry.ts'
import {
  Fault,
  type Health,
  type Outcome,
  type ReadClocks,
  type Store,
  type Submit,
  type TurnListener
} from './core/ports.ts'
import { isRefusal, type Refusal } from './core/refusal.ts'
import { decide, fold } from './core/stall.ts'
import type { Stall } from './core/state.ts'
import { type Clock, clockAt, clockDrift, followWall, STEP_MS_MIN } from './core/time.ts'

/** Commands that may wait for a turn; the next one is told "busy". */
export const QUEUE_MAX = 1_000
/** Entries and lines in one turn: always under one frame of 1 MiB, and a few ms of deciding. */
const TURN_WEIGHT_MAX = 1_000
/** How long the outcome of a print may wait for a sale to ride with, and so save a flush. */
const RIDE_MS_MAX = 5_000

export interface Node {
  readonly submit: Submit
  readonly listen: (listener: TurnListener) => () => void
  readonly stall: () => Stall
  readonly health: () => readonly Health[]
  /** Settles when everything that was submitted is answered and the store is closed. */
  readonly close: () => Promise<void>
}

interface Waiting {
  readonly command: Command
  readonly answer: (outcome: Outcome) => void
}

interface Decided {
  readonly answers: readonly (() => void)[]
  readonly waiting: readonly Waiting[]
  readonly entries: readonly Entry[]
  readonly stall: Stall
  readonly clock: Clock
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
  const { store, readClocks } = options
  const listeners = new Set<TurnListener>()
  let stall = options.stall
  let clock = startAfter(stall.at, readClocks)
  let queue: Waiting[] = []
  let isTurning = false
  let isBroken: Fault | null = null
  let riders: NodeJS.Timeout | undefined
  const onIdle: (() => void)[] = []

  const submit: Submit = command => {
    if (queue.length >= QUEUE_MAX) return Promise.resolve({ refused: 'busy' })
    return new Promise(answer => {
      queue.push({ command, answer })
      if (command.type === 'recordPrint') riders ??= setTimeout(turn, RIDE_MS_MAX)
      else void turn()
    })
  }

  async function turn(): Promise<void> {
    if (isTurning) return
    isTurning = true
    clearTimeout(riders)
    riders = undefined
    while (queue.length > 0) await takeTurn()
    isTurning = false
    for (const settle of onIdle.splice(0)) settle()
  }

  async function takeTurn(): Promise<void> {
    if (isBroken && !(await renew())) {
      const fault = isBroken
      for (const { answer } of queue.splice(0)) answer({ fault })
      return
    }
    const decided = decideBatch({ queue, stall, store, clock, readClocks })
    queue = queue.slice(decided.waiting.length)
    try {
      if (decided.entries.length > 0) await store.append(decided.entries)
    } catch (error) {
      isBroken = asFault(error)
      const fault = isBroken
      for (const { answer } of decided.waiting) answer({ fault })
      return
    }
    clock = decided.clock
    tell(decided.stall, decided.entries)
    for (const answer of decided.answers) answer()
  }

  /** A failed write leaves the old log's end unsure, so nothing is decided until a new one is open. */
  async function renew(): Promise<boolean> {
    try {
      const opened: EntryOf<'logOpened'> = await store.renew()
      isBroken = null
      tell(fold(stall, opened), [opened])
      return true
    } catch (error) {
      isBroken = asFault(error)
      return false
    }
  }

  function tell(next: Stall, entries: readonly Entry[]): void {
    stall = next
    if (entries.length === 0) return
    for (const listener of listeners) listener({ entries, stall })
  }

  return {
    submit,
    stall: () => stall,
    listen: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    health: () => [clockHealth(clock, readClocks), ledgerHealth(isBroken)],
    close: async () => {
      const isIdle = new Promise<void>(settle => onIdle.push(settle))
      void turn()
      await isIdle
      await store.close()
    }
  }
}

/** Takes as many waiting commands as one frame surely holds, and decides them in order. */
function decideBatch(options: {
  readonly queue: readonly Waiting[]
  readonly stall: Stall
  readonly store: Store
  readonly clock: Clock
  readonly readClocks: ReadClocks
}): Decided {
  const { queue, store } = options
  const reading = options.readClocks()
  const drift = clockDrift(options.clock, reading)
  const clock = followWall(options.clock, reading)
  const place = store.end()
  const at = clockAt(clock, reading)
  let stall = options.stall
  const entries: Entry[] = []
  const answers: (() => void)[] = []
  const add = (command: Command): readonly Entry[] | Refusal => {
    const made = decide(stall, command, { ...place, seq: place.seq + entries.length, at })
    if (isRefusal(made)) return made
    stall = made.reduce(fold, stall)
    entries.push(...made)
    return made
  }
  if (drift >= STEP_MS_MIN) {
    add({ type: 'stepClock', monoMs: Math.floor(reading.monoMs), stepMs: drift })
  }
  let weight = 0
  let taken = 0
  while (taken < queue.length && weight < TURN_WEIGHT_MAX) {
    const waiting = queue[taken++]
    if (!waiting) break
    const made = add(waiting.command)
    answers.push(() => waiting.answer(isRefusal(made) ? made : { entries: made }))
    weight += isRefusal(made) ? 1 : made.reduce((all, entry) => all + weightOf(entry), 1)
  }
  return { answers, waiting: queue.slice(0, taken), entries, stall, clock }
}

const weightOf = (entry: Entry): number => ('lines' in entry ? 1 + entry.lines.length : 1)

/** A wall clock that stands before the newest entry is not believed: time goes on from the entry. */
function startAfter(at: number, readClocks: ReadClocks): Clock {
  const { wallMs, monoMs } = readClocks()
  return { offsetMs: Math.max(wallMs, at) - monoMs }
}

/** Anything but a fault is a bug: it must not be taken for a disk's trouble. */
function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  throw error
}

function clockHealth(clock: Clock, readClocks: ReadClocks): Health {
  const behindMs = -clockDrift(clock, readClocks())
  if (behindMs < STEP_MS_MIN) return { name: 'clock', state: 'up', sentence: 'Clock runs', fix: '' }
  return {
    name: 'clock',
    state: 'degraded',
    sentence: `The box's clock is ${spanText(behindMs)} behind the last sale. Receipts keep the later time.`,
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
