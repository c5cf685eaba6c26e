#!/usr/bin/env node
/**
 * The one command line. Each command is a file that is loaded only when it is asked for, so that
 * `stall status` on a busy box costs little more than Node itself.
 */
import { parseArgs } from 'node:util'
import { type Command, EXIT } from './command.ts'

const commands: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  run: () => import('./run.ts'),
  doctor: () => import('./doctor.ts'),
  status: () => import('./status.ts'),
  policy: () => import('./policy.ts'),
  market: () => import('./market.ts'),
  join: () => import('./join.ts'),
  verify: () => import('./verify.ts')
}

process.exitCode = await main(process.argv.slice(2))

async function main([name = '--help', ...rest]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h') return printOverview()
  const load = commands[name]
  if (!load) {
    console.error(`There is no "stall ${name}".`)
    console.error(`    do: stall --help lists what there is: ${Object.keys(commands).join(', ')}`)
    return EXIT.usage
  }
  const { command } = await load()
  if (rest.includes('--help') || rest.includes('-h')) return printHelp(name, command)
  try {
    const { values, positionals } = parseArgs({
      args: [...rest],
      options: { ...command.options, json: { type: 'boolean' } },
      allowPositionals: true
    })
    return await command.run({ values, positionals })
  } catch (error) {
    if (!isUsageError(error)) throw error
    console.error(error.message)
    console.error(`    do: stall ${name} --help`)
    return EXIT.usage
  }
}

async function printOverview(): Promise<number> {
  console.log('stall: one stall of a market\n')
  for (const [name, load] of Object.entries(commands)) {
    console.log(`  stall ${name.padEnd(14)} ${(await load()).command.summary}`)
  }
  console.log('\nEach has --help and --json. Exit codes: 0 fine, 1 problem found, 2 wrong usage,')
  console.log('3 the stall does not answer, 4 refused.')
  return EXIT.ok
}

function printHelp(name: string, { summary, usage, options }: Command): number {
  console.log(`${summary}\n\n  stall ${name} ${usage}\n`)
  for (const [option, { about }] of Object.entries(options)) {
    console.log(`  --${option.padEnd(12)} ${about}`)
  }
  console.log(`  --${'json'.padEnd(12)} Print JSON for another program`)
  return EXIT.ok
}

/** Hoisted, for the command runs before this file's end is reached. */
function isUsageError(error: unknown): error is Error {
  return (
    error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  )
}
