import { parse, TomlError } from 'smol-toml'
import { type ConfigFault, didYouMean, type Report } from './fault.ts'
import { type Located, locate } from './locate.ts'
import type { Row, Written } from './row.ts'
import { checkSize, openSource, placeOf, type Source } from './source.ts'

/** A configuration as rows, the environment already laid over the file. */
export interface Document {
  /** False when lines that are no TOML were reported and skipped. */
  readonly isWhole: boolean
  /** The keys above the first header. */
  readonly top: Row
  /** `[name]`; a row without fields when it is not there. */
  readonly table: (name: string) => Row
  /** `[[name]]`, in order. */
  readonly list: (name: string) => readonly Row[]
}

/** What may stand in a document: keys at its top, `[tables]` and `[[lists]]`. */
export interface Outline {
  readonly keys: readonly string[]
  readonly tables: readonly string[]
  readonly lists: readonly string[]
}

const DEPTH_MAX = 32

/** Undefined when the text is no TOML; then a fault says where it stops being so. */
export function readDocument(options: {
  readonly path: string
  readonly text: string
  readonly env: Env
  readonly outline: Outline
  readonly report: Report
}): Document | undefined {
  const { path, text, env, outline, report } = options
  const source = openSource(path, text)
  const parsed = parseToml(source, report)
  if (!parsed) return undefined
  const spot = locate(parsed.text)
  const fields = fieldsOf({ name: '', value: parsed.table, spot })
  const reading = { source, report }
  checkOutline({ reading, fields, outline })
  return {
    isWhole: parsed.text === text,
    top: {
      ...rowOf(reading, { name: 'The file', header: 'the top of the file' }),
      fields: new Map(
        [
          ...writtenIn(reading, fields),
          ...envFields(env, '').filter(({ key }) => outline.keys.includes(key))
        ].map(written => [written.key, written])
      )
    },
    table: name => {
      const row = rowOf(reading, { name: `[${name}]`, header: `[${name}]`, node: fields.get(name) })
      const overrides = envFields(env, `${name.toUpperCase()}_`)
      return {
        ...row,
        fields: new Map([
          ...row.fields,
          ...overrides.map(written => [written.key, written] as const)
        ])
      }
    },
    list: name =>
      elementsOf(fields.get(name)).map(node =>
        rowOf(reading, { name: `This [[${name}]]`, header: `[[${name}]]`, node })
      )
  }
}

/** A parsed value beside the place it was parsed from. */
interface Node {
  readonly name: string
  readonly value: unknown
  readonly spot: Located
}

interface Reading {
  readonly source: Source
  readonly report: Report
}

/**
 * Parses the text. A line that is wrong in itself is reported, blanked and passed over, so that
 * one missing quote does not hide the other faults; anything wider ends the reading.
 */
function parseToml(
  source: Source,
  report: Report
): { readonly table: object; readonly text: string } | undefined {
  let text = source.text
  if (!checkSize(source, report)) return undefined
  for (let skipped = 0; ; skipped++) {
    try {
      // BigInt, because the parser would refuse integers past 2^53 with a sentence of its own.
      return { table: parse(text, { integersAsBigInt: true, maxDepth: DEPTH_MAX }), text }
    } catch (error) {
      if (!(error instanceof TomlError)) throw error
      const lineStart = source.lineStarts[error.line - 1] ?? 0
      const start = lineStart + error.column - 1
      const place = placeOf(source, { start, end: start + 1 })
      const reason = /^Invalid TOML document: ([^\n]*)/.exec(error.message)?.[1] ?? error.message
      const sentence = `This is not TOML: ${reason}.`
      report({ code: 'bad-toml', place, sentence, fix: tomlAdvice(place.text) })
      if (!isPair(place.text) || skipped === SKIPPED_MAX) return undefined
      const length = place.text.length
      text = text.slice(0, lineStart) + ' '.repeat(length) + text.slice(lineStart + length)
    }
  }
}

const SKIPPED_MAX = 20

/** A key with a value that neither ends nor begins on another line. */
const isPair = (line: string): boolean =>
  /^[ \t]*["'\w.-]+[ \t]*=/.test(line) && !/"""|'''|[[{]/.test(line)

function tomlAdvice(line: string): string {
  if (/=\s*[+-]?\d+,\d+\s*(#.*)?$/.test(line)) return 'Write numbers with a point: 6.50.'
  if (/=\s*[^\s"'[{\d+-]/.test(line)) return 'Put text in quotes: name = "Iced tea".'
  if ((line.match(/(?<!\\)"/g)?.length ?? 0) % 2 === 1)
    return 'Close the quotes: name = "Iced tea".'
  return 'Each line is a [table], or key = value with text in quotes: name = "Iced tea".'
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

function fieldsOf({ value, spot }: Node): ReadonlyMap<string, Node> {
  if (!isTable(value)) return new Map()
  return new Map(
    Object.entries(value).map(([name, inner]) => [
      name,
      { name, value: inner, spot: spot.fields.get(name) ?? spot }
    ])
  )
}

function elementsOf(node: Node | undefined): readonly Node[] {
  if (!node || !Array.isArray(node.value)) return []
  const elements: readonly unknown[] = node.value
  return elements.map((value, index) => ({
    name: node.name,
    value,
    spot: node.spot.elements[index] ?? node.spot
  }))
}

/** A table that is not there is a row without fields at the start of the file. */
function rowOf(
  reading: Reading,
  options: {
    readonly name: string
    readonly header: string
    readonly node?: Node | undefined
  }
): Row {
  const { name, header, node } = options
  const fields = node ? writtenIn(reading, fieldsOf(node)) : []
  return {
    name,
    header,
    fields: new Map(fields.map(written => [written.key, written])),
    place: () => placeOf(reading.source, node?.spot.value ?? { start: 0, end: 0 }),
    report: reading.report
  }
}

const writtenIn = (reading: Reading, fields: ReadonlyMap<string, Node>): readonly Written[] =>
  [...fields.values()].map(node => writtenOf(reading, node))

const writtenOf = (reading: Reading, { name, value, spot }: Node): Written => ({
  key: name,
  name,
  value,
  source: reading.source.text.slice(spot.value.start, spot.value.end),
  kind: 'toml',
  place: () => placeOf(reading.source, spot.value),
  keyPlace: () => placeOf(reading.source, spot.key),
  elements: () => elementsOf({ name, value, spot }).map(element => writtenOf(reading, element))
})

type Env = Readonly<Record<string, string | undefined>>

/** `STALL_TILL_PORT` is the key `port` of the table `till`. An empty variable counts as unset. */
function envFields(env: Env, prefix: string): readonly Written[] {
  return Object.entries(env).flatMap(([name, text = '']) => {
    const start = `STALL_${prefix}`
    if (!name.startsWith(start) || text.trim() === '') return []
    return [envField({ name, key: name.slice(start.length).toLowerCase(), text: text.trim() })]
  })
}

function envField(variable: { readonly name: string; key: string; text: string }): Written {
  const { name, key, text } = variable
  return {
    key,
    name,
    value: text,
    source: text,
    kind: 'env',
    place: () => ({ name }),
    keyPlace: () => ({ name }),
    elements: () => text.split(',').map(part => envField({ name, key, text: part.trim() }))
  }
}

function checkOutline(options: {
  readonly reading: Reading
  readonly fields: ReadonlyMap<string, Node>
  readonly outline: Outline
}): void {
  const { reading, fields, outline } = options
  const { keys, tables, lists } = outline
  for (const node of fields.values()) {
    const { name, value } = node
    if (keys.includes(name)) continue
    if (tables.includes(name) ? isTable(value) : lists.includes(name) && isList(value)) continue
    const fault = headerOf(outline, name) ? wrongKind(outline, node) : unknownName(outline, node)
    reading.report({ ...fault, place: placeOf(reading.source, node.spot.key) })
  }
}

/** An empty array is an array of no tables. */
const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isTable)

const headerOf = ({ tables, lists }: Outline, name: string): string | undefined =>
  tables.includes(name) ? `[${name}]` : lists.includes(name) ? `[[${name}]]` : undefined

function wrongKind(outline: Outline, { name }: Node): Omit<ConfigFault, 'place'> {
  const pairs = outline.tables.includes(name) ? 'one pair' : 'two pairs'
  return {
    code: 'wrong-kind',
    sentence: `${name} must be a table with ${pairs} of brackets.`,
    fix: `Write ${headerOf(outline, name)} on a line of its own, with its keys on the lines below.`
  }
}

function unknownName(outline: Outline, { name, value }: Node): Omit<ConfigFault, 'place'> {
  const tables = [...outline.tables, ...outline.lists]
  if (isTable(value) || isList(value)) {
    const meant = didYouMean(name, tables)
    return {
      code: 'unknown-table',
      sentence: `There is no table ${name}.`,
      fix: meant
        ? `Did you mean ${headerOf(outline, meant)}?`
        : `Leave it out, or use one of: ${tables.join(', ')}.`
    }
  }
  const meant = didYouMean(name, outline.keys)
  return {
    code: 'unknown-key',
    sentence: `${name} stands above the first [table], where it means nothing.`,
    fix: meant ? `Did you mean ${meant}?` : 'Move it below the header of its table.'
  }
}
