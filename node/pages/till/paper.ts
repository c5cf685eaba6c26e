import { field } from './paid.ts'

/** A line that came out of the simulated printer. */
export interface PaperLine {
  readonly text: string
  readonly style: (typeof STYLES)[number]
}

const STYLES = ['plain', 'strong', 'large', 'picture', 'cut'] as const

/** An evening's last receipts; the ledger has the rest. */
export const ROLL_LINES_MAX = 400

/** Reads one line, or `{lines}`; a line is a text, or a text with how it was printed. */
export function readPaper(body: unknown): readonly PaperLine[] {
  const lines = field(body, 'lines')
  return (Array.isArray(lines) ? lines : [body]).map(line => {
    const text = typeof line === 'string' ? line : field(line, 'text')
    const style = STYLES.find(each => each === field(line, 'style')) ?? 'plain'
    return { text: typeof text === 'string' ? text : '', style }
  })
}
