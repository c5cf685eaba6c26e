import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { PNG } from 'pngjs'
import * as assert from 'uvu/assert'
import { type Drawing, drawingWith } from '../../drivers/printer/drawing.ts'
import { encodeReceipt } from '../../drivers/printer/escpos.ts'
import { openFont } from '../../drivers/printer/font.ts'
import { wrap } from '../../drivers/printer/layout.ts'
import { readLogo } from '../../drivers/printer/logo.ts'
import type { PrinterModel } from '../../drivers/printer/models.ts'
import { lettersOf } from '../../drivers/printer/text.ts'
import type { Fault } from '../../node/core/ports.ts'
import type { Receipt, ReceiptPart } from '../../node/core/sell/receipt.ts'
import { modelNamed } from '../contract/printer-world.ts'
import { type Paper, readEscpos } from '../escpos/reader.ts'
import { faultOf } from '../fault.ts'
import { suite } from '../harness.ts'
import { pair, SAMPLE, text } from './sample.ts'

const SEED = 20260731
const FONT = await openFont()
const MODELS = ['epson-tm-t20', 'epson-tm-t88', 'generic-58'].map(modelNamed)
const [WIDE = modelNamed('generic-80')] = MODELS

const print = (
  parts: readonly ReceiptPart[],
  model: PrinterModel = WIDE
): { readonly paper: Paper; readonly unwritten: readonly string[] } => {
  const receipt: Receipt = { ...SAMPLE, parts }
  const drawing = drawingWith(FONT, model)
  const letters = lettersOf(model.codePages)
  const { chunks, unwritten } = encodeReceipt(receipt, { model, letters, drawing })
  return { paper: readEscpos(Buffer.concat([...chunks]), model), unwritten }
}

/** A letter as unifont.hex writes it: four digits a row, the leftmost dot in the highest bit. */
const hexOf = (letter: string): string => {
  const { rows = [], cells = 2 } = FONT.glyphOf(letter) ?? {}
  const width = 8 * cells
  const mirrored = rows.map(row =>
    Array.from({ length: width }, (_, dot) => (row >> dot) & 1).reduce((all, bit) => 2 * all + bit)
  )
  return mirrored
    .map(row =>
      row
        .toString(16)
        .toUpperCase()
        .padStart(width / 4, '0')
    )
    .join('')
}

/** The rightmost dot of each drawn line. */
const rightEnds = (paper: Paper): number[] => paper.dots.map(row => row.lastIndexOf(1))

/** Lines of GNU Unifont 15's own unifont_jp.hex and unifont.hex. */
const UNIFONT_591C = '008000807FFF02200420047E084218E229944A4C08280810082808C40B030000'
const UNIFONT_1EC7 = '0000182400003C42427E4040423C0008'

suite('printed letters of other scripts', test => {
  test('are those of GNU Unifont', () => {
    assert.is(hexOf('夜'), UNIFONT_591C)
    assert.is(hexOf('ệ'), UNIFONT_1EC7)
    const mark = FONT.glyphOf('\u0e34')
    assert.is(mark?.cells, 0)
    assert.ok((mark?.left ?? 0) < 0)
    assert.is(FONT.glyphOf('A')?.cells, 1)
    assert.is(FONT.glyphOf('夜')?.cells, 2)
  })

  test('are drawn, and lines that need none of them are left to the printer', () => {
    const { paper, unwritten } = print([text('寿司 sushi'), text('Crêpe'), text('Łódź')])
    assert.equal(paper.lines.slice(0, 2), ['Crêpe', 'Łódź'])
    const drawn = paper.events.filter(event => event.event === 'picture')
    assert.is(
      drawn.reduce((rows, { height }) => rows + height, 0),
      36
    )
    assert.equal(unwritten, [])
  })

  test('quotes and dashes that the printer lacks are no reason to draw a line', () => {
    assert.equal(
      print([text('“Grand‑mère” → ﬁn')], modelNamed('rongta-rp-32x')).paper.lines[0],
      '“Grand-mère” -> fin'
    )
  })

  test('that join or reorder stay what they were, and are named', () => {
    const { paper, unwritten } = print([text('شاي chai')])
    assert.is(paper.lines[0], '??? chai')
    assert.equal(unwritten, ['ش', 'ا', 'ي'])
  })

  for (const model of MODELS) {
    test(`${model.id}: amounts end where those of the printer's own lines end`, () => {
      const { paper } = print([pair('夜市小吃', '14.50'), pair('ส้มตำไทย', '5.00')], model)
      const ends = rightEnds(paper).filter(end => end >= 0)
      // The figure 0 of the font ends one dot before its cell, which is drawn two dots wide.
      assert.is(Math.max(...ends), model.columns * 12 - 1 - 2)
    })
  }

  test('however long a name is, no line leaves the paper and no amount is cut', () => {
    const name = fc
      .array(
        fc.constantFrom('夜', '市', 'ส้', 'ตำ', 'ở', 'た', '한', ' ', '（', '。', '9', '🍜', 'x'),
        {
          maxLength: 60
        }
      )
      .map(letters => letters.join(''))
    fc.assert(
      fc.property(name, fc.nat(99_999_999), fc.constantFrom(...MODELS), (left, amount, model) => {
        const drawing = drawingWith(FONT, model)
        // The reader throws at a picture that is wider than the paper or that holds DLE.
        const { paper } = print([pair(`寿${left}`, String(amount))], model)
        const drawn = paper.dots.filter(row => row.includes(1))
        assert.ok(drawn.length > 0)
        const widest = wrap(drawing.printable(left), { width: drawing.columns, hand: drawing })
        for (const line of widest) assert.ok(drawing.widthOf(line) <= drawing.columns)
        assert.is(widest.join('').replaceAll(' ', ''), drawing.printable(left).replaceAll(' ', ''))
      }),
      { seed: SEED, numRuns: 200 }
    )
  })

  test('Thai is broken between words, and brackets and full stops stay where they belong', () => {
    const drawing: Drawing = drawingWith(FONT, modelNamed('generic-58'))
    const thai = wrap('ก๋วยเตี๋ยวต้มยำน้ำข้นใส่ไข่', { width: 12, hand: drawing })
    assert.equal(thai, ['ก๋วยเตี๋ยวต้มยำ', 'น้ำข้นใส่ไข่'])
    for (let width = 8; width < 30; width++) {
      const lines = wrap('夜市小吃（士林）大排档开门了。欢迎', { width, hand: drawing })
      for (const line of lines) assert.not(/^[）。]|（$/u.test(line), `${width}: ${line}`)
    }
  })

  test('a mark without a letter, and one at the edge, are cut off and break nothing', () => {
    print([text('\u0e34寿'), text('寿\u0301\u0301\u0301'), { part: 'title', text: '\u0e34夜' }])
  })
})

const inFolder = async (story: (folder: string) => Promise<void>) => {
  const folder = mkdtempSync(join(tmpdir(), 'logo-'))
  try {
    await story(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const pngOf = (width: number, height: number, greyAt: (x: number, y: number) => number) => {
  const png = new PNG({ width, height })
  for (let pixel = 0; pixel < width * height; pixel++) {
    const grey = greyAt(pixel % width, Math.floor(pixel / width))
    png.data.set([grey, grey, grey, 255], 4 * pixel)
  }
  return PNG.sync.write(png)
}

const logoFault = (path: string): Promise<Fault> => faultOf(readLogo({ path, dots: 384 }))

suite('receipt logo', test => {
  test('is printed dot for dot where it fits, and in the middle', () =>
    inFolder(async folder => {
      const path = join(folder, 'logo.png')
      writeFileSync(
        path,
        pngOf(96, 8, x => (x < 48 ? 0 : 255))
      )
      const logo = await readLogo({ path, dots: WIDE.dots })
      const letters = lettersOf(WIDE.codePages)
      const { chunks } = encodeReceipt(SAMPLE, { model: WIDE, letters, logo })
      const paper = readEscpos(Buffer.concat([...chunks]), WIDE)
      const row = paper.dots[0] ?? new Uint8Array()
      assert.is(row.indexOf(1), 240)
      assert.is(row.lastIndexOf(1), 287)
      assert.equal(paper.events[1], { event: 'picture', width: 96, height: 8 })
    }))

  test('is made smaller where it does not, its greys a pattern as dark as they are', () =>
    inFolder(async folder => {
      const path = join(folder, 'logo.png')
      writeFileSync(
        path,
        pngOf(960, 480, () => 191)
      )
      const { widthBytes, height, bits } = await readLogo({ path, dots: 384 })
      assert.equal([widthBytes * 8, height], [384, 192])
      const dark = bits.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
      const share = dark / (384 * 192)
      assert.ok(share > 0.23 && share < 0.27, String(share))
    }))

  test('never holds DLE, whatever is in the picture', () =>
    inFolder(async folder => {
      const path = join(folder, 'logo.png')
      // One lonely dot in each byte, just where DLE has it.
      writeFileSync(
        path,
        pngOf(64, 16, x => (x % 8 === 3 ? 0 : 255))
      )
      const { bits } = await readLogo({ path, dots: 384 })
      assert.not(bits.includes(0x10))
      assert.ok(bits.includes(0x18))
    }))

  test('that is missing, no PNG, cut short or too large is a fault with a way out', () =>
    inFolder(async folder => {
      const write = (name: string, bytes: Uint8Array) => {
        writeFileSync(join(folder, name), bytes)
        return join(folder, name)
      }
      const whole = pngOf(96, 96, x => x * 2)
      const huge = Buffer.from(whole)
      huge.writeUInt32BE(60_000, 16)
      huge.writeUInt32BE(60_000, 20)
      const codes = [
        await logoFault(join(folder, 'nowhere.png')),
        await logoFault(folder),
        await logoFault(write('text.png', Buffer.from('GIF89a is no PNG'))),
        await logoFault(write('empty.png', Buffer.alloc(0))),
        await logoFault(write('half.png', whole.subarray(0, whole.length / 2))),
        await logoFault(write('huge.png', huge)),
        await logoFault(write('heavy.png', Buffer.alloc(2_000_000)))
      ]
      for (const { message, fix } of codes) {
        assert.match(message, 'Receipts have no logo')
        assert.ok(fix !== '')
      }
      assert.equal(
        codes.map(({ code }) => code),
        [
          'logo-missing',
          'logo-missing',
          'logo-broken',
          'logo-broken',
          'logo-broken',
          'logo-too-large',
          'logo-too-large'
        ]
      )
    }))
})
