/** What every bench shares: rows, rounds and medians. */

/** One line of the table. */
export interface Row {
  readonly what: string
  readonly unit: string
  readonly ours: number
  /** The same work, or the work that cannot be saved, measured in the same run. */
  readonly peer?: number
  /** Of the ratio ours / peer, or of ours by itself. Without one the row is reported as it is. */
  readonly target?: Target
}

export type Target =
  | { readonly of: 'ratio' | 'ours'; readonly atLeast: number }
  | { readonly of: 'ratio' | 'ours'; readonly atMost: number }

export interface Bench {
  readonly name: string
  /** What is missing here to run it, or false. */
  readonly needs?: () => Promise<string | false>
  readonly run: () => Promise<readonly Row[]>
}

/**
 * Runs all sides in turn, round after round, so that a machine that slows down slows all of them;
 * gives the median of each. A side returns its own figure, so that it can leave out its set-up.
 */
export async function interleaved<Name extends string>(
  rounds: number,
  sides: Readonly<Record<Name, (round: number) => number | Promise<number>>>
): Promise<Record<Name, number>> {
  const names = Object.keys(sides) as Name[]
  const figures = new Map<Name, number[]>(names.map(name => [name, []]))
  for (let round = 0; round < rounds; round++) {
    // The order turns round, so that no side always runs in the other's wake.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      globalThis.gc?.()
      figures.get(name)?.push(await sides[name](round))
    }
  }
  return Object.fromEntries(names.map(name => [name, median(figures.get(name) ?? [])])) as Record<
    Name,
    number
  >
}

/** How many times a second the step runs; the step is told its number. */
export async function ratePerSecond(
  times: number,
  step: (number: number) => unknown
): Promise<number> {
  const from = performance.now()
  for (let number = 0; number < times; number++) await step(number)
  return (times * 1_000) / (performance.now() - from)
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** The nearest-rank quantile. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]
  if (value === undefined) throw new RangeError('No values to take a quantile of')
  return value
}
