import type {
  Outcome,
  Printer,
  PrintingView,
  PrintJob,
  PrintOutcome,
  Submit,
  TurnListener
} from '../../node/core/ports.ts'
import { isRefusal } from '../../node/core/refusal.ts'
import type { DueReceipt, RecordPrint } from '../../node/core/sell/print.ts'
import type { Receipt } from '../../node/core/sell/receipt.ts'
import type { Stall } from '../../node/core/state.ts'
import { startTimer as realTimer, type StartTimer } from '../timer.ts'

export interface PrintQueue {
  /** To be given every turn of the loop. */
  readonly onTurn: TurnListener
  readonly view: () => PrintingView
  /** Told after each change of what `view` shows. */
  readonly onChange: (listener: () => void) => () => void
  /** Closes the printer too, for a job may be waiting for paper. */
  readonly close: () => Promise<void>
}

/** Makes the document; undefined when this disk no longer holds the sale. Never rejects. */
type ReceiptFor = (sale: string, copy: number) => Promise<Receipt | undefined>

const RETRY_MS_MIN = 500
const RETRY_MS_MAX = 5_000
const PROBE_MS = 2_000
/** Nothing is missed without this; it only bounds the wait. */
const IDLE_MS = 60_000

/**
 * Prints what `stall.due` asks for, oldest first, one at a time. It keeps nothing: what is due
 * stands in the ledger, at most DUE_MAX of it. What was due already at the start may have come
 * out before the stop, so it is never printed by itself; the keeper is asked. The keeper answers
 * with `recordPrint` (seen, skipped) or `requestCopy` as everyone does, and the next turn tells.
 */
export function openPrintQueue(options: {
  readonly printer: Printer
  readonly stall: Stall
  readonly receiptFor: ReceiptFor
  readonly submit: Submit
  readonly startTimer?: StartTimer
}): PrintQueue {
  const { printer, stall, startTimer = realTimer } = options
  const listeners = new Set<() => void>()
  const bell = openBell(startTimer)
  let due = stall.due
  const queue: Queue = {
    ...options,
    jobs: followDue([], stall, 'unknown'),
    isClosed: false,
    pause: bell.wait,
    show: () => {
      for (const listener of [...listeners]) listener()
    }
  }
  const stopWatch = watchHealth({ queue, startTimer, onReady: bell.ring })
  const working = work(queue)
  return {
    onTurn: turn => {
      if (turn.stall.due === due) return
      due = turn.stall.due
      queue.jobs = followDue(queue.jobs, turn.stall, 'waiting')
      queue.show()
      bell.ring()
    },
    view: () => ({ health: printer.health(), jobs: queue.jobs.filter(isOpenJob).map(viewOf) }),
    onChange: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {
      queue.isClosed = true
      stopWatch()
      bell.ring()
      await printer.close()
      await working
    }
  }
}

interface Queue {
  readonly printer: Printer
  readonly receiptFor: ReceiptFor
  readonly submit: Submit
  readonly show: () => void
  /** Waits so long, or until there is news. */
  readonly pause: (ms: number) => Promise<void>
  jobs: readonly QueuedJob[]
  isClosed: boolean
}

interface QueuedJob extends DueReceipt {
  readonly number: string
  state: PrintJob['state']
  /** How it ended. */
  outcome?: RecordPrint['outcome']
  /** The ledger has the outcome; the turn that ends the job is on its way. */
  isRecorded?: true
}

const isOpenJob = (job: QueuedJob) => job.outcome === undefined

const viewOf = ({ sale, number, copy, state }: QueuedJob): PrintJob => ({
  sale,
  number,
  copy,
  state
})

/**
 * Keeps the jobs that are still due as they are and adds the new ones behind them. Asking for a
 * copy of a receipt that nobody is sure of answers the question about it.
 */
function followDue(
  jobs: readonly QueuedJob[],
  stall: Stall,
  state: 'waiting' | 'unknown'
): QueuedJob[] {
  const known = new Map(jobs.map(job => [`${job.sale} ${job.copy}`, job]))
  const newest = new Map(stall.due.map(({ sale, copy }) => [sale, copy]))
  const followed = stall.due.map((due): QueuedJob => {
    const number = () => stall.recent.findLast(({ sale }) => sale === due.sale)?.number ?? ''
    return known.get(`${due.sale} ${due.copy}`) ?? { ...due, number: number(), state }
  })
  for (const job of followed) {
    const isReplaced = (newest.get(job.sale) ?? 0) > job.copy
    if (isReplaced && job.state === 'unknown') job.outcome ??= 'skipped'
  }
  return followed
}

/** The one loop: says how jobs ended and prints the oldest that waits. */
async function work(queue: Queue): Promise<void> {
  let retryMs = RETRY_MS_MIN
  while (!queue.isClosed) {
    const job = queue.jobs.find(isWorkable)
    if (job === undefined) {
      await queue.pause(IDLE_MS)
      continue
    }
    const isDone = job.outcome ? await record(queue, job) : await printJob(queue, job)
    if (isDone) {
      retryMs = RETRY_MS_MIN
    } else if (!queue.isClosed) {
      await queue.pause(retryMs)
      retryMs = Math.min(2 * retryMs, RETRY_MS_MAX)
    }
  }
}

const isWorkable = (job: QueuedJob) =>
  job.isRecorded === undefined && (job.outcome !== undefined || job.state === 'waiting')

/** False: nothing came out and the job waits on. */
async function printJob(queue: Queue, job: QueuedJob): Promise<boolean> {
  const enter = (state: PrintJob['state']) => {
    job.state = state
    queue.show()
  }
  enter('printing')
  const receipt = await queue.receiptFor(job.sale, job.copy)
  const outcome: PrintOutcome | undefined = receipt && (await queue.printer.print(receipt))
  if (outcome?.state === 'printed' || outcome?.state === 'sent') {
    job.outcome = outcome.state
    queue.show()
    return true
  }
  // Half a receipt, perhaps a whole one, or no document to print: a person has to look.
  enter(outcome?.state === 'not-started' ? 'waiting' : 'unknown')
  return job.state !== 'waiting'
}

/** False: the loop could not take it now. */
async function record(queue: Queue, job: QueuedJob): Promise<boolean> {
  const { sale, copy, outcome } = job
  if (outcome === undefined) throw new Error(`No outcome to record for ${sale}`)
  const answer: Outcome = await queue.submit({ type: 'recordPrint', sale, copy, outcome })
  // Another refusal than "busy" means that it is recorded already, by the keeper for one.
  const isTaken = isRefusal(answer) ? answer.refused !== 'busy' : !('fault' in answer)
  if (isTaken) job.isRecorded = true
  return isTaken
}

/** Looks after the printer while it is idle and tells of every change in what it says. */
function watchHealth(options: {
  readonly queue: Queue
  readonly startTimer: StartTimer
  readonly onReady: () => void
}): () => void {
  const { queue, startTimer } = options
  let seen = JSON.stringify(queue.printer.health())
  let stop = () => {}
  const look = async () => {
    const health = await queue.printer.probe()
    if (queue.isClosed) return
    const now = JSON.stringify(health)
    if (now !== seen) {
      queue.show()
      if (health.state !== 'down' && health.state !== 'absent') options.onReady()
    }
    seen = now
    stop = startTimer(PROBE_MS, () => void look())
  }
  void look()
  return () => stop()
}

/** A ring that nobody waits for is kept for the next wait, so no news is slept through. */
function openBell(startTimer: StartTimer) {
  let isRung = false
  let wake = () => {}
  return {
    ring: () => {
      isRung = true
      wake()
    },
    wait: async (ms: number) => {
      if (!isRung) {
        await new Promise<void>(resolve => {
          const stop = startTimer(ms, resolve)
          wake = () => {
            stop()
            resolve()
          }
        })
      }
      isRung = false
    }
  }
}
