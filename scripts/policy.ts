import { type Command, EXIT } from './command.ts'
import { type Answer, answerLine, type Season } from './season.ts'

/** Ten thousand items with long names fit; what is longer is answered, and never kept. */
const LINE_CHARACTERS_MAX = 16 * 1024 * 1024

export const command: Command = {
  summary: 'Price a simulated season over lines of JSON, as stalls price theirs',
  usage: '--stdio',
  options: { stdio: { type: 'boolean', about: 'Read requests from stdin, answer on stdout' } },
  run: async ({ values }) => {
    if (!values['stdio']) {
      console.error('A policy speaks over stdin and stdout.')
      console.error('    do: stall policy --stdio')
      return EXIT.usage
    }
    let season: Season | null = null
    for await (const line of linesOf(process.stdin.setEncoding('utf8'))) {
      const answer: Answer = line === null ? { season, reply: tooLong } : answerLine(season, line)
      season = answer.season
      process.stdout.write(`${JSON.stringify(answer.reply)}\n`)
    }
    return EXIT.ok
  }
}

const tooLong = {
  type: 'error',
  error: 'line-too-long',
  where: 'the line',
  do: `send at most ${LINE_CHARACTERS_MAX} characters a line`
}

/** The lines of a stream, without empty ones; null for one that is too long to hold. */
async function* linesOf(stream: AsyncIterable<unknown>): AsyncGenerator<string | null> {
  let rest = ''
  let isTooLong = false
  for await (const chunk of stream) {
    const [first = '', ...others] = String(chunk).split('\n')
    rest += first
    for (const next of others) {
      if (isTooLong) yield null
      else if (rest.trim() !== '') yield rest
      rest = next
      isTooLong = false
    }
    if (rest.length > LINE_CHARACTERS_MAX) {
      rest = ''
      isTooLong = true
    }
  }
  if (isTooLong) yield null
  else if (rest.trim() !== '') yield rest
}
