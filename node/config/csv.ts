import { checkKeys } from './check.ts'
import type { Report } from './fault.ts'
import type { Row, Written } from './row.ts'
import { checkSize, matchAt, openSource, placeOf, type Source, type Span } from './source.ts'

/**
 * Reads a CSV file with a header (RFC 4180, with LF as well as CRLF) as one row a record. An empty
 * cell is a key that is not there; blanks around an unquoted cell do not count.
 */
export function readCsv(options: {
  readonly path: string
  readonly text: string
  readonly keys: readonly string[]
  /** Columns that the header must name. */
  readonly required: readonly string[]
  readonly report: Report
}): readonly Row[] {
  const { path, text, keys, required, report } = options
  const source = openSource(path, text)
  if (!checkSize(source, report)) return []
  const [header, ...records] = recordsOf(source, report)
  if (!header) {
    const place = placeOf(source, { start: 0, end: 0 })
    const fix = `Begin it with a line such as: ${keys.join(',')}`
    report({ code: 'bad-csv', place, sentence: 'The catalogue is empty.', fix })
    return []
  }
  const names = header.map(({ value }) => value)
  if (!checkHeader({ source, header, keys, required, report })) return []
  return records.flatMap(cells => {
    const [first] = cells
    const last = cells.at(-1)
    if (!first || !last || cells.some(({ isBroken }) => isBroken)) return []
    if (cells.length === names.length) return [rowOf({ source, names, cells, report })]
    report({
      code: 'bad-csv',
      place: placeOf(source, { start: first.span.start, end: last.span.end }),
      sentence: `This record has ${cells.length} cells; the header has ${names.length}.`,
      fix: 'Put text that holds a comma in double quotes: "Bao, steamed".'
    })
    return []
  })
}

/** One cell, its quotes undone. */
interface Cell {
  readonly value: string
  readonly span: Span
  /** Its quotes were reported; nothing else is said of such a record. */
  readonly isBroken: boolean
}

const UNQUOTED = /(?:[^,\r\n]|\r(?!\n))*/y
const LINE_END = /\r?\n/y

function recordsOf(source: Source, report: Report): readonly (readonly Cell[])[] {
  const { text } = source
  const records: Cell[][] = []
  let cells: Cell[] = []
  // A spreadsheet may begin the file with a byte order mark.
  let at = text.startsWith('\uFEFF') ? 1 : 0
  while (at < text.length) {
    const { cell, end } = cellAt(source, at, report)
    cells.push(cell)
    const isMore = text[end] === ','
    at = isMore ? end + 1 : end + matchAt(LINE_END, text, end).length
    // A file that ends with a comma ends with an empty cell.
    if (isMore && at === text.length) cells.push(cellOf('', { start: at, end: at }))
    if (isMore && at < text.length) continue
    // Spreadsheets write rows that were emptied as commas alone.
    if (cells.some(({ value }) => value !== '')) records.push(cells)
    cells = []
  }
  return records
}

function cellAt(source: Source, start: number, report: Report): { cell: Cell; end: number } {
  const { text } = source
  const blank = matchAt(/[ \t]*/y, text, start).length
  const from = start + blank
  const rest = quotedEnd(text, from)
  const tail = matchAt(UNQUOTED, text, rest)
  const end = rest + tail.length
  if (rest > from && tail.trim() === '') {
    const value = text.slice(from + 1, rest - 1).replaceAll('""', '"')
    return { cell: cellOf(value, { start: from, end: rest }), end }
  }
  const value = text.slice(from, end).trim()
  const span = { start: from, end: from + value.length }
  if (!value.includes('"')) return { cell: cellOf(value, span), end }
  report({
    code: 'bad-csv',
    place: placeOf(source, span),
    sentence: value.startsWith('"')
      ? 'The quotes of this cell do not match.'
      : 'A double quote stands in a cell without quotes around it.',
    fix: 'Put quotes around the whole cell and double those inside: "Bao ""XL""".'
  })
  return { cell: { value, span, isBroken: true }, end }
}

const cellOf = (value: string, span: Span): Cell => ({ value, span, isBroken: false })

/** One past the quote that closes the cell; `from` when none opens or closes it. */
function quotedEnd(text: string, from: number): number {
  if (text[from] !== '"') return from
  let quote = text.indexOf('"', from + 1)
  while (quote >= 0 && text[quote + 1] === '"') quote = text.indexOf('"', quote + 2)
  return quote < 0 ? from : quote + 1
}

function checkHeader(options: {
  readonly source: Source
  readonly header: readonly Cell[]
  readonly keys: readonly string[]
  readonly required: readonly string[]
  readonly report: Report
}): boolean {
  const { source, header, keys, required, report } = options
  const [first] = header
  if (header.some(({ isBroken }) => isBroken)) return false
  if (first && header.length === 1 && first.value.includes(';')) {
    report({
      code: 'bad-csv',
      place: placeOf(source, first.span),
      sentence: 'The cells are separated by semicolons.',
      fix: 'Export it again with the comma as field delimiter, and prices like 6.50.'
    })
    return false
  }
  const names = header.map(({ value }) => value)
  const place = () => placeOf(source, first?.span ?? { start: 0, end: 0 })
  const row = { ...rowOf({ source, names, cells: header, report }), name: 'A catalogue', place }
  checkKeys(row, keys)
  for (const [index, { value, span }] of header.entries()) {
    if (value === '' || names.indexOf(value) === index) continue
    report({
      code: 'duplicate',
      place: placeOf(source, span),
      sentence: `The header names ${value} twice.`,
      fix: 'Leave one of the two columns out.'
    })
  }
  const missing = required.filter(key => !names.includes(key))
  for (const key of missing) {
    report({
      code: 'missing',
      place: place(),
      sentence: `The catalogue has no column ${key}.`,
      fix: `Its first line names the columns, ${required.join(', ')} among them.`
    })
  }
  return missing.length === 0
}

function rowOf(options: {
  readonly source: Source
  readonly names: readonly string[]
  readonly cells: readonly Cell[]
  readonly report: Report
}): Row {
  const { source, names, cells, report } = options
  const fields = cells.flatMap(({ value, span }, index) => {
    const key = names[index] ?? ''
    return value === '' ? [] : [[key, writtenOf({ source, key, value, span })] as const]
  })
  const [first] = cells
  return {
    name: 'This item',
    header: null,
    fields: new Map(fields),
    place: () => placeOf(source, first?.span ?? { start: 0, end: 0 }),
    report
  }
}

function writtenOf(options: {
  readonly source: Source
  readonly key: string
  readonly value: string
  readonly span: Span
}): Written {
  const { source, key, value, span } = options
  const place = () => placeOf(source, span)
  return {
    key,
    name: key,
    value,
    source: value,
    kind: 'csv',
    place,
    keyPlace: place,
    elements: () => []
  }
}
