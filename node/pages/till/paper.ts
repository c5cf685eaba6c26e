import { field } from './paid.ts'

/** A line that came out of the simulated printer; the text of a `drawing` is a PNG's address. */
export interface PaperLine {
  readonly text: string
  readonly style: (typeof STYLES)[number]
}

const STYLES = ['plain', 'strong', 'large', 'picture', 'drawing', 'cut'] as const

/** An evening's last receipts; the ledger has the rest. */
export const ROLL_LINES_MAX = 400

/** Reads `{lines: [{text, style}]}`. */
export function readPaper(body: unknown): readonly PaperLine[] {
  const lines = field(body, 'lines')
  if (!Array.isArray(lines)) return []
  return lines.map(line => ({
    text: String(field(line, 'text')),
    style: STYLES.find(each => each === field(line, 'style')) ?? 'plain'
  }))
}
