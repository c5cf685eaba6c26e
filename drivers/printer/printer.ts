import { Fault, type Printer, type PrintFault, type PrintOutcome } from '../../node/core/ports.ts'
import type { Receipt } from '../../node/core/sell/receipt.ts'
import { within } from '../deadline.ts'
import { startTimer as realTimer, type StartTimer } from '../timer.ts'
import { type Drawer, type DrawerSettings, encodeKick } from './drawer.ts'
import {
  bugNote,
  drawerNote,
  type Knowledge,
  type Note,
  noiseNote,
  printerHealth
} from './health.ts'
import { type PrintLimits, runJob } from './job.ts'
import type { PrinterModel } from './models.ts'
import { faultOf } from './status.ts'
import { askStatus, openTalk, type Talk } from './talk.ts'
import type { PrinterTransport } from './transport.ts'
import { openWriting, type Writing } from './writing.ts'

export const PRINT_LIMITS: PrintLimits = {
  answerMs: 1_000,
  pollMs: 1_000,
  settleMs: 15_000,
  pauseMs: 600_000
}

export interface PrinterOptions {
  readonly transport: PrinterTransport
  readonly model: PrinterModel
  /** A PNG for the top of each receipt. */
  readonly logo?: string | undefined
  readonly drawer?: DrawerSettings | undefined
  readonly limits?: PrintLimits
  readonly startTimer?: StartTimer
}

/**
 * A receipt printer behind any transport, and the cash drawer at its connector. It connects when
 * first asked to print or to say how it is, so a printer that is switched off is no error.
 */
export function openPrinter(options: PrinterOptions): Printer & { readonly drawer?: Drawer } {
  const { transport, model, logo, limits = PRINT_LIMITS, startTimer = realTimer } = options
  const writing = openWriting({ model, logo })
  const mind: Mind = { transport, model, limits, startTimer, knowledge: { known: 'nothing' } }
  const drawer = options.drawer && model.drawer !== 'none' ? options.drawer : undefined
  const health = () =>
    printerHealth({
      transport,
      model,
      knowledge: mind.knowledge,
      notes: { ...writing.notes(), driver: mind.driverNote, drawer: mind.drawerNote },
      drawer: drawer === undefined ? 'none' : drawerState(mind, drawer)
    })
  /** Settles when whoever has the line is done with it. */
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine
    return mine
  }
  const print = async (receipt: Receipt): Promise<PrintOutcome> => {
    mind.isPrinting = true
    const outcome = await printReceipt(mind, receipt, writing).catch(error => fail(mind, error))
    mind.isPrinting = false
    return outcome
  }
  const look = () =>
    Promise.all([readyTalk(mind), writing.prepare()]).catch(error => fail(mind, error))
  return {
    print: receipt => inTurn(() => print(receipt)),
    probe: async () => {
      if (!mind.isPrinting && !mind.isClosed) await inTurn(look)
      return health()
    },
    health,
    ...(drawer && { drawer: drawerOf(mind, drawer) }),
    close: async () => {
      mind.isClosed = true
      mind.talk?.close()
      await Promise.all([turn, mind.kicking])
      mind.forgetNote?.()
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
  /** A line that is being opened: whoever wants one waits for the same. */
  connecting?: Promise<Talk | Fault> | undefined
  isPrinting?: boolean
  isClosed?: true
  kicking?: Promise<void> | undefined
  drawerNote?: Note | undefined
  /** A bug, until a receipt comes out again. */
  driverNote?: Note | undefined
  /** Stops the timer that ends the note. */
  forgetNote?: () => void
}

async function printReceipt(mind: Mind, receipt: Receipt, writing: Writing): Promise<PrintOutcome> {
  const { model } = mind
  if (model.status === 'none') {
    // A printer that cannot answer cannot tell that an old line is dead, so it gets a new one.
    await mind.kicking
    mind.talk?.close()
  }
  const ready = readyTalk(mind)
  const job = await writing.jobFor(receipt)
  const talk = await ready
  if (typeof talk === 'string') return { state: 'not-started', fault: talk }
  const outcome = await runJob({ ...mind, talk, job })
  if (outcome.state === 'printed' || outcome.state === 'sent') mind.driverNote = undefined
  if (outcome.state === 'unknown' || outcome.state === 'partial') {
    mind.knowledge = { known: 'fault', fault: outcome.fault }
    // So that a late answer is never heard as one to the next job.
    talk.close()
  }
  return outcome
}

/** A bug in here is a doubtful receipt and a sentence, and not the end of the process. */
function fail(mind: Mind, error: unknown): PrintOutcome {
  mind.driverNote = bugNote(error)
  mind.talk?.close()
  return { state: 'unknown', fault: 'printer-error' }
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
  const talk = await openedTalk(mind)
  if (talk instanceof Fault) return blameLine(mind, talk)
  if (model.status === 'none') {
    mind.knowledge = { known: 'mute' }
    return talk
  }
  const status = await askStatus({ talk, startTimer, ms: mind.limits.answerMs })
  if (status === undefined) {
    const fault = talk.isOpen() ? 'timeout' : 'disconnected'
    talk.close()
    return blame(mind, fault, talk.hasHeard() ? noiseNote(mind.transport) : undefined)
  }
  return faultOf(status) ?? talk
}

function blame(mind: Mind, fault: PrintFault, note?: Note): PrintFault {
  mind.knowledge = { known: 'fault', fault, note }
  return fault
}

/** As with all devices, one that is not plugged in is absent; one that does not answer is down. */
function blameLine(mind: Mind, line: Fault): PrintFault {
  const fault = 'disconnected'
  const isAbsent = line.code === 'device-absent'
  mind.knowledge = { known: 'fault', fault, note: noteOf(line), isAbsent }
  return fault
}

async function openedTalk(mind: Mind): Promise<Talk | Fault> {
  if (mind.talk?.isOpen()) return mind.talk
  mind.connecting ??= connect(mind).finally(() => {
    mind.connecting = undefined
  })
  return mind.connecting
}

/** Lines that know what is wrong say it better than "cannot be reached". */
const noteOf = ({ code, message, fix }: Fault): Note | undefined =>
  code === 'printer-unreachable' ? undefined : { sentence: message, fix }

/** An open line, or why there is none. */
async function connect(mind: Mind): Promise<Talk | Fault> {
  const { startTimer, limits, talk: old } = mind
  // A serial port is busy until the old line has ended, and printers serve one host at a time.
  if (old) await within({ startTimer, ms: limits.answerMs, promise: old.whenGone })
  const talk = await openTalk(mind).catch(error => {
    if (error instanceof Fault) return error
    throw error
  })
  if (talk instanceof Fault) return talk
  mind.talk = talk
  talk.listen(news => {
    if (news.news === 'status') mind.knowledge = { known: 'status', status: news.status }
  })
  if (mind.isClosed) talk.close()
  return talk
}

const drawerOf = (mind: Mind, settings: DrawerSettings): Drawer => ({
  kick: () => {
    // Two sales at once open it once.
    mind.kicking ??= kick(mind, encodeKick(mind.model, settings))
      .catch(error => void fail(mind, error))
      .finally(() => {
        mind.kicking = undefined
      })
    return mind.kicking
  },
  isOpen: () => {
    const state = drawerState(mind, settings)
    return state === 'unknown' ? null : state === 'open'
  }
})

function drawerState(
  { knowledge }: Mind,
  { openLevel }: DrawerSettings
): 'open' | 'closed' | 'unknown' {
  if (knowledge.known !== 'status' || openLevel === undefined) return 'unknown'
  return knowledge.status.isDrawerPinHigh === (openLevel === 'high') ? 'open' : 'closed'
}

const PRINTING_ANSWERS = 5
/** So long a drawer that stayed shut is news; then it has been opened with its key. */
const DRAWER_NOTE_MS = 60_000

/** Does not wait for the receipt that is being printed: its line is open, and that is enough. */
async function kick(mind: Mind, bytes: Uint8Array): Promise<void> {
  const isReused = mind.talk?.isOpen() === true
  const first = await tryKick(mind, bytes)
  const isLineDead = first === 'disconnected' || first === 'timeout'
  const isWorthAnother = isReused && isLineDead && !mind.isPrinting && !mind.isClosed
  if (isWorthAnother) mind.talk?.close()
  const fault = isWorthAnother ? await tryKick(mind, bytes) : first
  noteDrawer(mind, fault)
}

function noteDrawer(mind: Mind, fault: PrintFault | undefined): void {
  const { transport, model } = mind
  mind.forgetNote?.()
  mind.drawerNote = fault && drawerNote({ fault, transport, model })
  if (fault === undefined || mind.isClosed) return
  mind.forgetNote = mind.startTimer(DRAWER_NOTE_MS, () => {
    mind.drawerNote = undefined
  })
}

async function tryKick(mind: Mind, bytes: Uint8Array): Promise<PrintFault | undefined> {
  const { model, startTimer, limits } = mind
  if (model.status === 'none' && !mind.isPrinting) mind.talk?.close()
  const talk = await openedTalk(mind)
  if (talk instanceof Fault) return 'disconnected'
  // Half a receipt may stand on a slow line, and the answer comes behind it.
  const ms = mind.isPrinting ? PRINTING_ANSWERS * limits.answerMs : limits.answerMs
  const hearStatus = () => askStatus({ talk, startTimer, ms })
  if (model.drawer === 'esc-p' && model.status !== 'none') {
    const status = await hearStatus()
    // Without paper the pulse would come with the new roll, when nobody stands there.
    const fault = status && faultOf(status)
    if (fault !== undefined) return fault
  }
  const isTaken = (await within({ startTimer, ms, promise: talk.send(bytes) })) === true
  if (isTaken && model.status === 'none') return undefined
  // Bytes vanish in a line that is dead: only an answer behind them proves that it is not.
  if (isTaken && (await hearStatus()) !== undefined) return undefined
  return talk.isOpen() ? 'timeout' : 'disconnected'
}
