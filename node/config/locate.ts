import { parse } from 'smol-toml'
import { matchAt, type Span } from './source.ts'

/** Where a TOML value stands. The tree has the shape of the parsed document. */
export interface Located {
  /** The key as written, or a table's header. */
  readonly key: Span
  /** The value as written; for a table under a header, the header. */
  readonly value: Span
  readonly fields: Map<string, Located>
  readonly elements: Located[]
}

/**
 * Finds every key and value of a TOML 1.0 document. `text` must have been accepted by the parser:
 * this only retraces its steps, because smol-toml keeps no positions.
 */
export function locate(text: string): Located {
  const root = located({ start: 0, end: 0 })
  let table = root
  let at = skipBlank(text, 0)
  while (at < text.length) {
    if (text[at] === '[') {
      const brackets = text[at + 1] === '[' ? 2 : 1
      const { names, end } = readKey(text, at + brackets)
      const header = { start: at, end: text.indexOf(']', end) + brackets }
      table = openTable({ root, names, header, isArray: brackets === 2 })
      at = header.end
    } else {
      at = readPair(text, at, table)
    }
    at = skipBlank(text, at)
  }
  return root
}

const located = (key: Span, value: Span = key): Located => ({
  key,
  value,
  fields: new Map(),
  elements: []
})

function openTable(options: {
  readonly root: Located
  readonly names: readonly string[]
  readonly header: Span
  readonly isArray: boolean
}): Located {
  const { names, header, isArray } = options
  let table = options.root
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1
    const known = table.fields.get(name)
    // A super-table may come after its sub-table; then its own header is the better place.
    const next = known && !(isLast && known.elements.length === 0) ? known : located(header)
    if (known && next !== known)
      for (const [key, field] of known.fields) next.fields.set(key, field)
    if (isLast && isArray) next.elements.push(located(header))
    table.fields.set(name, next)
    table = next.elements.at(-1) ?? next
  }
  return table
}

/** Reads `key = value` into the table and returns where it ends. */
function readPair(text: string, start: number, table: Located): number {
  const { names, end } = readKey(text, start)
  const key = { start, end: start + text.slice(start, end).trimEnd().length }
  const valueStart = skipSpace(text, end + 1)
  const value = readValue({ text, start: valueStart, key })
  let owner = table
  for (const name of names.slice(0, -1)) {
    const next = owner.fields.get(name) ?? located(key)
    owner.fields.set(name, next)
    owner = next
  }
  owner.fields.set(names.at(-1) ?? '', value)
  return value.value.end
}

const QUOTED_KEY = /"(?:\\.|[^"\\\n])*"|'[^'\n]*'/y
const BARE_KEY = /[A-Za-z0-9_-]+/y

/** A key's parts, and the place of the `=` or `]` after it. */
function readKey(text: string, start: number): { names: readonly string[]; end: number } {
  const names: string[] = []
  let at = skipSpace(text, start)
  for (;;) {
    const quoted = matchAt(QUOTED_KEY, text, at)
    const part = quoted || matchAt(BARE_KEY, text, at)
    // The parser itself undoes the escapes of a quoted key.
    names.push(quoted ? String(parse(`key = ${quoted}`)['key']) : part)
    at = skipSpace(text, at + part.length)
    if (text[at] !== '.') return { names, end: at }
    at = skipSpace(text, at + 1)
  }
}

/** The four kinds of string. Up to two quotes may touch a closing delimiter of three. */
const STRING = /"""(?:\\[\s\S]|[^\\])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'/y
const BARE_VALUE = /[^,\]}#\r\n]*/y

function readValue(options: {
  readonly text: string
  readonly start: number
  readonly key: Span
}): Located {
  const { text, start, key } = options
  if (text[start] === '[') return readArray(options)
  if (text[start] === '{') return readInlineTable(options)
  const written = matchAt(STRING, text, start) || matchAt(BARE_VALUE, text, start).trimEnd()
  return located(key, { start, end: start + written.length })
}

function readArray(options: { text: string; start: number; key: Span }): Located {
  const { text, start, key } = options
  const elements: Located[] = []
  let at = skipBlank(text, start + 1)
  while (at < text.length && text[at] !== ']') {
    const element = readValue({ text, start: at, key: { start: at, end: at } })
    elements.push({ ...element, key: element.value })
    at = skipBlank(text, element.value.end)
    if (text[at] === ',') at = skipBlank(text, at + 1)
  }
  return { ...located(key, { start, end: at + 1 }), elements }
}

function readInlineTable(options: { text: string; start: number; key: Span }): Located {
  const { text, start, key } = options
  const table = located(key)
  let at = skipBlank(text, start + 1)
  while (at < text.length && text[at] !== '}') {
    at = skipBlank(text, readPair(text, at, table))
    if (text[at] === ',') at = skipBlank(text, at + 1)
  }
  return { ...table, value: { start, end: at + 1 } }
}

const BLANK = /(?:[\s\uFEFF]|#[^\n]*)*/y
const SPACE = /[ \t]*/y

const skipBlank = (text: string, at: number): number => at + matchAt(BLANK, text, at).length
const skipSpace = (text: string, at: number): number => at + matchAt(SPACE, text, at).length
