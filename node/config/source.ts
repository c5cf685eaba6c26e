import type { FilePlace, Report } from './fault.ts'

/** A text that was read from a file. Offsets count UTF-16 units, as strings do. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly lineStarts: readonly number[]
}

/** From `start` up to, not including, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

export const openSource = (path: string, text: string): Source => ({
  path,
  text,
  lineStarts: [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)]
})

/** Some ten thousand items with all their keys and comments need a quarter of this. */
const TEXT_CHARS_MAX = 8 * 1024 * 1024

/** Reports a file that cannot be meant before anything tries to read it. */
export function checkSize(source: Source, report: Report): boolean {
  const isFine = source.text.length <= TEXT_CHARS_MAX
  if (!isFine) {
    report({
      code: 'too-large',
      place: placeOf(source, { start: 0, end: 1 }),
      sentence: `The file has over ${TEXT_CHARS_MAX} characters.`,
      fix: 'Check that it is what its name says.'
    })
  }
  return isFine
}

/** Where a span stands for people. A span over several lines is marked on its first. */
export function placeOf({ path, text, lineStarts }: Source, { start, end }: Span): FilePlace {
  let line = 0
  for (let high = lineStarts.length; high - line > 1; ) {
    const middle = (line + high) >> 1
    if ((lineStarts[middle] ?? 0) <= start) line = middle
    else high = middle
  }
  const lineStart = lineStarts[line] ?? 0
  const lineEnd = lineStarts[line + 1] ?? text.length + 1
  const before = text.slice(lineStart, start)
  const marked = text.slice(start, Math.min(end, lineEnd - 1)).trimEnd()
  return {
    path,
    line: line + 1,
    column: [...before].length + 1,
    width: Math.max(1, [...marked].length),
    text: text.slice(lineStart, lineEnd - 1).trimEnd()
  }
}

/** What a sticky pattern matches right there; empty for nothing. */
export function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}
