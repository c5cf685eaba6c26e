import { isWell } from '../node/core/health.ts'
import { ask } from './ask.ts'
import { type Command, EXIT, textOf } from './command.ts'
import { complainOf, countText, isFields, lineOf, rowsIn } from './rows.ts'

export const command: Command = {
  summary: 'How the stall on this box is, its devices too',
  usage: '[--url http://localhost:8080]',
  options: { url: { type: 'string', about: 'Where the stall answers' } },
  run: async given => {
    const answer = await ask(textOf(given, 'url'), '/api/v1/health/detail')
    if ('unreachable' in answer) {
      console.error(`✗ ${answer.unreachable}`)
      console.error('    do: Start it with npm start, or name it with --url')
      return EXIT.unreachable
    }
    if (answer.status !== 200) return complainOf(answer)
    const { body } = answer
    const rows = rowsIn(isFields(body) ? body['parts'] : []).map(({ all: _, ...row }) => row)
    const first = rows.find(({ state }) => !isWell(state))
    if (given.values['json']) console.log(JSON.stringify(rows))
    else {
      for (const row of rows) console.log(lineOf(row))
      console.log(`\n${countText(rows)}`)
      if (first) console.log(`    do: ${first.fix || 'Ask again in a minute.'}`)
    }
    return first ? EXIT.problem : EXIT.ok
  }
}
