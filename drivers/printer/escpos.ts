import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder'
import type { Receipt, ReceiptPart } from '../../node/core/sell/receipt.ts'
import type { Drawing } from './drawing.ts'
import { type Hand, layOut, type Row, type WrittenPart, wrap } from './layout.ts'
import type { PrinterModel } from './models.ts'
import { qrRaster } from './qr.ts'
import { type Raster, rasterBands } from './raster.ts'
import { ASK_REACHED, REPORT_CHANGES } from './status.ts'
import type { Letters } from './text.ts'

/** What a receipt is written with. */
export interface Desk {
  readonly model: PrinterModel
  readonly letters: Letters
  /** Left out while the printer's own letters do, or when there is no font. */
  readonly drawing?: Drawing | undefined
  readonly logo?: Raster | undefined
}

export interface EncodedReceipt {
  readonly chunks: Iterable<Uint8Array>
  /** Letters that came out as `?`. */
  readonly unwritten: readonly string[]
}

/**
 * Makes the bytes that put a receipt on paper, in chunks that end where commands end, so that a
 * question fits between any two. Chunks are made when they are taken: the first line is on its
 * way while the QR code is still to be drawn. Nothing in the receipt's texts can become a
 * command: what is no letter of the printer's code pages is drawn or gone before the encoder
 * sees it.
 */
export function encodeReceipt(receipt: Receipt, desk: Desk): EncodedReceipt {
  const own = ownHand(desk.model)
  const unwritten = new Set<string>()
  const onUnwritten = (letter: string) => unwritten.add(letter)
  const parts = receipt.parts.map(part => writePart(part, { ...desk, own, onUnwritten }))
  const rows = layOut({ copy: receipt.copy, parts, own })
  return { chunks: chunksOf(encodeRows(rows, { ...desk, own })), unwritten: [...unwritten] }
}

/** Whether the printer's own letters say all that the receipt says. */
export const sufficesFor = ({ parts }: Receipt, letters: Letters): boolean =>
  parts.every(part => textsOf(part).every(letters.suffice))

/**
 * What makes the printer answer when all before it is on paper. `GS ( H` function 48 answers with
 * the four characters of `id`; `GS r 1` answers with the paper's state, without a name.
 */
export function encodeFence(fence: PrinterModel['fence'], id: string): Uint8Array {
  switch (fence) {
    case 'gs-paren-h':
      return Uint8Array.of(0x1d, 0x28, 0x48, 6, 0, 0x30, 0x30, ...new TextEncoder().encode(id))
    case 'gs-r':
      return ASK_REACHED
    case 'none':
      return new Uint8Array(0)
  }
}

/**
 * Four printable characters (0x20 to 0x7e, Epson GS ( H) that name one printing of one receipt,
 * so that a late answer to another job is not taken for this one's.
 */
export function fenceId({ sale, copy }: Receipt): string {
  let number = copy
  for (const letter of sale) number = (number * 31 + (letter.codePointAt(0) ?? 0)) % 95 ** 4
  const places = [95 ** 3, 95 ** 2, 95, 1]
  return String.fromCharCode(...places.map(place => 0x20 + (Math.floor(number / place) % 95)))
}

/** GS V 66 0: feed until the last line has passed the cutter, then cut. */
const FEED_AND_CUT = Uint8Array.of(0x1d, 0x56, 66, 0)
/** ESC d 4: far enough past the tear bar. */
const FEED_TO_TEAR = Uint8Array.of(0x1b, 0x64, 4)

/** Small enough for the smallest buffers, so that little is under way when the paper runs out. */
const CHUNK_BYTES = 1_024

/** A piece of no bytes ends a chunk early. */
const CHUNK_END = new Uint8Array(0)

function* chunksOf(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  for (const piece of pieces) {
    if (heldBytes > 0 && (piece === CHUNK_END || heldBytes + piece.length > CHUNK_BYTES)) {
      yield joinBytes(held)
      held = []
      heldBytes = 0
    }
    held.push(piece)
    heldBytes += piece.length
  }
  yield joinBytes(held)
}

function* encodeRows(rows: readonly Row[], desk: Desk & { own: Hand }): Generator<Uint8Array> {
  const { model, letters, drawing, logo } = desk
  const encoder = openEncoder(model)
  yield encoder.initialize().encode()
  if (model.status === 'asb') yield REPORT_CHANGES
  if (logo !== undefined) yield* [CENTRE, ...rasterBands(logo), LEFT, LINE]
  for (const row of rows) {
    if (row.row === 'qr') {
      yield CHUNK_END
      yield* encodeQr({ ...desk, encoder, data: row.data })
    } else if (row.hand === drawing) {
      yield* row.text === '' ? [LINE] : rasterBands(drawing.draw(row.text, row.style))
    } else {
      yield encodeText(encoder, row, letters)
    }
  }
  yield model.cutter === 'none' ? FEED_TO_TEAR : FEED_AND_CUT
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

function openEncoder(model: PrinterModel): ReceiptPrinterEncoder {
  return new ReceiptPrinterEncoder({
    language: 'esc-pos',
    columns: model.columns,
    newline: '\n',
    errors: 'strict',
    codepageMapping: Object.fromEntries(model.codePages.map(page => [page.name, page.number])),
    codepageCandidates: model.codePages.map(page => page.name)
  })
}

/** Lines that the printer writes; its texts are printable already. */
const ownHand = ({ columns }: PrinterModel): Hand => ({
  isDrawn: false,
  columns,
  largeColumns: Math.floor(columns / 2),
  widthOf: text => text.length,
  wordsOf: text =>
    text.split(' ').flatMap(word => (word === '' ? [] : [{ text: word, isSpaced: true }]))
})

/** A part is drawn as a whole where that says more than the printer's own letters can. */
function writePart(
  part: ReceiptPart,
  desk: Desk & { readonly own: Hand; readonly onUnwritten: (letter: string) => void }
): WrittenPart {
  const { letters, drawing, own, onUnwritten } = desk
  const isEnough = drawing === undefined || textsOf(part).every(letters.suffice)
  const isDrawn = !isEnough && textsOf(part).some(text => drawing.addsTo(letters, text))
  const hand = isDrawn ? drawing : own
  const printable = (text: string) => (isDrawn ? drawing : letters).printable(text, onUnwritten)
  switch (part.part) {
    case 'title':
    case 'text':
      return { hand, part: { ...part, text: printable(part.text) } }
    case 'pair':
      return {
        hand,
        part: { ...part, left: printable(part.left), right: printable(part.right) }
      }
    case 'rule':
    case 'qr':
      return { hand: own, part }
  }
}

function textsOf(part: ReceiptPart): readonly string[] {
  if (part.part === 'title' || part.part === 'text') return [part.text]
  return part.part === 'pair' ? [part.left, part.right] : []
}

function encodeText(
  encoder: ReceiptPrinterEncoder,
  row: Extract<Row, { row: 'text' }>,
  letters: Letters
): Uint8Array {
  const { width, height } = SIZES[row.style]
  if (row.style !== 'plain') encoder.bold(true).size(width, height)
  // The encoder's own choice of page would reach for letters at control bytes.
  for (const run of letters.runs(row.text)) encoder.codepage(run.page.name).text(run.text)
  encoder.newline()
  if (row.style !== 'plain') encoder.size(1, 1).bold(false)
  return encoder.encode()
}

const SIZES = {
  plain: { width: 1, height: 1 },
  strong: { width: 1, height: 1 },
  tall: { width: 1, height: 2 },
  large: { width: 2, height: 2 }
} as const

function encodeQr(options: {
  readonly encoder: ReceiptPrinterEncoder
  readonly data: string
  readonly model: PrinterModel
  readonly letters: Letters
  readonly own: Hand
}): Uint8Array[] {
  const { encoder, data, model, letters, own } = options
  const raster = qrRaster({ data, dots: model.dots, moduleDotsMin: model.qrModuleDotsMin })
  // The empty lines are the code's margin above and below.
  if (raster !== undefined) return [LINE, CENTRE, ...rasterBands(raster), LEFT, LINE]
  const where = data.split(/[#?]/, 1)[0] ?? ''
  const words = `This receipt is too long for a code. Check it by its number at ${where}`
  return wrap(letters.printable(words), { width: model.columns, hand: own }).map(text =>
    encodeText(encoder, { row: 'text', text, style: 'plain', hand: own }, letters)
  )
}

const LINE = Uint8Array.of(0x0a)
/** ESC a counts from the start of a line only. */
const CENTRE = Uint8Array.of(0x1b, 0x61, 1)
const LEFT = Uint8Array.of(0x1b, 0x61, 0)
