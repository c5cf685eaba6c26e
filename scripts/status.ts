import { styleText } from 'node:util'
import { ask } from './ask.ts'
import { type Command, EXIT, textOf } from './command.ts'

const MARKS = {
  up: ['green', '✓'],
  disabled: ['gray', '-'],
  absent: ['yellow', '!'],
  degraded: ['yellow', '!'],
  down: ['red', '✗']
} as const

interface Row {
  readonly name: string
  readonly state: keyof typeof MARKS
  readonly sentence: string
  readonly fix: string
}

export const command: Command = {
  summary: 'How the stall on this box is',
  usage: '[--url http://localhost:8080]',
  options: { url: { type: 'string', about: 'Where the stall answers' } },
  run: async given => {
    const answer = await ask(textOf(given, 'url'), '/api/v1/health/detail')
    if ('unreachable' in answer) {
      console.error(`✗ ${answer.unreachable}`)
      console.error('    do: Start it with npm start, or name it with --url')
      return EXIT.unreachable
    }
    if (answer.status !== 200) return refused(answer)
    const rows = rowsOf(answer.body)
    const first = rows.find(({ state }) => state !== 'up' && state !== 'disabled')
    if (given.values['json']) console.log(JSON.stringify(rows))
    else {
      for (const row of rows) console.log(lineOf(row))
      console.log(`\n${countText(rows)}`)
      if (first) console.log(`    do: ${first.fix || 'Ask again in a minute.'}`)
    }
    return first ? EXIT.problem : EXIT.ok
  }
}

/** A stall tells a stranger what to do in a problem's own words (RFC 9457). */
function refused({ status, body }: { readonly status: number; readonly body: unknown }): number {
  const { title, do: fix } = isObject(body) ? body : {}
  const isNo = status === 401 || status === 403
  console.error(`✗ ${typeof title === 'string' ? title : `The stall answered ${status}`}.`)
  console.error(`    do: ${typeof fix === 'string' ? fix : 'Check that --url names a stall.'}`)
  return isNo ? EXIT.refused : EXIT.problem
}

/** Decodes what came over the wire; anything that is not a row of health is left out. */
function rowsOf(body: unknown): Row[] {
  const parts = isObject(body) && Array.isArray(body['parts']) ? body['parts'] : []
  return parts.flatMap((each: unknown) => {
    if (!isObject(each)) return []
    const { name, state, sentence, do: fix } = each
    if (typeof name !== 'string' || typeof sentence !== 'string') return []
    if (typeof state !== 'string' || !isState(state)) return []
    return [{ name, state, sentence, fix: typeof fix === 'string' ? fix : '' }]
  })
}

const isState = (state: string): state is keyof typeof MARKS => state in MARKS

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function lineOf({ name, state, sentence, fix }: Row): string {
  const [colour, mark] = MARKS[state]
  const head = `${paint(colour, mark)} ${name.padEnd(18)} ${sentence}`
  return fix ? `${head}\n    ${paint('cyan', 'do:')} ${fix}` : head
}

/** Colours only for eyes: not in a pipe, not with NO_COLOR. */
const paint = (colour: 'green' | 'gray' | 'yellow' | 'red' | 'cyan', text: string): string =>
  process.stdout.isTTY && !process.env['NO_COLOR'] ? styleText(colour, text) : text

function countText(rows: readonly Row[]): string {
  const count = (...states: readonly Row['state'][]) =>
    rows.filter(({ state }) => states.includes(state)).length
  return (
    `${count('up', 'disabled')} fine, ${count('degraded', 'absent')} to watch, ` +
    `${count('down')} to fix`
  )
}
