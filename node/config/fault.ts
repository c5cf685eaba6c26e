/** What is wrong with a configuration, where it stands, and what to write instead. */
export interface ConfigFault {
  readonly code: ConfigFaultCode
  readonly place: Place
  /** One plain sentence. */
  readonly sentence: string
  /** What to write instead. */
  readonly fix: string
}

export type ConfigFaultCode =
  | 'no-config'
  | 'too-large'
  | 'bad-toml'
  | 'bad-csv'
  | 'no-catalogue'
  | 'unknown-table'
  | 'unknown-key'
  | 'missing'
  | 'wrong-kind'
  | 'bad-text'
  | 'too-long'
  | 'bad-name'
  | 'bad-choice'
  | 'bad-number'
  | 'bad-amount'
  | 'bad-rate'
  | 'bad-currency'
  | 'bad-timezone'
  | 'bad-language'
  | 'bad-barcode'
  | 'unknown-tax-class'
  | 'duplicate'
  | 'too-many'
  | 'port-clash'
  | 'bad-device'

export type Place = FilePlace | NamedPlace

/** Lines and columns count from 1; columns count code points. */
export interface FilePlace {
  readonly path: string
  readonly line: number
  readonly column: number
  /** How many characters the caret underlines; at least 1. */
  readonly width: number
  /** The whole source line. */
  readonly text: string
}

/** A value that stands in no file: an environment variable or an argument. */
export interface NamedPlace {
  readonly name: string
}

export type Report = (fault: ConfigFault) => void

/** Beyond this many a terminal only scrolls. */
const SHOWN_MAX = 50
/** A longer source line is cut around the caret. */
const LINE_CHARS_MAX = 88

/** All faults as text for a terminal, ending with a newline. */
export function formatFaults(faults: readonly ConfigFault[]): string {
  const shown = faults.slice(0, SHOWN_MAX).map(formatFault)
  const more = faults.length - shown.length
  const count = faults.length === 1 ? '1 fault.' : `${faults.length} faults.`
  const last = more > 0 ? `${count} The other ${more} come after these are mended.` : count
  return `${[...shown, last].join('\n\n')}\n`
}

/** In the order of the file, so that a keeper mends from top to bottom; named places come last. */
export function sortFaults(faults: readonly ConfigFault[], first: string): readonly ConfigFault[] {
  const rank = ({ place }: ConfigFault) => (!('path' in place) ? 2 : place.path === first ? 0 : 1)
  const offset = ({ place }: ConfigFault) => ('path' in place ? place : { line: 0, column: 0 })
  return faults.toSorted(
    (a, b) =>
      rank(a) - rank(b) || offset(a).line - offset(b).line || offset(a).column - offset(b).column
  )
}

function formatFault({ place, sentence, fix }: ConfigFault): string {
  if (!('path' in place)) return `${clean(`${place.name}: ${sentence}`)}\n${clean(`  do: ${fix}`)}`
  const { before, marked, after } = cut(place)
  const gutter = String(place.line)
  const carets = ' '.repeat(cells(before)) + '^'.repeat(cells(marked) || 1)
  return [
    clean(`${place.path}:${place.line}:${place.column}: ${sentence}`),
    `  ${gutter} | ${before}${marked}${after}`.trimEnd(),
    `  ${' '.repeat(gutter.length)} | ${carets}`,
    clean(`  do: ${fix}`)
  ].join('\n')
}

/** Keys and values may hold escape sequences, which must not reach the terminal. */
const clean = (line: string): string => line.replace(/\p{C}/gu, '·')

/** The source line, or what lies around the caret of a long one. */
function cut({ text, column, width }: FilePlace): {
  readonly before: string
  readonly marked: string
  readonly after: string
} {
  const chars = [...clean(text.replaceAll('\t', ' '))]
  const start = column - 1
  const from = chars.length > LINE_CHARS_MAX ? Math.max(0, start - LINE_CHARS_MAX / 2) : 0
  const to = Math.min(chars.length, from + LINE_CHARS_MAX)
  const end = Math.min(start + width, to)
  return {
    // The end of a line is one past its last character.
    before:
      (from > 0 ? '…' : '') +
      chars
        .slice(from, start)
        .join('')
        .padEnd(start - from),
    marked: chars.slice(start, end).join(''),
    after: chars.slice(end, to).join('') + (to < chars.length ? '…' : '')
  }
}

/** A terminal gives Han, kana, Hangul and emoji two cells and a combining mark none. */
function cells(text: string): number {
  const wide =
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u
  let count = 0
  for (const char of text) count += /\p{M}/u.test(char) ? 0 : wide.test(char) ? 2 : 1
  return count
}

/** The candidate that a slip of the fingers makes into `word`, if there is one. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const slipsMax = word.length < 4 ? 1 : word.length < 9 ? 2 : 3
  const ranked = candidates
    .map(candidate => ({ candidate, slips: slips(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ slips }) => slips <= slipsMax)
  return ranked.toSorted((a, b) => a.slips - b.slips)[0]?.candidate
}

/** Letters left out, added, changed or swapped with their neighbour (optimal string alignment). */
function slips(a: string, b: string): number {
  let twoAgo: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwap ? (twoAgo[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min(changed, swapped, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    twoAgo = last
    last = row
  }
  return last[b.length] ?? 0
}
