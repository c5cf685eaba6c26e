import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { boot, type RunningStall } from '../node/boot.ts'
import { type ConfigFault, formatFaults } from '../node/config/fault.ts'
import { findConfig } from '../node/config/find.ts'
import { driversNamed, parseConfig } from '../node/config.ts'
import { Fault } from '../node/core/ports.ts'
import { clashes, readDevices, type StallConfig } from '../node/equipment.ts'
import { stallIn } from '../node/identity/device.ts'
import { type Command, EXIT, type Given, textOf } from './command.ts'
import { lineOf } from './rows.ts'
import { enrolByTicket } from './ticket.ts'

const PAGES_DIR = join(dirname(fileURLToPath(import.meta.url)), '..', 'pages')
/** A close that takes longer is cut off; everything acknowledged is on disk all the same. */
const CLOSE_MS_MAX = 5_000

export const command: Command = {
  summary: 'Run one stall until Ctrl-C',
  usage: '[--config stall.toml] [--data ./data]',
  options: {
    config: { type: 'string', about: 'The configuration (else the usual places, else a sample)' },
    data: { type: 'string', about: 'Where ledger and keys are kept (default ./data)' },
    'dry-run': { type: 'boolean', about: 'Only read the configuration and say what is wrong' }
  },
  run: async given => {
    const dataDir = resolve(textOf(given, 'data') ?? 'data')
    const read = await readConfig(given, dataDir)
    const isJson = given.values['json'] === true
    if ('faults' in read) {
      if (isJson) console.log(JSON.stringify(read))
      else console.error(formatFaults(read.faults))
      return EXIT.usage
    }
    if (given.values['dry-run']) return sayClashes(read.config, isJson)
    try {
      const { config } = read
      const isDevelopment = config.isDefault
      const asked = await enrolByTicket({ dataDir, stall: config.stall.id })
      const stall = await boot({ config, dataDir, pagesDir: PAGES_DIR, isDevelopment })
      if (asked && !isJson) tellAsked(asked)
      if (isJson) console.log(JSON.stringify(greeting(stall, config)))
      else greet(stall, { config, dataDir })
      void stall.isComplete.then(() => complain(stall))
      await untilSignal()
      await closeWithin(stall)
      return EXIT.ok
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      console.error(`✗ ${error.message}`)
      console.error(`    do: ${error.fix}`)
      return EXIT.problem
    }
  }
}

/** A stall sells with devices that are in each other's way, which is told all the same. */
function sayClashes(config: StallConfig, isJson: boolean): number {
  const { stallName } = config.terms
  const findings = clashes(config)
  if (isJson) console.log(JSON.stringify({ stall: stallName, faults: [], findings }))
  else if (findings.length === 0) console.log(`${stallName}: the configuration is fine.`)
  else for (const row of findings) console.error(lineOf(row))
  return findings.length === 0 ? EXIT.ok : EXIT.problem
}

/** The configuration that a start with these options would take, or all that is wrong with it. */
export async function readConfig(
  given: Given,
  dataDir: string
): Promise<{ readonly config: StallConfig } | { readonly faults: readonly ConfigFault[] }> {
  const { env } = process
  const flag = textOf(given, 'config') ?? null
  const found = findConfig({ flag, env, data: dataDir, exists: existsSync })
  if ('faults' in found) return found
  const { path } = found
  const source = {
    path: path ?? '',
    text: path === null ? null : readFileSync(path, 'utf8'),
    env: path === null ? { STALL_STALL_ID: await nameOf(dataDir), ...env } : env
  }
  return parseConfig({
    ...source,
    readCatalogue: file => readBeside(path ?? '', file),
    parseDevice: await readDevices(driversNamed(source), { folder: dirname(source.path) })
  })
}

/** A folder keeps the name it was made under, wherever it was moved; `boot` says what is wrong. */
const nameOf = async (dataDir: string): Promise<string> =>
  (await stallIn(join(dataDir, 'keys')).catch(() => undefined)) ?? idOf(dataDir)

/**
 * Each new development stall is named after its folder, so that two of them are told apart.
 * "./data" is the first stall of a developer's machine; others are called as their folder.
 */
function idOf(dataDir: string): string {
  const name = basename(dataDir)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  return name.replaceAll(/^-+|-+$/g, '').slice(0, 32) || 'stall'
}

function readBeside(config: string, file: string) {
  const path = join(dirname(config), file)
  try {
    return { path, text: readFileSync(path, 'utf8') }
  } catch {
    return { problem: `There is no file ${path}.` }
  }
}

const greeting = ({ port, isPrinterSimulated }: RunningStall, config: StallConfig) => ({
  stall: config.stall.name,
  till: `http://localhost:${port}/`,
  receipts: `http://localhost:${port}/r`,
  isPrinterSimulated,
  isSample: config.isDefault
})

function greet(
  running: RunningStall,
  { config, dataDir }: { readonly config: StallConfig; readonly dataDir: string }
): void {
  const { stall, till, receipts, isPrinterSimulated, isSample } = greeting(running, config)
  console.log(`${stall} is open.`)
  console.log(`  Till      ${till}`)
  console.log(`  Receipts  ${receipts}`)
  if (isPrinterSimulated) console.log('  Printer   simulated; its paper shows on the till')
  if (isSample) {
    const path = relative('', join(dataDir, 'stall.toml'))
    const shown = path.startsWith('..') ? join(dataDir, 'stall.toml') : path
    console.log(`  Catalogue a sample; write your own in ${shown}`)
  }
  console.log('Ctrl-C closes it. Every sale is on disk before the till says so.')
}

function tellAsked({ market, request }: { readonly market: string; readonly request: string }) {
  console.log(`This card has a ticket of ${market}, and waits to be admitted.`)
  console.log(`  Request   ${request}`)
  console.log("    do: Bring it to who keeps the market's key: stall market admit FILE")
}

function complain(stall: RunningStall): void {
  for (const { name, state, sentence, fix } of stall.health()) {
    if (state !== 'down') continue
    console.error(`! ${name}: ${sentence}${fix ? `\n    do: ${fix}` : ''}`)
  }
}

const untilSignal = (): Promise<void> =>
  new Promise(settle => {
    // Heard more than once, for a terminal and npm may both pass a Ctrl-C on.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => settle())
  })

async function closeWithin(stall: RunningStall): Promise<void> {
  const late = setTimeout(() => {
    console.error('✗ The stall did not close in time, and was cut off.')
    console.error('    do: Start it again; every sale is on disk.')
    process.exit(EXIT.problem)
  }, CLOSE_MS_MAX)
  await stall.close()
  clearTimeout(late)
}
