import { CELL_DOTS, type Font, GLYPH_DOTS, type Glyph } from './font.ts'
import type { Hand, RowStyle, Word } from './layout.ts'
import type { PrinterModel } from './models.ts'
import { blankRaster, type Raster, setDot } from './raster.ts'
import { cleanText, type Letters, type Printable, simplified } from './text.ts'

/**
 * Writes lines dot by dot: Chinese, Japanese, Korean, Thai, Vietnamese and all else that the
 * printer's code pages lack and that needs no more than one letter behind the other.
 */
export interface Drawing extends Hand {
  /** Cleans the text; what cannot be drawn is written in a simpler form, or as `?`. */
  readonly printable: Printable
  /** Whether it can write a letter of the text that the others would change. */
  readonly addsTo: (letters: Letters, text: string) => boolean
  readonly draw: (text: string, style: RowStyle) => Raster
}

export function drawingWith(font: Font, model: PrinterModel): Drawing {
  const canDraw = (letter: string) => UNJOINED.test(letter) && font.glyphOf(letter) !== undefined
  const glyphsOf = (text: string) => Array.from(text, letter => font.glyphOf(letter) ?? BLANK)
  const widthDots = model.columns * OWN_CELL_DOTS
  const columnsAt = (style: RowStyle) => Math.floor(widthDots / (CELL_DOTS * SCALES[style].x))
  return {
    isDrawn: true,
    columns: columnsAt('plain'),
    largeColumns: columnsAt('large'),
    widthOf: text => glyphsOf(text).reduce((cells, glyph) => cells + glyph.cells, 0),
    wordsOf,
    printable: (text, onUnwritten) => simplified(text, canDraw, onUnwritten),
    addsTo: (letters, text) =>
      Array.from(cleanText(text)).some(letter => !letters.suffice(letter) && canDraw(letter)),
    draw: (text, style) => {
      // Both ends of a full line stand where those of the printer's own lines stand.
      const left = widthDots - columnsAt(style) * CELL_DOTS * SCALES[style].x
      return drawLine({ glyphs: glyphsOf(text), style, left })
    }
  }
}

/** Letters that look the same beside any other. Arabic joins, Devanagari reorders: not these. */
const UNJOINED = new RegExp(
  `^[${[
    'Common',
    'Inherited',
    'Latin',
    'Greek',
    'Cyrillic',
    'Armenian',
    'Georgian',
    'Ethiopic',
    'Thai',
    'Lao',
    'Han',
    'Bopomofo',
    'Hiragana',
    'Katakana',
    'Hangul'
  ]
    .map(script => `\\p{Script=${script}}`)
    .join('')}]$`,
  'u'
)

const BLANK: Glyph = { cells: 1, left: 0, rows: [] }

/** Font A of all the models: 12 dots wide, 24 high, on lines some 30 dots apart. */
const OWN_CELL_DOTS = 12

/**
 * Dots for each dot of the font. Large and tall letters become as high as the printer's own, which
 * are 48 dots then; plain ones stand out a little, for half of 32 dots cannot be read.
 * Never 1: pairs of dots are never DLE, see `withoutDle`.
 */
const SCALES: Readonly<Record<RowStyle, { readonly x: number; readonly y: number }>> = {
  plain: { x: 2, y: 2 },
  strong: { x: 2, y: 2 },
  tall: { x: 2, y: 3 },
  large: { x: 3, y: 3 }
}

/** White below each line: letters of the font fill their height. */
const LEADING_DOTS = 4

function drawLine(line: {
  readonly glyphs: readonly Glyph[]
  readonly style: RowStyle
  readonly left: number
}): Raster {
  const { x, y } = SCALES[line.style]
  const cells = line.glyphs.reduce((total, glyph) => total + glyph.cells, 0)
  const boldDots = line.style === 'plain' ? 0 : 1
  const raster = blankRaster({
    width: line.left + cells * CELL_DOTS * x,
    height: GLYPH_DOTS * y + LEADING_DOTS
  })
  let pen = line.left
  for (const glyph of line.glyphs) {
    drawGlyph(raster, { glyph, pen: pen + glyph.left * x, x, y, boldDots })
    pen += glyph.cells * CELL_DOTS * x
  }
  return raster
}

function drawGlyph(
  raster: Raster,
  place: { glyph: Glyph; pen: number; x: number; y: number; boldDots: number }
): void {
  const { glyph, pen, x, y, boldDots } = place
  glyph.rows.forEach((row, top) => {
    for (let dot = 0; row >> dot !== 0; dot++) {
      if (((row >> dot) & 1) === 0) continue
      for (let dy = 0; dy < y; dy++) {
        for (let dx = 0; dx < x + boldDots; dx++) setDot(raster, pen + dot * x + dx, top * y + dy)
      }
    }
  })
}

let segmenter: Intl.Segmenter | undefined

/** Thai, Chinese and Japanese put no spaces between words, so a dictionary finds them. */
function wordsOf(text: string): Word[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'word' })
  const words: { text: string; isSpaced: boolean }[] = []
  let isSpaced = true
  for (const { segment } of segmenter.segment(text)) {
    const last = words.at(-1)
    if (segment.trim() === '') {
      isSpaced = true
      continue
    }
    const isTail = CLOSING.test(segment) || ASCII.test(segment) || OPENING.test(last?.text ?? '')
    if (last !== undefined && !isSpaced && isTail) last.text += segment
    else words.push({ text: segment, isSpaced })
    isSpaced = false
  }
  return words
}

/** No line begins with a full stop, none ends with an opening bracket, and "9.00" stays whole. */
const CLOSING = /^[\p{Pe}\p{Pf}\p{Po}\p{Pd}]+$/u
const OPENING = /[\p{Ps}\p{Pi}]$/u
const ASCII = /^[\x21-\x7e]+$/
