import { styleText } from 'node:util'
import { HEALTH_STATES, type HealthState } from '../node/core/ports.ts'
import { EXIT } from './command.ts'

/** One thing and how it is, for a person at a terminal. */
export interface Row {
  readonly name: string
  readonly state: HealthState
  readonly sentence: string
  readonly fix: string
}

const MARKS = {
  up: ['green', '✓'],
  disabled: ['gray', '-'],
  absent: ['yellow', '!'],
  degraded: ['yellow', '!'],
  down: ['red', '✗']
} as const

export function lineOf({ name, state, sentence, fix }: Row): string {
  const [colour, mark] = MARKS[state]
  const head = `${paint(colour, mark)} ${name.padEnd(18)} ${sentence}`
  return fix ? `${head}\n${todo(fix)}` : head
}

/** What to do next, below what is wrong. */
export const todo = (fix: string): string => `    ${paint('cyan', 'do:')} ${fix}`

/** Colours only for eyes: not in a pipe, not with NO_COLOR. */
const paint = (colour: 'green' | 'gray' | 'yellow' | 'red' | 'cyan', text: string): string =>
  process.stdout.isTTY && !process.env['NO_COLOR'] ? styleText(colour, text) : text

export function countText(rows: readonly Row[]): string {
  const count = (...states: readonly HealthState[]) =>
    rows.filter(({ state }) => states.includes(state)).length
  return (
    `${count('up', 'disabled')} fine, ${count('degraded', 'absent')} to watch, ` +
    `${count('down')} to fix`
  )
}

/** Decodes what came over the wire; anything that is not a row is left out. */
export const rowsIn = (list: unknown): readonly (Row & { readonly all: Fields })[] =>
  (Array.isArray(list) ? list : []).flatMap((all: unknown) => {
    if (!isFields(all)) return []
    const { name, sentence, do: fix } = all
    const state = HEALTH_STATES.find(each => each === all['state'])
    if (typeof name !== 'string' || typeof sentence !== 'string' || state === undefined) return []
    return [{ name, state, sentence, fix: typeof fix === 'string' ? fix : '', all }]
  })

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null

/** A stall tells a stranger what to do in a problem's own words (RFC 9457). */
export function complainOf(answer: { readonly status: number; readonly body: unknown }): number {
  const { status, body } = answer
  const { title, do: fix } = isFields(body) ? body : {}
  const isNo = status === 401 || status === 403
  console.error(`✗ ${typeof title === 'string' ? title : `The stall answered ${status}`}.`)
  console.error(`    do: ${typeof fix === 'string' ? fix : 'Check that --url names a stall.'}`)
  return isNo ? EXIT.refused : EXIT.problem
}
