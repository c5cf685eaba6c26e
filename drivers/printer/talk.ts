import type { Line } from '../line.ts'
import type { StartTimer } from '../timer.ts'
import type { PrinterModel } from './models.ts'
import {
  ASK_STATUS,
  type PrinterStatus,
  REPORT_CHANGES,
  type Reply,
  replyReader,
  statusOfAnswers
} from './status.ts'
import type { PrinterTransport } from './transport.ts'

/** Something heard from the printer, or the end of hearing. */
export type News =
  /** `isAnswer`: we asked. What it tells by itself may be older than the question. */
  | { readonly news: 'status'; readonly status: PrinterStatus; readonly isAnswer: boolean }
  | { readonly news: 'fence'; readonly id: string }
  | { readonly news: 'reached' }
  | { readonly news: 'closed' }

/** An open line on which a printer and we understand each other. */
export interface Talk {
  readonly isOpen: () => boolean
  /** False when the line broke first; bytes may have gone out nevertheless. */
  readonly send: (bytes: Uint8Array) => Promise<boolean>
  /** Asks for the status, unless an answer is still on its way. */
  readonly ask: () => void
  /** Whether anything came since it was last asked, and be it noise. */
  readonly hasHeard: () => boolean
  readonly listen: (listener: (news: News) => void) => () => void
  /** Hangs up: it is not open from here on, also where the line takes its time to end. */
  readonly close: () => void
  /** Settles when the line has ended, and its port is free for another. */
  readonly whenGone: Promise<void>
}

/** Rejects with the transport's `Fault`. */
export async function openTalk(options: {
  readonly transport: PrinterTransport
  readonly model: PrinterModel
}): Promise<Talk> {
  const { tell, listen } = newsroom()
  const { read, expect } = ear(tell)
  let isOpen = true
  let heardBytes = 0
  let line: Line | undefined
  let isGone = () => {}
  const whenGone = new Promise<void>(resolve => {
    isGone = resolve
  })
  const end = () => {
    if (!isOpen) return
    isOpen = false
    tell({ news: 'closed' })
  }
  const close = () => {
    end()
    line?.close()
  }
  line = await options.transport.open({
    onBytes: bytes => {
      if (!isOpen) return
      heardBytes += bytes.length
      // Noise without an end: not even reading it is worth the time.
      if (heardBytes > HEARD_BYTES_MAX) close()
      else read(bytes)
    },
    onClose: () => {
      end()
      isGone()
    }
  })
  const { write } = line
  const send = async (bytes: Uint8Array) => {
    if (!isOpen) return false
    return write(bytes).then(
      () => true,
      () => {
        // A line may take a while to say that it ended; nobody is to try again on this one.
        close()
        return false
      }
    )
  }
  // Not waited for: a line that takes nothing is found out by the first question.
  if (options.model.status === 'asb') void send(REPORT_CHANGES)
  return {
    isOpen: () => isOpen,
    send,
    ask: () => {
      heardBytes = 0
      if (expect()) void send(ASK_STATUS)
    },
    hasHeard: () => heardBytes > 0,
    listen,
    close,
    whenGone
  }
}

/** Makes news of bytes. `expect` is false while an answer is still expected. */
function ear(tell: (news: News) => void) {
  const read = replyReader()
  /** The bytes that came of four asked for; undefined while nothing is asked. */
  let answers: number[] | undefined
  const hear = (reply: Reply) => {
    if (reply.reply === 'fence') return tell({ news: 'fence', id: reply.id })
    if (reply.reply === 'reached') return tell({ news: 'reached' })
    if (reply.reply === 'change') {
      return tell({ news: 'status', status: reply.status, isAnswer: false })
    }
    answers?.push(reply.byte)
    if (answers?.length !== ANSWERS) return
    const status = statusOfAnswers(answers)
    answers = undefined
    tell({ news: 'status', status, isAnswer: true })
  }
  return {
    read: (bytes: Uint8Array) => read(bytes).forEach(hear),
    expect: (): boolean => {
      if (answers !== undefined) return false
      answers = []
      return true
    }
  }
}

function newsroom(): Pick<Talk, 'listen'> & { readonly tell: (news: News) => void } {
  const listeners = new Set<(news: News) => void>()
  return {
    tell: news => {
      for (const listener of [...listeners]) listener(news)
    },
    listen: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
  }
}

/** Undefined when the printer says nothing within `ms` or the line closes. */
export function askStatus(options: {
  readonly talk: Talk
  readonly startTimer: StartTimer
  readonly ms: number
}): Promise<PrinterStatus | undefined> {
  const { talk } = options
  return new Promise(resolve => {
    const settle = (status: PrinterStatus | undefined) => {
      stopTimer()
      stopListening()
      resolve(status)
    }
    const stopTimer = options.startTimer(options.ms, () => settle(undefined))
    const stopListening = talk.listen(news => {
      if (news.news === 'status' && news.isAnswer) settle(news.status)
      if (news.news === 'closed') settle(undefined)
    })
    if (talk.isOpen()) talk.ask()
    else settle(undefined)
  })
}

const ANSWERS = 4
/** Between two questions a printer says some ten bytes. */
const HEARD_BYTES_MAX = 16 * 1024
