import type { PrinterModel } from '../../drivers/printer/models.ts'
import { glyphOf } from './font.ts'
import { pagesOf } from './pages.ts'

/** What a printer would do, besides text. */
export type PaperEvent =
  | { readonly event: 'cut' }
  | { readonly event: 'drawer'; readonly pin: 2 | 5; readonly onMs: number; readonly offMs: number }
  | { readonly event: 'ask'; readonly n: number }
  | { readonly event: 'report'; readonly n: number }
  | { readonly event: 'fence'; readonly id: string }
  | { readonly event: 'picture'; readonly width: number; readonly height: number }

export interface Paper {
  readonly lines: readonly string[]
  readonly events: readonly PaperEvent[]
  /** One byte a dot, 1 is black. */
  readonly dots: readonly Uint8Array[]
}

/**
 * Reads ESC/POS as the manual says and nothing else: a byte it does not know, a letter that the
 * page does not have and a line that is too long all throw. So it proves what our bytes do.
 */
export function readEscpos(bytes: Uint8Array, model: PrinterModel): Paper {
  const pages = pagesOf(model)
  const state: State = {
    width: model.dots,
    pages,
    lines: [],
    events: [],
    dots: [],
    letters: [],
    page: pages.get(0) ?? '',
    wide: 1,
    high: 1,
    isBold: false,
    align: 0
  }
  for (let at = 0; at < bytes.length; ) {
    const used = readOne(state, bytes.subarray(at))
    if (used === 0) throw new Error(`Unknown at ${at}: ${hex(bytes.subarray(at, at + 8))}`)
    at += used
  }
  if (state.letters.length > 0) throw new Error('Text without a line feed never prints')
  return state
}

interface Letter {
  readonly letter: string
  readonly wide: number
  readonly high: number
  readonly isBold: boolean
}

interface State {
  readonly width: number
  readonly pages: ReadonlyMap<number, string>
  readonly lines: string[]
  readonly events: PaperEvent[]
  readonly dots: Uint8Array[]
  letters: Letter[]
  page: string
  wide: number
  high: number
  isBold: boolean
  align: number
}

const LETTER_DOTS = 12
const LINE_DOTS = 30

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** How many bytes it took; 0 is unknown. */
function readOne(state: State, bytes: Uint8Array): number {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes
  if (first === 0x0a) return endLine(state)
  if (first >= 0x20 && first !== 0x7f) return addLetter(state, first)
  if (first === 0x10 && second === 4 && third >= 1 && third <= 4) {
    state.events.push({ event: 'ask', n: third })
    return 3
  }
  if (first === 0x10 && second === 0x14 && third === 1) return readKick(state, bytes)
  if (first === 0x1b && second === 0x70) return readKick(state, bytes)
  if (first === 0x1b) return readEsc(state, second, third)
  if (first === 0x1c && second === 0x2e) return 2
  if (first !== 0x1d) return 0
  if (second === 0x21 && [0, 0x01, 0x11].includes(third)) {
    state.wide = (third >> 4) + 1
    state.high = (third & 7) + 1
    return 3
  }
  if (second === 0x56 && third === 66) {
    state.events.push({ event: 'cut' })
    feed(state, LINE_DOTS * 2 + fourth)
    return 4
  }
  if (second === 0x61) {
    state.events.push({ event: 'report', n: third })
    return 3
  }
  if (second === 0x72 && third === 1) {
    state.events.push({ event: 'fence', id: '' })
    return 3
  }
  if (hex(bytes.subarray(0, 7)) === '1d284806003030' && bytes.length >= 11) {
    state.events.push({ event: 'fence', id: Buffer.from(bytes.subarray(7, 11)).toString('latin1') })
    return 11
  }
  return second === 0x76 && third === 0x30 && fourth === 0 ? readPicture(state, bytes) : 0
}

/** `ESC p m t1 t2` in steps of 2 ms, and `DLE DC4 1 m t` in steps of 100 ms, as long off as on. */
function readKick(state: State, bytes: Uint8Array): number {
  const isRealTime = bytes[0] === 0x10
  const [connector = 9, on = 0, off = on] = bytes.subarray(isRealTime ? 3 : 2, 5)
  if (bytes.length < 5 || connector > 1 || on === 0 || (isRealTime && on > 8)) return 0
  if (!isRealTime && state.letters.length > 0) throw new Error('A kick in the middle of a line')
  const stepMs = isRealTime ? 100 : 2
  const pin = connector === 0 ? 2 : 5
  state.events.push({ event: 'drawer', pin, onMs: on * stepMs, offMs: off * stepMs })
  return 5
}

function readEsc(state: State, command: number, n: number): number {
  const atLineStart = state.letters.length === 0
  if (command === 0x40) return 2
  if (command === 0x4d && n === 0) return 3
  if (command === 0x45 && n <= 1) state.isBold = n === 1
  else if (command === 0x61 && n <= 2 && atLineStart) state.align = n
  else if (command === 0x74 && state.pages.has(n)) state.page = state.pages.get(n) ?? ''
  else if (command === 0x64 && atLineStart) for (let i = 0; i < n; i++) endLine(state)
  else return 0
  return 3
}

function addLetter(state: State, byte: number): number {
  const letter = byte < 0x80 ? String.fromCharCode(byte) : (state.page[byte - 0x80] ?? '')
  if (letter === '' || /[\p{Cc}\ufffd]/u.test(letter)) {
    throw new Error(`The page has no letter at ${byte}`)
  }
  const { wide, high, isBold } = state
  state.letters.push({ letter, wide, high, isBold })
  if (lineDots(state.letters) > state.width) throw new Error(`Too long: ${lineText(state)}`)
  return 1
}

const lineText = (state: State) => state.letters.map(({ letter }) => letter).join('')
const lineDots = (letters: readonly Letter[]) =>
  letters.reduce((total, { wide }) => total + wide * LETTER_DOTS, 0)

function feed(state: State, rows: number): void {
  for (let row = 0; row < rows; row++) state.dots.push(new Uint8Array(state.width))
}

const indent = (state: State, used: number) =>
  [0, Math.floor((state.width - used) / 2), state.width - used][state.align] ?? 0

function endLine(state: State): number {
  const top = state.dots.length
  feed(state, LINE_DOTS * Math.max(1, ...state.letters.map(({ high }) => high)))
  let x = indent(state, lineDots(state.letters))
  for (const letter of state.letters) {
    drawLetter(state.dots, { x, bottom: state.dots.length, ...letter })
    x += letter.wide * LETTER_DOTS
  }
  if (state.dots.length === top) throw new Error('A line of no height')
  state.lines.push(lineText(state))
  state.letters = []
  return 1
}

function drawLetter(
  dots: readonly Uint8Array[],
  place: { x: number; bottom: number } & Letter
): void {
  const glyph = glyphOf(place.letter)
  const top = place.bottom - (LINE_DOTS - 3) * place.high
  for (let y = 0; y < glyph.length * place.high; y++) {
    for (let x = 0; x < LETTER_DOTS * place.wide; x++) {
      const bits = glyph[Math.floor(y / place.high)] ?? 0
      if (((bits >> (LETTER_DOTS - 1 - Math.floor(x / place.wide))) & 1) === 0) continue
      const row = dots[top + y]
      if (row === undefined) continue
      row[place.x + x] = 1
      if (place.isBold) row[place.x + x + 1] = 1
    }
  }
}

function readPicture(state: State, bytes: Uint8Array): number {
  const [, , , , xLow = 0, xHigh = 0, yLow = 0, yHigh = 0] = bytes
  const widthBytes = xLow + 256 * xHigh
  const height = yLow + 256 * yHigh
  const used = 8 + widthBytes * height
  if (state.letters.length > 0) throw new Error('A picture in the middle of a line')
  if (bytes.length < used) throw new Error('A picture that breaks off')
  if (widthBytes * 8 > state.width + 7) throw new Error('A picture wider than the paper')
  // Picture bytes that read as real-time commands are obeyed by some printers.
  if (bytes.subarray(8, used).includes(0x10)) throw new Error('DLE in a picture')
  const left = indent(state, widthBytes * 8)
  for (let y = 0; y < height; y++) {
    const row = new Uint8Array(state.width)
    for (let x = 0; x < widthBytes * 8; x++) {
      row[left + x] = ((bytes[8 + y * widthBytes + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1
    }
    state.dots.push(row)
  }
  state.events.push({ event: 'picture', width: widthBytes * 8, height })
  return used
}
