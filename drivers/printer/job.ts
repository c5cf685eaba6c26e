import type { PrintFault, PrintOutcome } from '../../node/core/ports.ts'
import type { StartTimer } from '../timer.ts'
import type { PrinterModel } from './models.ts'
import { faultOf } from './status.ts'
import type { News, Talk } from './talk.ts'

export interface PrintLimits {
  /** How long a printer may think about a question. */
  readonly answerMs: number
  /** How often it is asked while it prints. */
  readonly pollMs: number
  /** How long a chunk may take to be accepted, and the last one to be on paper. */
  readonly settleMs: number
  /** How long it may be silent while it waits for paper. */
  readonly pauseMs: number
}

/** One receipt, in chunks between which the printer may be asked, with a fence behind them. */
export interface Job {
  readonly chunks: Iterable<Uint8Array>
  readonly fence: Uint8Array
  readonly fenceId: string
}

interface JobRun {
  readonly talk: Talk
  readonly model: PrinterModel
  readonly job: Job
  readonly limits: PrintLimits
  readonly startTimer: StartTimer
}

/**
 * Sends a job to a printer that is ready and waits for proof: the fence, or for a model without
 * one, the bytes being taken. A printer that can answer gets the next chunk only after it said
 * that it can print, so its buffer never fills up while it is out of paper and it always hears
 * our questions. Settles at the latest when the line is closed.
 */
export function runJob(run: JobRun): Promise<PrintOutcome> {
  if (!run.talk.isOpen()) return Promise.resolve({ state: 'not-started', fault: 'disconnected' })
  return new Promise(resolve => {
    const deadline = restartable(run.startTimer)
    const poll = restartable(run.startTimer)
    const progress: Progress = freshProgress(run.job)
    const end = (outcome: PrintOutcome) => {
      progress.isEnded = true
      deadline.stop()
      poll.stop()
      stopListening()
      resolve(outcome)
    }
    const giveUp = (why: PrintFault) => end(lost(progress, why))
    const wait = () => {
      const { pauseMs, settleMs } = run.limits
      deadline.start(progress.fault ? pauseMs : settleMs, () => giveUp('timeout'))
    }
    const ask = () => {
      run.talk.ask()
      poll.start(run.limits.pollMs, ask)
    }
    const advance = async () => {
      const isTaken = await sendNext(run, progress)
      if (!isTaken || progress.isEnded) return
      wait()
      if (progress.isSent && run.model.fence === 'none') end({ state: 'sent' })
      else if (run.model.status !== 'none') ask()
      else if (!progress.isSent) void advance()
    }
    const hearFault = (fault: PrintFault | undefined) => {
      const isPaused = progress.fault !== undefined || fault !== undefined
      progress.fault = fault
      if (isPaused) wait()
      if (fault === undefined && !progress.isSending && !progress.isSent) void advance()
    }
    const stopListening = run.talk.listen(news => {
      if (news.news === 'closed') giveUp('disconnected')
      else if (news.news === 'status') hearFault(faultOf(news.status))
      else if (isProof(news, run, progress)) end({ state: 'printed' })
    })
    wait()
    void advance()
  })
}

interface Progress {
  readonly chunks: Iterator<Uint8Array>
  isSending: boolean
  isFenceGiven: boolean
  /** Everything was taken, the fence too. */
  isSent: boolean
  isEnded: boolean
  /** What the printer said keeps it, when last heard. */
  fault?: PrintFault | undefined
}

const freshProgress = ({ chunks }: Job): Progress => ({
  chunks: chunks[Symbol.iterator](),
  isSending: false,
  isFenceGiven: false,
  isSent: false,
  isEnded: false
})

/** Sends the next chunk, or the fence when there is none left. */
async function sendNext({ talk, job }: JobRun, progress: Progress): Promise<boolean> {
  const { value, done } = progress.chunks.next()
  progress.isFenceGiven = done === true
  progress.isSending = true
  const isTaken = await talk.send(done === true ? job.fence : value)
  progress.isSending = false
  progress.isSent = isTaken && progress.isFenceGiven
  return isTaken
}

/** An answer counts only once the fence is under way: `GS r` has no name to tell it by. */
function isProof(news: News, { model, job }: JobRun, { isFenceGiven }: Progress): boolean {
  if (!isFenceGiven) return false
  return news.news === 'fence' ? news.id === job.fenceId : model.fence === 'gs-r'
}

/** Without the last byte, or out of paper when last heard, it cannot be whole. */
const lost = ({ isSent, fault }: Progress, why: PrintFault): PrintOutcome =>
  isSent && fault === undefined
    ? { state: 'unknown', fault: why }
    : { state: 'partial', fault: fault ?? why }

function restartable(startTimer: StartTimer) {
  let stop = () => {}
  return {
    start: (ms: number, run: () => void) => {
      stop()
      stop = startTimer(ms, run)
    },
    stop: () => stop()
  }
}
