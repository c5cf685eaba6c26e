import { Fault, type Printer, type PrintFault, type PrintOutcome } from '../../node/core/ports.ts'
import type { Receipt } from '../../node/core/sell/receipt.ts'
import { startTimer as realTimer, type StartTimer } from '../timer.ts'
import { type Knowledge, printerHealth } from './health.ts'
import { type Job, type PrintLimits, runJob } from './job.ts'
import type { PrinterModel } from './models.ts'
import { faultOf } from './status.ts'
import { askStatus, openTalk, type Talk } from './talk.ts'
import type { PrinterTransport } from './transport.ts'

export const PRINT_LIMITS: PrintLimits = {
  answerMs: 1_000,
  pollMs: 1_000,
  settleMs: 15_000,
  pauseMs: 600_000
}

/**
 * A receipt printer behind any transport. It connects when first asked to print or to say how it
 * is, so a printer that is switched off is no error.
 */
export function openPrinter(options: {
  readonly transport: PrinterTransport
  readonly model: PrinterModel
  readonly limits?: PrintLimits
  readonly startTimer?: StartTimer
}): Printer {
  const { transport, model, limits = PRINT_LIMITS, startTimer = realTimer } = options
  let writing: Promise<Writing> | undefined
  const mind: Mind = { transport, model, limits, startTimer, knowledge: { known: 'nothing' } }
  const health = () => printerHealth({ where: transport.name, model, knowledge: mind.knowledge })
  let isPrinting = false
  /** Settles when whoever has the line is done with it. */
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine
    return mine
  }
  return {
    print: receipt =>
      inTurn(async () => {
        isPrinting = true
        writing ??= openWriting(model)
        const outcome = await printReceipt(mind, receipt, writing)
        isPrinting = false
        return outcome
      }),
    probe: async () => {
      if (!isPrinting && !mind.isClosed) await inTurn(() => readyTalk(mind))
      return health()
    },
    health,
    close: async () => {
      mind.isClosed = true
      mind.talk?.close()
      await turn
    }
  }
}

/** What a printer's driver remembers between two calls. */
interface Mind {
  readonly transport: PrinterTransport
  readonly model: PrinterModel
  readonly limits: PrintLimits
  readonly startTimer: StartTimer
  knowledge: Knowledge
  talk?: Talk
  isClosed?: true
}

type Writing = (receipt: Receipt) => Job

/**
 * The encoder and its code pages come with the first receipt: they are a tenth of a start, and
 * the till need not wait for them.
 */
async function openWriting(model: PrinterModel): Promise<Writing> {
  const { encodeFence, fenceId, receiptEncoder } = await import('./escpos.ts')
  const encode = receiptEncoder(model)
  return receipt => {
    const id = fenceId(receipt)
    return { chunks: encode(receipt), fence: encodeFence(model.fence, id), fenceId: id }
  }
}

async function printReceipt(
  mind: Mind,
  receipt: Receipt,
  write: Promise<Writing>
): Promise<PrintOutcome> {
  const { model } = mind
  // A printer that cannot answer cannot tell that an old line is dead, so it gets a new one.
  if (model.status === 'none') mind.talk?.close()
  const ready = readyTalk(mind)
  const job = (await write)(receipt)
  const talk = await ready
  if (typeof talk === 'string') return { state: 'not-started', fault: talk }
  const outcome = await runJob({ ...mind, talk, job })
  if (outcome.state === 'unknown' || outcome.state === 'partial') {
    mind.knowledge = { known: 'fault', fault: outcome.fault }
    // So that a late answer is never heard as one to the next job.
    talk.close()
  }
  return outcome
}

/** A line to a printer that has just said it can print, or why there is none. */
async function readyTalk(mind: Mind): Promise<Talk | PrintFault> {
  const isReused = mind.talk?.isOpen() === true
  const first = await tryTalk(mind)
  // Printers drop idle lines without a word: that is found out here, and a new line may do.
  const isWorthAnother = isReused && (first === 'disconnected' || first === 'timeout')
  return isWorthAnother && !mind.isClosed ? tryTalk(mind) : first
}

async function tryTalk(mind: Mind): Promise<Talk | PrintFault> {
  const { model, startTimer } = mind
  const talk = mind.talk?.isOpen() ? mind.talk : await connect(mind)
  if (talk === undefined) return blame(mind, 'disconnected')
  if (model.status === 'none') {
    mind.knowledge = { known: 'mute' }
    return talk
  }
  const status = await askStatus({ talk, startTimer, ms: mind.limits.answerMs })
  if (status === undefined) {
    const fault = talk.isOpen() ? 'timeout' : 'disconnected'
    talk.close()
    return blame(mind, fault)
  }
  return faultOf(status) ?? talk
}

function blame(mind: Mind, fault: PrintFault): PrintFault {
  mind.knowledge = { known: 'fault', fault }
  return fault
}

async function connect(mind: Mind): Promise<Talk | undefined> {
  if (mind.isClosed) return undefined
  const talk = await openTalk(mind).catch(error => {
    if (error instanceof Fault) return undefined
    throw error
  })
  if (talk === undefined) return undefined
  mind.talk = talk
  talk.listen(news => {
    if (news.news === 'status') mind.knowledge = { known: 'status', status: news.status }
  })
  if (mind.isClosed) talk.close()
  return talk
}
