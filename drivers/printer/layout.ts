import type { Receipt, ReceiptPart } from '../../node/core/sell/receipt.ts'

/** A line as it will stand on paper, filled up to the width of its style where that matters. */
export type Row =
  | { readonly row: 'text'; readonly text: string; readonly style: RowStyle }
  | { readonly row: 'qr'; readonly data: string }

/** `tall` is twice as high, `large` twice as wide as well; all but `plain` are bold. */
type RowStyle = 'plain' | 'strong' | 'tall' | 'large'

/** Lays a receipt out for paper of so many columns. Its texts must be printable already. */
export function layOut(receipt: Receipt, columns: number): Row[] {
  const copy = receipt.copy > 1 ? titleRows(`COPY ${receipt.copy}`, columns) : []
  return [...copy, ...receipt.parts.flatMap(part => partRows(part, columns))]
}

/** Breaks text at spaces into lines of at most `width`; a longer word is broken where it must. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').filter(word => word !== '')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (joined.length <= width) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (line.length > width) {
      lines.push(line.slice(0, width))
      line = line.slice(width)
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}

function partRows(part: ReceiptPart, columns: number): Row[] {
  switch (part.part) {
    case 'title':
      return titleRows(part.text, columns)
    case 'text':
      return wrap(part.text, columns).map(line => ({
        row: 'text',
        text: part.isCentred ? centre(line, columns) : line,
        style: 'plain'
      }))
    case 'pair':
      return pairLines(part, columns).map(text => ({
        row: 'text',
        text,
        style: part.isStrong ? 'tall' : 'plain'
      }))
    case 'rule':
      return [{ row: 'text', text: '-'.repeat(columns), style: 'plain' }]
    case 'qr':
      return [{ row: 'qr', data: part.data }]
  }
}

/** A long title is set smaller, for at double width it would eat the roll. */
function titleRows(text: string, columns: number): Row[] {
  const half = Math.floor(columns / 2)
  const large = wrap(text, half)
  const isLarge = large.length <= TITLE_LINES_MAX && !text.split(' ').some(w => w.length > half)
  const width = isLarge ? half : columns
  return wrap(text, width).map(line => ({
    row: 'text',
    text: centre(line, width),
    style: isLarge ? 'large' : 'strong'
  }))
}

const TITLE_LINES_MAX = 3

const centre = (line: string, width: number): string =>
  ' '.repeat(Math.floor((width - line.length) / 2)) + line

/**
 * Name at the left, amount at the right. A long name wraps beside the amount, which stands on its
 * last line. Amounts are never cut: one that leaves no room for a name gets lines of its own.
 */
function pairLines(pair: { left: string; right: string }, columns: number): string[] {
  const room = columns - pair.right.length - 1
  if (room < Math.min(LEFT_COLUMNS_MIN, pair.left.length)) {
    const right = wrap(pair.right, columns).map(line => line.padStart(columns))
    return pair.left === '' ? right : [...wrapHanging(pair.left, columns), ...right]
  }
  const lines = wrapHanging(pair.left, pair.right === '' ? columns : room)
  const last = lines.pop() ?? ''
  return [...lines, (last.padEnd(columns - pair.right.length) + pair.right).trimEnd()]
}

/** Keeps a name's own indent and sets its further lines in, so that items stay apart. */
function wrapHanging(text: string, width: number): string[] {
  const indent = /^ */.exec(text)?.[0].slice(0, INDENT_COLUMNS_MAX) ?? ''
  const [first = '', ...rest] = wrap(text, width - indent.length)
  if (rest.length === 0) return [indent + first]
  const further = wrap(rest.join(' '), width - indent.length - HANG.length)
  return [indent + first, ...further.map(line => indent + HANG + line)]
}

const INDENT_COLUMNS_MAX = 4
const HANG = '  '

/** A name squeezed into fewer columns than this reads worse than an amount on its own line. */
const LEFT_COLUMNS_MIN = 12
