import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder'
import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { drawingWith } from '../../drivers/printer/drawing.ts'
import { encodeFence, encodeReceipt, fenceId } from '../../drivers/printer/escpos.ts'
import { openFont } from '../../drivers/printer/font.ts'
import { PRINTER_MODELS, type PrinterModel, printerModel } from '../../drivers/printer/models.ts'
import { cleanText, lettersOf } from '../../drivers/printer/text.ts'
import type { Receipt, ReceiptPart } from '../../node/core/sell/receipt.ts'
import { pictureOf } from '../escpos/picture.ts'
import { type Paper, readEscpos } from '../escpos/reader.ts'
import { suite } from '../harness.ts'
import { CHECK_URL, pair, SAMPLE, text } from './sample.ts'

const WIDE = modelNamed('epson-tm-t20')
const NARROW = modelNamed('generic-58')
/** DLE with EOT, ENQ or DC4: printers obey it wherever it stands. */
const REAL_TIME = ['\x10\x04', '\x10\x05', '\x10\x14']
const SEED = 20260731

function modelNamed(id: string): PrinterModel {
  const model = printerModel(id)
  if (model === undefined) throw new Error(`No model ${id}`)
  return model
}

const FONT = await openFont()

/** `isDrawn`: lines in other scripts are drawn, as they are where the font is there. */
const bytesOf = (receipt: Receipt, model: PrinterModel, { isDrawn = false } = {}) => {
  const letters = lettersOf(model.codePages)
  const drawing = isDrawn ? drawingWith(FONT, model) : undefined
  return Buffer.concat([...encodeReceipt(receipt, { model, letters, drawing }).chunks])
}

const print = (receipt: Receipt, model: PrinterModel): Paper =>
  readEscpos(bytesOf(receipt, model), model)

const linesOf = (parts: readonly ReceiptPart[], model: PrinterModel = WIDE) =>
  print({ ...SAMPLE, parts }, model).lines

/** Text as a hostile neighbour would name an item. */
const nastyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('\0', '\x1b', '\x1d', '\x10', '\x10\x14\x01\x00\x05', '\x1bp\0\x19\xfa'),
      fc.constantFrom('►¶☺', '•§¶', '\u202e', '\u200b', '\u2028', '\x7f', '\x85', '\ud800'),
      fc.constantFrom('€', 'ä', 'œ', 'ő', 'ß', '汉', 'e\u0301', '👍🏽', ' ', '-')
    ),
    { maxLength: 8 }
  )
  .map(parts => parts.join(''))

const nastyPart: fc.Arbitrary<ReceiptPart> = fc.oneof(
  fc.record({ part: fc.constant('title' as const), text: nastyText }),
  fc.record({ part: fc.constant('text' as const), text: nastyText, isCentred: fc.boolean() }),
  fc.record({
    part: fc.constant('pair' as const),
    left: nastyText,
    right: nastyText,
    isStrong: fc.boolean()
  }),
  fc.record({ part: fc.constant('qr' as const), data: nastyText }),
  fc.constant({ part: 'rule' as const })
)

suite('escpos text', test => {
  test('no text from outside becomes a command, on any printer', () => {
    fc.assert(
      fc.property(
        fc.array(nastyPart, { maxLength: 6 }),
        fc.constantFrom(...PRINTER_MODELS),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        (parts, model, copy, isDrawn) => {
          const printed = bytesOf({ ...SAMPLE, copy, parts }, model, { isDrawn })
          const paper = readEscpos(printed, model)
          const expected = [
            ...(model.status === 'asb' ? ['report'] : []),
            ...(model.cutter === 'none' ? [] : ['cut'])
          ]
          assert.equal(
            paper.events.map(({ event }) => event).filter(event => event !== 'picture'),
            expected
          )
          const bytes = printed.toString('latin1')
          assert.not(REAL_TIME.some(command => bytes.includes(command)))
        }
      ),
      { seed: SEED, numRuns: 400 }
    )
  })

  test('cleaned text has no control, no hidden and no direction character', () => {
    fc.assert(
      fc.property(nastyText, dirty => {
        assert.not(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(cleanText(dirty)))
        assert.is(cleanText(cleanText(dirty)), cleanText(dirty))
      }),
      { seed: SEED, numRuns: 1_000 }
    )
  })

  test('writes Western Europe and the euro as they are', () => {
    const western = 'ÄÖÜäöüß àâçéèêëîïôûùÿœŒ ñáíóú¿¡ åæøÅÆØ ãõ €£ „“”’–…'
    assert.equal(linesOf([text(western.slice(0, 40))]), [western.slice(0, 40)])
    assert.equal(linesOf([text(western.slice(40))]), [western.slice(40)])
  })

  test('writes what the pages lack in a simpler form, or as a question mark', () => {
    const { printable } = lettersOf(WIDE.codePages)
    assert.is(printable('Łódź őűšž ğı'), 'Łódź őűšž ğı')
    assert.is(printable('5₫ 3₹ ½ ﬁ'), '5d 3Rs ½ fi')
    assert.is(printable('寿司 sushi'), '?? sushi')
    assert.is(printable('e\u0301t\u200be\u0301'), 'été')
  })

  test('asks each printer for its own pages, by the numbers that it knows them by', () => {
    const price = text('Łódź: 5 €, Борщ')
    for (const id of ['epson-tm-t88iv', 'citizen-ct-s310', 'xprinter-xp-80']) {
      assert.equal(linesOf([price], modelNamed(id)), ['Łódź: 5 €, Борщ'])
    }
    const greek = text('Σουβλάκι, İskender, Šakotis, ґ')
    assert.equal(linesOf([greek]), ['Σουβλάκι, İskender, Šakotis, ґ'])
  })

  test('finds § and • where no printer sees a control byte', () => {
    assert.equal(linesOf([text('§ 14 • ¶')]), ['§ 14 • ¶'])
    assert.equal(linesOf([text('►☺')]), ['??'])
  })
})

suite('escpos layout', test => {
  test('lays out a whole receipt', () => {
    const { lines, events } = print(SAMPLE, WIDE)
    assert.is(lines[0]?.trim(), 'Käthes Crêperie')
    assert.ok(lines.includes('  walnuts, honey and a very long name      11.50'))
    assert.ok(lines.includes('  Student                                  -1.50'))
    assert.ok(lines.includes(`TOTAL EUR${' '.repeat(32)}€ 29.50`))
    assert.equal(events.at(-1), { event: 'cut' })
  })

  test('heads a copy with its number', () => {
    assert.is(print({ ...SAMPLE, copy: 3 }, WIDE).lines[0]?.trim(), 'COPY 3')
    assert.not(print(SAMPLE, WIDE).lines.join('\n').includes('COPY'))
  })

  test('never cuts an amount, however long the name', () => {
    const amounts = fc.integer({ min: -999_999_999, max: 999_999_999 }).map(String)
    fc.assert(
      fc.property(
        nastyText,
        amounts,
        fc.constantFrom(WIDE, NARROW, modelNamed('epson-tm-t88')),
        (name, amount, model) => {
          const lines = linesOf([pair(name, amount)], model)
          const ends = lines.filter(line => line.length === model.columns && line.endsWith(amount))
          assert.is(ends.length, 1, lines.join('|'))
        }
      ),
      { seed: SEED, numRuns: 400 }
    )
  })

  test('sets a long name in, and keeps it clear of the amount', () => {
    for (let letters = 1; letters < 150; letters++) {
      const lines = linesOf([pair('x'.repeat(letters), '12.50')], NARROW).filter(
        line => line !== ''
      )
      assert.match(lines.at(-1) ?? '', /^ *x* +12\.50$/)
      assert.is(lines.at(-1)?.length, 32)
      assert.is(lines.join('').replace(/[^x]/g, '').length, letters)
    }
  })

  test('gives an amount that leaves no room a line of its own', () => {
    const amount = '123456789012345678901234.00 EUR'
    assert.equal(linesOf([pair('Voucher', amount)], NARROW).slice(0, 2), [
      'Voucher',
      amount.padStart(32)
    ])
  })
})

suite('escpos QR', test => {
  for (const model of [WIDE, NARROW, modelNamed('epson-tm-t88')]) {
    test.needs(zbar(), `${model.id}: a camera reads the exact address back`, () => {
      assert.is(scan(print(SAMPLE, model)), CHECK_URL)
    })
  }

  test.needs(zbar(), 'is read between drawn lines and below a logo as well', async () => {
    const parts: ReceiptPart[] = [
      { part: 'title', text: '夜市小吃' },
      pair('ส้มตำไทย', '60.00'),
      { part: 'qr', data: CHECK_URL },
      text('ありがとう Cảm ơn')
    ]
    const logo = { widthBytes: 25, height: 40, bits: new Uint8Array(1_000).fill(0x3c) }
    const letters = lettersOf(WIDE.codePages)
    const desk = { model: WIDE, letters, drawing: drawingWith(FONT, WIDE), logo }
    const { chunks } = encodeReceipt({ ...SAMPLE, parts }, desk)
    assert.is(scan(readEscpos(Buffer.concat([...chunks]), WIDE)), CHECK_URL)
  })

  test('drops to error level L where M does not fit, and to words where none does', () => {
    const withDigits = (count: number) => {
      const data = `https://market.example/r#${'7'.repeat(count)}`
      return print({ ...SAMPLE, parts: [{ part: 'qr', data }] }, NARROW)
    }
    const height = ({ events }: Paper) =>
      events.reduce((rows, event) => rows + (event.event === 'picture' ? event.height : 0), 0)
    assert.is(height(withDigits(420)), 57 * 5)
    // 77 modules and their margin are too wide at 5 dots.
    assert.is(height(withDigits(900)), 77 * 4)
    // Version 17, the largest that fits, holds these digits at level L only.
    assert.is(height(withDigits(1_400)), 85 * 4)
    const words = withDigits(3_000)
    assert.is(height(words), 0)
    assert.match(words.lines.join(' '), 'https://market.example/r')
  })
})

suite('printer models', test => {
  /** The names that the encoder's own data has for the makers' numbering. */
  const MAKERS = [
    [/^epson-tm-(t20|m30|t88|p20)$/, 'epson'],
    [/^epson|^generic/, 'epson/legacy'],
    [/^bixolon/, 'bixolon'],
    [/^citizen/, 'citizen'],
    [/^xprinter/, 'xprinter'],
    [/^star/, 'star']
  ] as const

  for (const model of PRINTER_MODELS) {
    const maker = MAKERS.find(([id]) => id.test(model.id))?.[1]
    if (maker === undefined) continue
    test(`${model.id} numbers its pages as the encoder has it for ${maker}`, () => {
      for (const { name, number } of model.codePages) {
        const encoder = new ReceiptPrinterEncoder({ language: 'esc-pos', codepageMapping: maker })
        const bytes = Buffer.from(encoder.codepage(name).text('é').encode())
        assert.ok(bytes.includes(Buffer.of(0x1b, 0x74, number)), name)
      }
    })
  }
})

suite('escpos fence', test => {
  test('names each printing of a receipt with four printable characters', () => {
    const ids = [1, 2, 3].map(copy => fenceId({ ...SAMPLE, copy }))
    assert.is(new Set(ids).size, 3)
    for (const id of ids) assert.match(id, /^[ -~]{4}$/)
    const paper = readEscpos(encodeFence('gs-paren-h', ids[0] ?? ''), WIDE)
    assert.equal(paper.events, [{ event: 'fence', id: ids[0] }])
  })
})

function zbar(): string | false {
  const found = (process.env['PATH'] ?? '').split(':').some(dir => existsSync(join(dir, 'zbarimg')))
  return found ? false : 'zbarimg (apt install zbar-tools)'
}

function scan(paper: Paper): string {
  const folder = mkdtempSync(join(tmpdir(), 'receipt-'))
  try {
    const file = join(folder, 'paper.png')
    writeFileSync(file, pictureOf(paper))
    const { stdout } = spawnSync('zbarimg', ['--nodbus', '-q', '--raw', file], { encoding: 'utf8' })
    return stdout.trimEnd()
  } finally {
    rmSync(folder, { recursive: true })
  }
}
