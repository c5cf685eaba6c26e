import type { Totals } from './totals.ts'

/** How a kind of counter puts people into lines. */
export interface LineProfile {
  readonly id: string
  /** Whether a line holds all since the device was switched on, or only who just passed. */
  readonly counts: 'cumulative' | 'delta'
  /**
   * Groups `in` and `out` are numbers; of `step` the sign is the way, + for in. `json` stands for
   * an object with the numbers `in` and `out`.
   */
  readonly pattern: RegExp | 'json'
}

/** A new kind of counter is a row here. The lines are what such devices are seen to send. */
export const LINE_PROFILES: readonly LineProfile[] = [
  {
    // IN=128 OUT=97
    id: 'in-out',
    counts: 'cumulative',
    pattern: /^IN=(?<in>\d{1,9})\s{1,4}OUT=(?<out>\d{1,9})$/i
  },
  {
    // C,128,97 with a letter for the kind of line
    id: 'comma',
    counts: 'cumulative',
    pattern: /^[CP],(?<in>\d{1,9}),(?<out>\d{1,9})$/
  },
  {
    // {"in":128,"out":97} and whatever else is in it
    id: 'json',
    counts: 'cumulative',
    pattern: 'json'
  },
  {
    // +1 for each who walks in, -1 for each who walks out
    id: 'steps',
    counts: 'delta',
    pattern: /^(?<step>[+-]\d{1,2})$/
  }
]

const TEMPLATE_CHARS_MAX = 200
/** What a field stands for. All are bounded, so that none of them can keep the till waiting. */
const FIELDS: Readonly<Record<string, string>> = {
  '{in}': '(?<in>\\d{1,9})',
  '{out}': '(?<out>\\d{1,9})',
  '{step}': '(?<step>[+-]\\d{1,2})',
  '{any}': '.{0,99}'
}
const ANY_MAX = 2

/**
 * Reads a line of one's own from stall.toml, `Visitors {in} / {out}`. It is no regular expression:
 * people get those wrong, and a wrong one can take a backtracking matcher longer than the evening
 * has. Undefined when it names no number, or a field twice.
 */
export function readTemplate(text: string): RegExp | undefined {
  if (text.length > TEMPLATE_CHARS_MAX) return undefined
  const parts = text.trim().split(/(\{[a-z]+\}|\s+)/)
  const fields = parts.filter(part => /^\{[a-z]+\}$/.test(part))
  const times = (field: string) => fields.filter(each => each === field).length
  const isKnown = fields.every(field => times(field) <= (field === '{any}' ? ANY_MAX : 1))
  const hasNumber = fields.some(field => field !== '{any}')
  if (!isKnown || !hasNumber || fields.some(field => !Object.hasOwn(FIELDS, field)))
    return undefined
  const source = parts.map(part =>
    /^\s+$/.test(part) ? '\\s{1,4}' : (FIELDS[part] ?? part.replace(/[^\w\s]/g, '\\$&'))
  )
  return new RegExp(`^${source.join('')}$`)
}

/** What a line says, or undefined when it is none of this device's lines. Never throws. */
export function readLine({ pattern }: Pick<LineProfile, 'pattern'>, line: string) {
  return pattern === 'json' ? readJson(line) : readGroups(pattern, line)
}

function readGroups(pattern: RegExp, line: string): Totals | undefined {
  const groups = pattern.exec(line)?.groups
  if (groups === undefined) return undefined
  const step = Number(groups['step'] ?? 0)
  return checked({
    in: Number(groups['in'] ?? Math.max(0, step)),
    out: Number(groups['out'] ?? Math.max(0, -step))
  })
}

function readJson(line: string): Totals | undefined {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null) return undefined
    const into = 'in' in value ? value.in : undefined
    const out = 'out' in value ? value.out : 0
    return typeof into === 'number' && typeof out === 'number'
      ? checked({ in: into, out })
      : undefined
  } catch {
    return undefined
  }
}

const TOTAL_MAX = 1e9

const checked = (totals: Totals): Totals | undefined =>
  [totals.in, totals.out].every(each => Number.isInteger(each) && each >= 0 && each <= TOTAL_MAX)
    ? totals
    : undefined
