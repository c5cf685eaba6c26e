import { existsSync, readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { type Font, openFont } from '../../drivers/printer/font.ts'
import { suite } from '../harness.ts'

const HEX = '/usr/share/unifont/unifont_jp.hex'
const NEEDS_UNIFONT = existsSync(HEX) ? false : 'unifont'

/** What the drawings of receipts must agree in with the font's makers; Hangul was drawn anew. */
const RANGES: readonly (readonly [name: string, from: number, to: number])[] = [
  ['Latin and Vietnamese', 0x1e00, 0x1eff],
  ['Cyrillic', 0x400, 0x4ff],
  ['Thai', 0xe00, 0xe7f],
  ['Hiragana and Katakana', 0x3040, 0x30ff],
  ['Chinese and Japanese', 0x4e00, 0x9fef]
]

/** Rows of bits from a line of the file, the leftmost dot in the lowest bit. */
function rowsOf(hex: string): number[] {
  const digits = hex.length / 16
  return Array.from({ length: 16 }, (_, y) => {
    const row = Number.parseInt(hex.slice(y * digits, (y + 1) * digits), 16)
    return Array.from({ length: 4 * digits }, (_, x) => x).reduce(
      (all, x) => all | (((row >> (4 * digits - 1 - x)) & 1) << x),
      0
    )
  })
}

/** The dots, wherever the glyph stands in its cell: marks are moved over the letter before. */
const shapeOf = (rows: readonly number[]): string => {
  const dots = rows.reduce((all, row) => all | row, 0)
  const shift = dots === 0 ? 0 : Math.log2(dots & -dots)
  return rows.map(row => row >> shift).join()
}

suite('printed letters against the font as Debian has it', test => {
  for (const [name, from, to] of RANGES) {
    test.needs(NEEDS_UNIFONT, `${name}: dot for dot`, async () => {
      const font: Font = await openFont()
      let same = 0
      const others: string[] = []
      for (const line of readFileSync(HEX, 'utf8').split('\n')) {
        const [code = '', hex = ''] = line.split(':')
        const point = Number.parseInt(code, 16)
        if (!(point >= from && point <= to)) continue
        const letter = String.fromCodePoint(point)
        if (/\p{Cn}/u.test(letter)) continue
        const glyph = font.glyphOf(letter)
        if (glyph && shapeOf(glyph.rows) === shapeOf(rowsOf(hex))) same += 1
        else others.push(letter)
      }
      // The package has a newer Unifont than Debian: some letters were mended in between.
      assert.ok(same > 50, `${same}`)
      assert.ok(others.length / same < 0.01, others.join(' '))
    })
  }
})
