/** What each command of `stall` is: words for `--help`, options, and a function to run. */
export interface Command {
  readonly summary: string
  /** What follows the name: `DIR [--market-key FILE]`. */
  readonly usage: string
  readonly options: Readonly<
    Record<string, { readonly type: 'string' | 'boolean'; readonly about: string }>
  >
  /** Settles with the exit code. */
  readonly run: (given: Given) => Promise<number>
}

export interface Given {
  readonly values: Readonly<Record<string, string | boolean | undefined>>
  readonly positionals: readonly string[]
}

export const EXIT = { ok: 0, problem: 1, usage: 2, unreachable: 3, refused: 4 } as const

/** A text option, or undefined when it was not given. */
export const textOf = ({ values }: Given, option: string): string | undefined => {
  const value = values[option]
  return typeof value === 'string' ? value : undefined
}
