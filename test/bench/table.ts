import type { Row, Target } from './measure.ts'

type Verdict = 'met' | 'missed' | ''

/** The rows as a plain table, its columns as wide as they need. */
export function tableText(rows: readonly Row[]): string {
  const lines = [
    ['what', 'ours', 'peer', 'ratio', 'target', ''],
    ...rows.map(row => [
      row.what,
      `${figure(row.ours)} ${row.unit}`,
      row.peer === undefined ? '' : `${figure(row.peer)} ${row.unit}`,
      row.peer === undefined ? '' : figure(row.ours / row.peer),
      targetText(row),
      verdictOf(row)
    ])
  ]
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map(line => line[at]?.length ?? 0)))
  return lines
    .map(line =>
      line
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths?.[0] ?? 0) : cell.padStart(widths?.[at] ?? 0)
        )
        .join('  ')
        .trimEnd()
    )
    .join('\n')
}

export const rowJson = (row: Row) => ({
  ...row,
  ...(row.peer === undefined ? {} : { ratio: row.ours / row.peer }),
  verdict: verdictOf(row) || 'as it is'
})

function verdictOf({ ours, peer, target }: Row): Verdict {
  if (!target) return ''
  const value = target.of === 'ours' ? ours : ours / (peer ?? Number.NaN)
  const isMet = 'atLeast' in target ? value >= target.atLeast : value <= target.atMost
  return isMet ? 'met' : 'missed'
}

function targetText({ unit, target }: Row): string {
  if (!target) return 'as it is'
  const bound = boundText(target)
  return target.of === 'ours' ? `${bound} ${unit}` : `${bound} x`
}

const boundText = (target: Target): string =>
  'atLeast' in target ? `>= ${figure(target.atLeast)}` : `<= ${figure(target.atMost)}`

/** Three digits say all that a noisy machine can tell. */
const figure = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
