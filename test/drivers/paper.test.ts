import { PNG } from 'pngjs'
import * as assert from 'uvu/assert'
import { drawingWith } from '../../drivers/printer/drawing.ts'
import { encodeReceipt } from '../../drivers/printer/escpos.ts'
import { openFont } from '../../drivers/printer/font.ts'
import type { PrinterModel } from '../../drivers/printer/models.ts'
import { lettersOf } from '../../drivers/printer/text.ts'
import { type PaperLine, paperWriter } from '../../drivers/sim/paper.ts'
import type { Receipt } from '../../node/core/sell/receipt.ts'
import { modelNamed } from '../contract/printer-world.ts'
import { readEscpos } from '../escpos/reader.ts'
import { suite } from '../harness.ts'
import { SAMPLE } from './sample.ts'

const FONT = await openFont()
const LOGO = { widthBytes: 10, height: 24, bits: new Uint8Array(240).fill(0x3c) }
const RECEIPT: Receipt = {
  ...SAMPLE,
  parts: [
    { part: 'title', text: '夜市小吃' },
    { part: 'text', text: 'Chợ đêm', isCentred: true },
    { part: 'pair', left: 'ส้มตำ', right: '5.00', isStrong: true },
    { part: 'text', text: 'Cash', isCentred: false }
  ]
}

function bytesFor(model: PrinterModel): Buffer {
  const letters = lettersOf(model.codePages)
  const desk = { model, letters, drawing: drawingWith(FONT, model), logo: LOGO }
  return Buffer.concat([...encodeReceipt(RECEIPT, desk).chunks])
}

function paperOf(model: PrinterModel, bytes: Uint8Array): PaperLine[] {
  const lines: PaperLine[] = []
  const onLine = (line: PaperLine) => void lines.push(line)
  const write = paperWriter(model, { onLine, onQuestion: () => {}, onKick: () => {} })
  bytes.forEach(write)
  return lines
}

/** Rows of the picture as the strict reader keeps them: one byte a dot. */
function dotsOf({ text }: PaperLine): Uint8Array[] {
  const base64 = /^data:image\/png;base64,(.+)$/.exec(text)?.[1] ?? ''
  const { width, height, data } = PNG.sync.read(Buffer.from(base64, 'base64'))
  return Array.from({ length: height }, (_, y) =>
    Uint8Array.from({ length: width }, (_, x) => (data[4 * (y * width + x) + 3] === 255 ? 1 : 0))
  )
}

suite('simulated paper', test => {
  for (const id of ['epson-tm-t20', 'epson-tm-t88', 'generic-58']) {
    test(`${id}: logo and drawn lines are where the strict reader sees them`, () => {
      const model = modelNamed(id)
      const bytes = bytesFor(model)
      const lines = paperOf(model, bytes)
      const drawn = lines.filter(({ style }) => style === 'drawing').flatMap(dotsOf)
      const seen = readEscpos(bytes, model).dots.slice(0, 24)
      assert.equal(drawn.slice(0, 24), seen)
      const rows = readEscpos(bytes, model).events.reduce(
        (sum, event) => sum + (event.event === 'picture' ? event.height : 0),
        0
      )
      assert.is(drawn.length, rows)
      assert.ok(lines.some(({ text, style }) => text === 'Cash' && style === 'plain'))
    })
  }
})
