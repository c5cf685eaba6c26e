import type { PrintFault, PrintOutcome } from '../../node/core/ports.ts'
import type { StartTimer } from '../timer.ts'
import type { PrinterModel } from './models.ts'
import { ASK_REACHED, faultOf } from './status.ts'
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
 * that it can print and has used up all but two: so its buffer never fills, and even out of paper
 * it hears our questions. Settles at the latest when the line is closed; rejects for a bug only.
 */
export function runJob(run: JobRun): Promise<PrintOutcome> {
  if (!run.talk.isOpen()) return Promise.resolve({ state: 'not-started', fault: 'disconnected' })
  return new Promise((resolve, reject) => {
    const deadline = restartable(run.startTimer)
    const poll = restartable(run.startTimer)
    const patience = restartable(run.startTimer)
    const progress: Progress = freshProgress(run)
    const rest = () => {
      progress.isEnded = true
      for (const timer of [deadline, poll, patience]) timer.stop()
      stopListening()
    }
    const end = (outcome: PrintOutcome) => {
      rest()
      resolve(outcome)
    }
    const giveUp = (why: PrintFault) => end(lost(progress, why))
    const wait = () => {
      const { pauseMs, settleMs } = run.limits
      deadline.start(progress.fault ? pauseMs : settleMs, () => giveUp('timeout'))
      patience.start(settleMs / 3, () => {
        // It can print and says of nothing that it was reached: it does not know that question.
        progress.isCounting &&= progress.fault !== undefined
        advance()
      })
    }
    const ask = () => {
      run.talk.ask()
      poll.start(run.limits.pollMs, ask)
    }
    // Bytes are made as they are sent, so a bug in making them shows here.
    const advance = () => {
      sendMore().catch(error => {
        rest()
        reject(error)
      })
    }
    const sendMore = async () => {
      if (!isNextWanted(progress)) return
      const isTaken = await sendNext(run, progress)
      if (!isTaken || progress.isEnded) return
      wait()
      if (progress.isSent && run.model.fence === 'none') end({ state: 'sent' })
      else if (run.model.status !== 'none') ask()
      else advance()
    }
    const hearFault = (fault: PrintFault | undefined) => {
      const isPaused = progress.fault !== undefined || fault !== undefined
      progress.fault = fault
      progress.isReady = fault === undefined
      if (isPaused) wait()
      advance()
    }
    const hearReached = () => {
      // Nobody asked: it is no sign of progress, and buys no time.
      if (progress.unreached === 0) return
      progress.unreached -= 1
      wait()
      advance()
    }
    const stopListening = run.talk.listen(news => {
      if (news.news === 'closed') return giveUp('disconnected')
      if (news.news === 'status') return hearFault(faultOf(news.status))
      if (news.news === 'reached') hearReached()
      if (isProof(news, run, progress)) end({ state: 'printed' })
    })
    wait()
    advance()
  })
}

interface Progress {
  readonly chunks: Iterator<Uint8Array>
  /** It said that it can print, after the last chunk. */
  isReady: boolean
  /** How often it still has to say that it got so far. */
  unreached: number
  /** Whether it is asked to, and answers. */
  isCounting: boolean
  isSending: boolean
  isFenceGiven: boolean
  /** Everything was taken, the fence too. */
  isSent: boolean
  isEnded: boolean
  /** What the printer said keeps it, when last heard. */
  fault?: PrintFault | undefined
}

const freshProgress = ({ job, model }: JobRun): Progress => ({
  chunks: job.chunks[Symbol.iterator](),
  isReady: true,
  unreached: 0,
  isCounting: model.fence !== 'none',
  isSending: false,
  isFenceGiven: false,
  isSent: false,
  isEnded: false
})

/** Two chunks are 2 KiB, half of the smallest buffers, and keep the head busy. */
const UNREACHED_MAX = 2

const isNextWanted = (progress: Progress): boolean =>
  progress.isReady &&
  !progress.isSending &&
  !progress.isSent &&
  !progress.isEnded &&
  !(progress.isCounting && progress.unreached >= UNREACHED_MAX)

/** Sends the next chunk, or the fence when there is none left. */
async function sendNext({ talk, job, model }: JobRun, progress: Progress): Promise<boolean> {
  const { value, done } = progress.chunks.next()
  progress.isFenceGiven = done === true
  progress.isSending = true
  progress.isReady = model.status === 'none'
  const bytes = done === true ? job.fence : value
  const isAsked = model.fence !== 'none' && (done !== true || model.fence === 'gs-r')
  if (isAsked) progress.unreached += 1
  const isTaken = await talk.send(
    isAsked && done !== true ? Buffer.concat([bytes, ASK_REACHED]) : bytes
  )
  progress.isSending = false
  progress.isSent = isTaken && progress.isFenceGiven
  return isTaken
}

/**
 * An answer counts only once the fence is under way. `GS r` has no name to tell it by: it is the
 * one that nothing else is waited for after.
 */
function isProof(news: News, { model, job }: JobRun, progress: Progress): boolean {
  if (!progress.isFenceGiven) return false
  if (news.news === 'fence') return news.id === job.fenceId
  return news.news === 'reached' && model.fence === 'gs-r' && progress.unreached === 0
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
