import type { Receipt, ReceiptPart } from '../../node/core/sell/receipt.ts'

/** A line as it will stand on paper, filled up to the width of its style where that matters. */
export type Row =
  | { readonly row: 'text'; readonly text: string; readonly style: RowStyle; readonly hand: Hand }
  | { readonly row: 'qr'; readonly data: string }

/** `tall` is twice as high, `large` twice as wide as well; all but `plain` are bold. */
export type RowStyle = 'plain' | 'strong' | 'tall' | 'large'

/** Who writes a line: the printer with its own letters, or we, dot by dot. */
export interface Hand {
  readonly isDrawn: boolean
  /** How much of plain letters a line holds, counted as `widthOf` does. */
  readonly columns: number
  /** Letters of `large` lines. */
  readonly largeColumns: number
  readonly widthOf: (text: string) => number
  /** Where a line may be broken. The words of the text again, without the spaces between them. */
  readonly wordsOf: (text: string) => readonly Word[]
}

export interface Word {
  readonly text: string
  /** Whether a space stands before it. */
  readonly isSpaced: boolean
}

/** A receipt's part whose texts its hand can write. */
export interface WrittenPart {
  readonly part: ReceiptPart
  readonly hand: Hand
}

/** Lays a receipt out line by line. `own` are the printer's own letters. */
export function layOut(options: {
  readonly copy: Receipt['copy']
  readonly parts: readonly WrittenPart[]
  readonly own: Hand
}): Row[] {
  const { copy, parts, own } = options
  const mark = copy > 1 ? titleRows(`COPY ${copy}`, own) : []
  return [...mark, ...parts.flatMap(({ part, hand }) => partRows(part, hand))]
}

/** Breaks text into lines of at most `width`; a longer word is broken where it must. */
export function wrap(text: string, space: Space): string[] {
  const { width, hand, furtherWidth = width } = space
  const lines: string[] = []
  let line = ''
  const fits = (text: string) => hand.widthOf(text) <= (lines.length === 0 ? width : furtherWidth)
  for (const word of hand.wordsOf(text)) {
    const joined = line === '' ? word.text : `${line}${word.isSpaced ? ' ' : ''}${word.text}`
    if (fits(joined)) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    line = ''
    // A mark has no width, so it stays with its letter.
    for (const letter of word.text) {
      if (line !== '' && !fits(line + letter)) {
        lines.push(line)
        line = ''
      }
      line += letter
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}

interface Space {
  readonly width: number
  /** Of the lines after the first, where that is another. */
  readonly furtherWidth?: number
  readonly hand: Hand
}

function partRows(part: ReceiptPart, hand: Hand): Row[] {
  const { columns } = hand
  switch (part.part) {
    case 'title':
      return titleRows(part.text, hand)
    case 'text':
      return wrap(part.text, { width: columns, hand }).map(line => ({
        row: 'text',
        text: part.isCentred ? centre(line, columns, hand) : line,
        style: 'plain',
        hand
      }))
    case 'pair':
      return pairLines(part, hand).map(text => ({
        row: 'text',
        text,
        style: part.isStrong ? 'tall' : 'plain',
        hand
      }))
    case 'rule':
      return [{ row: 'text', text: '-'.repeat(columns), style: 'plain', hand }]
    case 'qr':
      return [{ row: 'qr', data: part.data }]
  }
}

/** A long title is set smaller, for at double width it would eat the roll. */
function titleRows(text: string, hand: Hand): Row[] {
  const { columns, largeColumns, widthOf, wordsOf } = hand
  const isTooWide = wordsOf(text).some(word => widthOf(word.text) > largeColumns)
  const isLarge = !isTooWide && wrap(text, { width: largeColumns, hand }).length <= TITLE_LINES_MAX
  const width = isLarge ? largeColumns : columns
  return wrap(text, { width, hand }).map(line => ({
    row: 'text',
    text: centre(line, width, hand),
    style: isLarge ? 'large' : 'strong',
    hand
  }))
}

const TITLE_LINES_MAX = 3

const centre = (line: string, width: number, { widthOf }: Hand): string =>
  ' '.repeat(Math.floor((width - widthOf(line)) / 2)) + line

/**
 * Name at the left, amount at the right. A long name wraps beside the amount, which stands on its
 * last line. Amounts are never cut: one that leaves no room for a name gets lines of its own.
 */
function pairLines({ left, right }: { left: string; right: string }, hand: Hand): string[] {
  const { columns, widthOf } = hand
  const gap = (before: string, after: string) =>
    ' '.repeat(Math.max(0, columns - widthOf(before) - widthOf(after)))
  const room = columns - widthOf(right) - 1
  if (room < Math.min(LEFT_COLUMNS_MIN, widthOf(left))) {
    const amount = wrap(right, { width: columns, hand }).map(line => gap('', line) + line)
    return left === '' ? amount : [...wrapHanging(left, columns, hand), ...amount]
  }
  const lines = wrapHanging(left, right === '' ? columns : room, hand)
  const last = lines.pop() ?? ''
  return [...lines, (last + gap(last, right) + right).trimEnd()]
}

/** Keeps a name's own indent and sets its further lines in, so that items stay apart. */
function wrapHanging(text: string, width: number, hand: Hand): string[] {
  const indent = /^ */.exec(text)?.[0].slice(0, INDENT_COLUMNS_MAX) ?? ''
  const room = width - indent.length
  const lines = wrap(text, { width: room, furtherWidth: room - HANG.length, hand })
  return lines.map((line, at) => indent + (at === 0 ? '' : HANG) + line)
}

const INDENT_COLUMNS_MAX = 4
const HANG = '  '

/** A name squeezed into fewer columns than this reads worse than an amount on its own line. */
const LEFT_COLUMNS_MIN = 12
