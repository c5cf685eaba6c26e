import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder'
import type { Receipt, ReceiptPart } from '../../node/core/sell/receipt.ts'
import { layOut, type Row, wrap } from './layout.ts'
import type { PrinterModel } from './models.ts'
import { qrRaster, type Raster } from './qr.ts'
import { REPORT_CHANGES } from './status.ts'
import { type Letters, lettersOf } from './text.ts'

/**
 * Makes the bytes that put a receipt on paper, in chunks that end where commands end, so that a
 * question fits between any two. Chunks are made when they are taken: the first line is on its
 * way while the QR code is still to be drawn. Nothing in the receipt's texts can become a
 * command: what is no letter of the printer's code pages is gone before the encoder sees it.
 */
export function receiptEncoder(model: PrinterModel): (receipt: Receipt) => Iterable<Uint8Array> {
  const letters = lettersOf(model.codePages)
  return receipt => chunksOf(encodeReceipt({ receipt, model, letters }))
}

/**
 * What makes the printer answer when all before it is on paper. `GS ( H` function 48 answers with
 * the four characters of `id`; `GS r 1` answers with the paper's state, without a name.
 */
export function encodeFence(fence: PrinterModel['fence'], id: string): Uint8Array {
  switch (fence) {
    case 'gs-paren-h':
      return Uint8Array.of(0x1d, 0x28, 0x48, 6, 0, 0x30, 0x30, ...new TextEncoder().encode(id))
    case 'gs-r':
      return Uint8Array.of(0x1d, 0x72, 1)
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

function* encodeReceipt(options: {
  readonly receipt: Receipt
  readonly model: PrinterModel
  readonly letters: Letters
}): Generator<Uint8Array> {
  const { receipt, model, letters } = options
  const encoder = openEncoder(model)
  yield encoder.initialize().encode()
  if (model.status === 'asb') yield REPORT_CHANGES
  for (const row of layOut(printableReceipt(receipt, letters), model.columns)) {
    if (row.row === 'text') {
      yield encodeText(encoder, row, letters)
    } else {
      yield CHUNK_END
      yield* encodeQr({ encoder, data: row.data, model, letters })
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

function printableReceipt(receipt: Receipt, letters: Letters): Receipt {
  const printable = (part: ReceiptPart): ReceiptPart => {
    switch (part.part) {
      case 'title':
      case 'text':
        return { ...part, text: letters.printable(part.text) }
      case 'pair':
        return {
          ...part,
          left: letters.printable(part.left),
          right: letters.printable(part.right)
        }
      case 'rule':
      case 'qr':
        return part
    }
  }
  return { ...receipt, parts: receipt.parts.map(printable) }
}

/** Every line of text passes here: the place for raster lines of scripts that no page holds. */
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
}): Uint8Array[] {
  const { encoder, data, model, letters } = options
  const raster = qrRaster({ data, dots: model.dots, moduleDotsMin: model.qrModuleDotsMin })
  // The empty lines are the code's margin above and below.
  if (raster !== undefined) return [LINE, CENTRE, ...bands(raster), LEFT, LINE]
  const where = data.split(/[#?]/, 1)[0] ?? ''
  const words = `This receipt is too long for a code. Check it by its number at ${where}`
  return wrap(letters.printable(words), model.columns).map(text =>
    encodeText(encoder, { row: 'text', text, style: 'plain' }, letters)
  )
}

const LINE = Uint8Array.of(0x0a)
/** ESC a counts from the start of a line only. */
const CENTRE = Uint8Array.of(0x1b, 0x61, 1)
const LEFT = Uint8Array.of(0x1b, 0x61, 0)
const BAND_ROWS = 24

/** Epson GS v 0. It prints its rows and stops, so that bands join without a seam. */
function bands({ widthBytes, height, bits }: Raster): Uint8Array[] {
  const all: Uint8Array[] = []
  for (let top = 0; top < height; top += BAND_ROWS) {
    const rows = Math.min(BAND_ROWS, height - top)
    const size = [widthBytes & 0xff, widthBytes >> 8, rows, 0]
    const dots = bits.subarray(top * widthBytes, (top + rows) * widthBytes)
    all.push(Uint8Array.of(0x1d, 0x76, 0x30, 0, ...size, ...dots))
  }
  return all
}
