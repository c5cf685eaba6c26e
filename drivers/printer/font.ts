import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { Fault } from '../../node/core/ports.ts'

/**
 * The letters that printers' own fonts lack. GNU Unifont draws nearly every letter there is on a
 * grid of 16 dots; `@fontsource/unifontex` brings a build of it under the SIL Open Font License
 * 1.1, so it comes with `npm ci` and nothing has to be installed beside it.
 */
export interface Font {
  /** Undefined when it has no such letter. */
  readonly glyphOf: (letter: string) => Glyph | undefined
}

export interface Glyph {
  /** 1, or 2 for Chinese and the like; 0 for a mark on the letter before it. */
  readonly cells: number
  /** Where its leftmost dot is, counted from the pen: marks lie behind it. */
  readonly left: number
  /** One number a row from the top, its lowest bit being the leftmost dot. */
  readonly rows: readonly number[]
}

/** Dots of a letter from top to bottom; a cell is half as wide. */
export const GLYPH_DOTS = 16
export const CELL_DOTS = GLYPH_DOTS / 2

/** Reads 3 MB and unfolds 12 MB, in about 50 ms. Rejects with a `Fault`. */
export async function openFont(): Promise<Font> {
  try {
    const path = createRequire(import.meta.url).resolve(FONT_FILE)
    return fontOf(await readTables(await readFile(path)))
  } catch (error) {
    throw new Fault({
      code: 'font-missing',
      message: 'Letters of other scripts are printed in a simpler form, for their font is missing.',
      fix: `Run "npm ci" in the folder of the program (${error}).`,
      isRetryable: true
    })
  }
}

const FONT_FILE = '@fontsource/unifontex/files/unifontex-latin-400-normal.woff'

/** The tables of a TrueType font (ISO/IEC 14496-22) that say where a letter's outline is. */
interface Tables {
  readonly cmap: Buffer
  readonly loca: Buffer
  readonly glyf: Buffer
  readonly hhea: Buffer
  readonly hmtx: Buffer
}

/** W3C WOFF 1.0, section 4: a directory of tables, each compressed with zlib if that helps. */
async function readTables(file: Buffer): Promise<Tables> {
  if (file.toString('latin1', 0, 4) !== 'wOFF') throw new Error('It is no WOFF font')
  const read = async (name: keyof Tables): Promise<Buffer> => {
    for (let at = 44; at < 44 + 20 * file.readUInt16BE(12); at += 20) {
      if (file.toString('latin1', at, at + 4) !== name) continue
      const start = file.readUInt32BE(at + 4)
      const bytes = file.subarray(start, start + file.readUInt32BE(at + 8))
      const length = file.readUInt32BE(at + 12)
      return bytes.length === length ? bytes : unfold(bytes, { maxOutputLength: length })
    }
    throw new Error(`The font has no table ${name}`)
  }
  const [cmap, loca, glyf, hhea, hmtx] = await Promise.all([
    read('cmap'),
    read('loca'),
    read('glyf'),
    read('hhea'),
    read('hmtx')
  ])
  return { cmap, loca, glyf, hhea, hmtx }
}

const unfold = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate)

const GLYPHS_KEPT_MAX = 2_000

function fontOf(tables: Tables): Font {
  const glyphs = new Map<string, Glyph | undefined>()
  return {
    glyphOf: letter => {
      if (glyphs.has(letter)) return glyphs.get(letter)
      if (glyphs.size >= GLYPHS_KEPT_MAX) glyphs.clear()
      const index = glyphIndex(tables.cmap, letter.codePointAt(0) ?? 0)
      const glyph = index === undefined ? undefined : readGlyph(tables, index)
      glyphs.set(letter, glyph)
      return glyph
    }
  }
}

/** Format 12 of `cmap`: groups of letters whose glyphs follow each other, sorted. */
function glyphIndex(cmap: Buffer, point: number): number | undefined {
  const table = unicodeTable(cmap)
  let low = 0
  let high = cmap.readUInt32BE(table + 12) - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const group = table + 16 + 12 * middle
    const first = cmap.readUInt32BE(group)
    if (point < first) high = middle - 1
    else if (point > cmap.readUInt32BE(group + 4)) low = middle + 1
    else return cmap.readUInt32BE(group + 8) + point - first
  }
  return undefined
}

/** Platform 3, encoding 10: all of Unicode. */
function unicodeTable(cmap: Buffer): number {
  for (let at = 4; at < 4 + 8 * cmap.readUInt16BE(2); at += 8) {
    const table = cmap.readUInt32BE(at + 4)
    const isWanted = cmap.readUInt16BE(at) === 3 && cmap.readUInt16BE(at + 2) === 10
    if (isWanted && cmap.readUInt16BE(table) === 12) return table
  }
  throw new Error('The font has no table for all of Unicode')
}

/** 1024 units to 16 dots, the base line two dots from below. */
const UNITS_PER_DOT = 64
const BASE_LINE = 14

/** Its outlines run along the sides of dots, so each corner counts as whole dots. */
function readGlyph(tables: Tables, index: number): Glyph {
  const { hhea, hmtx } = tables
  const widths = hhea.readUInt16BE(34)
  const advance = hmtx.readUInt16BE(4 * Math.min(index, widths - 1)) / UNITS_PER_DOT
  const sides = readSides(tables, index)
  const left = Math.min(0, ...sides.map(({ x }) => x))
  const rows = Array.from({ length: GLYPH_DOTS }, (_, y) => {
    let row = 0
    // Even-odd: from an upright side on, all dots change. Overlapping outlines are not in use.
    for (const { x, top, bottom } of sides) {
      if (y >= top && y < bottom) row ^= -1 << (x - left)
    }
    return row & 0xffff
  })
  return { cells: advance / CELL_DOTS, left, rows }
}

/** An upright side of an outline, in dots from the pen and from the top. */
interface Side {
  readonly x: number
  readonly top: number
  readonly bottom: number
}

function readSides({ loca, glyf }: Tables, index: number): Side[] {
  const start = loca.readUInt32BE(4 * index)
  const end = loca.readUInt32BE(4 * index + 4)
  if (start === end) return []
  const outlines = readOutlines(glyf.subarray(start, end))
  return outlines.flatMap(outline =>
    outline.flatMap(({ x, y }, at) => {
      const next = outline[(at + 1) % outline.length]
      if (next === undefined || next.x !== x || next.y === y) return []
      const [top, bottom] = [Math.max(y, next.y), Math.min(y, next.y)]
      return [{ x, top: BASE_LINE - top, bottom: BASE_LINE - bottom }]
    })
  )
}

interface Corner {
  readonly x: number
  readonly y: number
}

/** Simple glyphs of `glyf`: where outlines end, flags that repeat, then x and y as steps. */
function readOutlines(glyph: Buffer): Corner[][] {
  const count = Math.max(0, glyph.readInt16BE(0))
  const ends = Array.from({ length: count }, (_, outline) => glyph.readUInt16BE(10 + 2 * outline))
  const corners = (ends.at(-1) ?? -1) + 1
  let at = 12 + 2 * count + glyph.readUInt16BE(10 + 2 * count)
  const flags: number[] = []
  while (flags.length < corners) {
    const flag = glyph.readUInt8(at++)
    const repeats = flag & REPEATED ? glyph.readUInt8(at++) : 0
    for (let repeat = 0; repeat <= repeats; repeat++) flags.push(flag)
  }
  const readSteps = (isShort: number, isSame: number): number[] => {
    let value = 0
    return flags.map(flag => {
      if (flag & isShort) value += flag & isSame ? glyph.readUInt8(at++) : -glyph.readUInt8(at++)
      else if (!(flag & isSame)) {
        value += glyph.readInt16BE(at)
        at += 2
      }
      return value / UNITS_PER_DOT
    })
  }
  const xs = readSteps(X_SHORT, X_SAME)
  const ys = readSteps(Y_SHORT, Y_SAME)
  return ends.map((end, outline) => {
    const first = outline === 0 ? 0 : (ends[outline - 1] ?? 0) + 1
    return xs.slice(first, end + 1).map((x, corner) => ({ x, y: ys[first + corner] ?? 0 }))
  })
}

const X_SHORT = 2
const Y_SHORT = 4
const REPEATED = 8
const X_SAME = 16
const Y_SAME = 32
