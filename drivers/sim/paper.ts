import CodepageEncoder from '@point-of-sale/codepage-encoder'
import type { PrinterModel } from '../printer/models.ts'
import { blankRaster, type Raster, setDot } from '../printer/raster.ts'
import { pngOf } from './png.ts'

/** A line that came out of the simulated printer, as the till page shows it. */
export interface PaperLine {
  readonly text: string
  /**
   * `picture` is a code in half blocks, two cells above each other in a character; `drawing` is
   * anything else that was drawn, as wide as the paper: its text is the address of a PNG.
   */
  readonly style: 'plain' | 'strong' | 'large' | 'picture' | 'drawing' | 'cut'
}

/** What the reader of a printer's bytes met. */
interface PaperEvents {
  readonly onLine: (line: PaperLine) => void
  /** A command that a printer answers, with its parameters: `GS a`, `GS r`, `GS ( H`. */
  readonly onQuestion: (command: string, parameters: readonly number[]) => void
  /** `ESC p`. */
  readonly onKick: () => void
}

/**
 * Puts bytes on paper one by one, as lenient as a printer: a command it does not know is dropped
 * without a word. (The strict reader that checks our bytes belongs to the tests.)
 */
export function paperWriter(model: PrinterModel, events: PaperEvents): (byte: number) => void {
  const pages = new Map(
    model.codePages.map(page => [page.number, CodepageEncoder.getCodepoints(page.name, true)])
  )
  const home = pages.get(0) ?? []
  let pending: number[] = []
  let pen: Pen = newPen(home)
  let line: { text: string; style: PaperLine['style'] } = { text: '', style: 'plain' }
  /** Bands of one picture come as commands of their own and are drawn together. */
  let picture: Picture = { widthBytes: 0, bits: [] }
  const endPicture = () => {
    if (picture.widthBytes > 0) {
      pictureLines(picture, { align: pen.align, dots: model.dots }).forEach(events.onLine)
    }
    picture = { widthBytes: 0, bits: [] }
  }
  const endLine = () => {
    events.onLine({ text: line.text.trimEnd(), style: line.style })
    line = { text: '', style: 'plain' }
  }
  const write = (byte: number) => {
    line.text += String.fromCodePoint(pen.page[byte] ?? 0x20)
    if (pen.isLarge) line.style = 'large'
    else if (pen.isStrong && line.style === 'plain') line.style = 'strong'
  }
  const obey = (bytes: readonly number[]) => {
    const name = commandName(bytes)
    const parameters = bytes.slice(2)
    const [n = 0] = parameters
    if (name === 'GS v') {
      const [, , xLow = 0, xHigh = 0, , , ...bits] = parameters
      const widthBytes = xLow + 256 * xHigh
      if (widthBytes !== picture.widthBytes) endPicture()
      picture = { widthBytes, bits: [...picture.bits, ...bits] }
      return
    }
    // A question between two bands leaves the picture whole.
    if (QUESTIONS.includes(name)) return events.onQuestion(name, parameters)
    endPicture()
    if (name === 'ESC @') pen = newPen(home)
    else if (name === 'ESC t') pen = { ...pen, page: pages.get(n) ?? home }
    else if (name === 'ESC a') pen = { ...pen, align: n }
    else if (name === 'ESC E') pen = { ...pen, isStrong: (n & 1) === 1 }
    else if (name === 'GS !') pen = { ...pen, isLarge: n === 0x11 }
    else if (name === 'ESC d') for (let feed = 0; feed < n; feed++) endLine()
    else if (name === 'GS V') events.onLine({ text: '', style: 'cut' })
    else if (name === 'ESC p') events.onKick()
  }
  return byte => {
    if (pending.length > 0 || byte === ESC || byte === FS || byte === GS) {
      pending.push(byte)
      if (pending.length < commandBytes(pending)) return
      obey(pending)
      pending = []
      return
    }
    endPicture()
    if (byte === LINE_FEED) endLine()
    else if (byte >= 0x20) write(byte)
  }
}

interface Pen {
  readonly page: readonly number[]
  readonly isStrong: boolean
  readonly isLarge: boolean
  /** 0 left, 1 middle, 2 right. */
  readonly align: number
}

const newPen = (page: Pen['page']): Pen => ({ page, isStrong: false, isLarge: false, align: 0 })

const LINE_FEED = 0x0a
const ESC = 0x1b
const FS = 0x1c
const GS = 0x1d
const FAMILIES: Readonly<Record<number, string>> = { [ESC]: 'ESC', [FS]: 'FS', [GS]: 'GS' }
const QUESTIONS: readonly string[] = ['GS a', 'GS r', 'GS (']

function commandName(bytes: readonly number[]): string {
  const [family = 0, letter = 0] = bytes
  return `${FAMILIES[family]} ${String.fromCharCode(letter)}`
}

/** How long the command that begins like this is, as far as its bytes tell by now. */
function commandBytes(bytes: readonly number[]): number {
  if (bytes.length < 2) return 2
  const name = commandName(bytes)
  const [, , a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes
  if (name === 'GS (') return bytes.length < 5 ? 5 : 5 + b + 256 * c
  if (name === 'GS v') return bytes.length < 8 ? 8 : 8 + (c + 256 * d) * (e + 256 * f)
  if (name === 'GS V') return bytes.length < 3 ? 3 : a >= 65 ? 4 : 3
  if (name === 'ESC p') return 5
  return WITHOUT_PARAMETERS.includes(name) ? 2 : 3
}

const WITHOUT_PARAMETERS: readonly string[] = ['ESC @', 'ESC 2', 'FS .', 'FS &']

interface Picture {
  readonly widthBytes: number
  readonly bits: readonly number[]
}

type IsDark = (x: number, y: number) => boolean

function pictureLines(
  { widthBytes, bits }: Picture,
  paper: { readonly align: number; readonly dots: number }
): PaperLine[] {
  const width = widthBytes * 8
  const height = bits.length / widthBytes
  const isDark: IsDark = (x, y) =>
    y < height && (((bits[y * widthBytes + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 1
  const cell = codeCellDots(isDark, width, height)
  if (cell !== undefined) return codeLines(isDark, { width, height, cell })
  const left = Math.floor(((paper.dots - width) * paper.align) / 2)
  const raster = onPaper(isDark, { left, width, height, dots: paper.dots })
  return [{ text: `data:image/png;base64,${pngOf(raster).toString('base64')}`, style: 'drawing' }]
}

function onPaper(
  isDark: IsDark,
  { left, width, height, dots }: { left: number; width: number; height: number; dots: number }
): Raster {
  const raster = blankRaster({ width: dots, height })
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (isDark(x, y)) setDot(raster, left + x, y)
  }
  return raster
}

/**
 * A code is a square whose corner is seven cells of black, so the first dark run tells how wide a
 * cell is.
 */
function codeCellDots(isDark: IsDark, width: number, height: number): number | undefined {
  let run = 0
  while (run < width && isDark(run, 0)) run++
  const cell = run / 7
  const isSquare = width - height >= 0 && width - height < 8
  return isSquare && Number.isInteger(cell) && cell > 0 && height % cell === 0 ? cell : undefined
}

/** One character for a cell and the cell below it. */
function codeLines(
  isDark: IsDark,
  { width, height, cell }: { width: number; height: number; cell: number }
): PaperLine[] {
  const lines: PaperLine[] = []
  for (let y = 0; y < height; y += 2 * cell) {
    let text = ''
    for (let x = 0; x < width; x += cell) {
      text += HALVES[(isDark(x, y) ? 1 : 0) + (isDark(x, y + cell) ? 2 : 0)]
    }
    lines.push({ text: text.trimEnd(), style: 'picture' })
  }
  return lines
}

const HALVES: readonly string[] = [' ', '▀', '▄', '█']
