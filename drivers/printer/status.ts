import type { PrintFault } from '../../node/core/ports.ts'

/** Real-time status requests: printer, cause of offline, errors, paper (Epson DLE EOT). */
export const ASK_STATUS = Uint8Array.of(0x10, 4, 1, 0x10, 4, 2, 0x10, 4, 3, 0x10, 4, 4)

/** Asks the printer to report every change by itself (Epson GS a). `ESC @` switches it off. */
export const REPORT_CHANGES = Uint8Array.of(0x1d, 0x61, 0xff)

/** Answered with the paper's state when all before it was taken out of the buffer (Epson GS r). */
export const ASK_REACHED = Uint8Array.of(0x1d, 0x72, 1)

/** What a printer says about itself, whichever way it was asked. */
export interface PrinterStatus {
  readonly isOffline: boolean
  readonly isCoverOpen: boolean
  readonly isPaperOut: boolean
  readonly isPaperLow: boolean
  readonly isCutterJammed: boolean
  readonly hasError: boolean
  /** The switch of the cash drawer, as pin 3 of its connector shows it. */
  readonly isDrawerPinHigh: boolean
}

/** One thing a printer said. */
export type Reply =
  /** One byte for one `DLE EOT`. */
  | { readonly reply: 'status'; readonly byte: number }
  /** Four bytes that came unasked, after `GS a`. */
  | { readonly reply: 'change'; readonly status: PrinterStatus }
  /** `GS ( H`: all before it is on paper. */
  | { readonly reply: 'fence'; readonly id: string }
  /** `GS r 1`, with the paper's state. */
  | { readonly reply: 'reached' }

/**
 * Reads a printer's bytes. Kinds are told apart by their fixed bits (Epson, "Status codes"):
 * `DLE EOT` 0xx1xx10, first of `GS a` 0xx1xx00, its others 0xx0xxxx, `GS r` 0000xxxx, fence
 * 0x37 0x22.
 * What is none of these is dropped, and a reply that breaks off never swallows the next one.
 */
export function replyReader(): (bytes: Uint8Array) => Reply[] {
  let held: number[] = []
  return bytes => {
    const replies: Reply[] = []
    for (const byte of bytes) held = readByte(held, byte, replies)
    return replies
  }
}

/** The reply to `ASK_STATUS`: the four bytes of `DLE EOT` 1 to 4. */
export function statusOfAnswers(answers: readonly number[]): PrinterStatus {
  const [printer = 0, offline = 0, error = 0, paper = 0] = answers
  return {
    isOffline: (printer & 0x08) !== 0,
    isCoverOpen: (offline & 0x04) !== 0,
    isPaperOut: (offline & 0x20) !== 0 || (paper & 0x60) !== 0,
    isPaperLow: (paper & 0x0c) !== 0,
    isCutterJammed: (error & 0x08) !== 0,
    hasError: (offline & 0x40) !== 0 || (error & 0x64) !== 0,
    isDrawerPinHigh: (printer & 0x04) !== 0
  }
}

/** What keeps the printer from printing, the cause before the effect. */
export function faultOf(status: PrinterStatus): PrintFault | undefined {
  if (status.isCoverOpen) return 'cover-open'
  if (status.isPaperOut) return 'paper-out'
  if (status.isCutterJammed) return 'cutter'
  if (status.hasError) return 'printer-error'
  return status.isOffline ? 'offline' : undefined
}

const CHANGE_BYTES = 4
const FENCE_BYTES = 7

function readByte(held: readonly number[], byte: number, replies: Reply[]): number[] {
  const [first] = held
  if (first === undefined) return begin(byte, replies)
  const isChange = isChangeStart(first)
  const fits = isChange ? isPlain(byte) : isFenceByte(held.length, byte)
  if (!fits) {
    // What followed the first byte of a change were zeros and the like, which say nothing alone.
    if (isChange) return begin(byte, replies)
    // Not a fence after all, so one may begin at any byte behind the first.
    let rest: number[] = []
    for (const later of [...held.slice(1), byte]) rest = readByte(rest, later, replies)
    return rest
  }
  const whole = [...held, byte]
  if (whole.length < (isChange ? CHANGE_BYTES : FENCE_BYTES)) return whole
  replies.push(
    isChange
      ? { reply: 'change', status: statusOfChange(whole) }
      : { reply: 'fence', id: String.fromCharCode(...whole.slice(2, 6)) }
  )
  return []
}

function begin(byte: number, replies: Reply[]): number[] {
  if (byte === FENCE_HEADER || isChangeStart(byte)) return [byte]
  if ((byte & 0x93) === 0x12) replies.push({ reply: 'status', byte })
  else if (PAPER_STATES.includes(byte)) replies.push({ reply: 'reached' })
  return []
}

/** All that `GS r 1` can say: two bits for the end of the paper, two for its nearing. */
const PAPER_STATES: readonly number[] = [0x00, 0x03, 0x0c, 0x0f]
const FENCE_HEADER = 0x37
const FENCE_MARK = 0x22
const isChangeStart = (byte: number) => (byte & 0x93) === 0x10
const isPlain = (byte: number) => (byte & 0x90) === 0

function isFenceByte(at: number, byte: number): boolean {
  if (at === 1) return byte === FENCE_MARK
  return at === FENCE_BYTES - 1 ? byte === 0 : byte >= 0x20 && byte <= 0x7e
}

function statusOfChange(bytes: readonly number[]): PrinterStatus {
  const [printer = 0, error = 0, paper = 0] = bytes
  return {
    isOffline: (printer & 0x08) !== 0,
    isCoverOpen: (printer & 0x20) !== 0,
    isPaperOut: (paper & 0x0c) !== 0,
    isPaperLow: (paper & 0x03) !== 0,
    isCutterJammed: (error & 0x08) !== 0,
    hasError: (error & 0x24) !== 0,
    isDrawerPinHigh: (printer & 0x04) !== 0
  }
}
