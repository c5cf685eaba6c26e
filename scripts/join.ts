import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { findConfig } from '../node/config/find.ts'
import { stallIdIn } from '../node/config.ts'
import { openDevice, stallIn } from '../node/identity/device.ts'
import {
  enrol,
  install,
  keepRequest,
  readTicket,
  requestAdmission,
  setAside
} from '../node/identity/enrol.ts'
import { STALL_ID } from '../node/wire/members.ts'
import { answerPath, complain, orFault, readGiven, whileStopped, writeGiven } from './admitting.ts'
import { type Command, EXIT, type Given, textOf } from './command.ts'

export const command: Command = {
  summary: 'Join a market: with its ticket, and then with the answer',
  usage: 'TICKET|FILE [--data ./data] [--stall ID]',
  options: {
    data: { type: 'string', about: 'Where ledger and keys are kept (default ./data)' },
    stall: { type: 'string', about: "The stall's id (else that of its stall.toml)" },
    config: { type: 'string', about: 'The configuration that has the id' },
    request: { type: 'string', about: 'Where to write the request (default ID.request)' },
    'set-aside': { type: 'boolean', about: 'Leave the market of before, keys and books with it' }
  },
  run: async given => {
    const [what] = given.positionals
    if (what === undefined) {
      const fix = 'stall join TICKET, or name the file that has it; then stall join ID.answer'
      return complain('What should the stall join with?', fix, EXIT.usage)
    }
    const dataDir = textOf(given, 'data') ?? 'data'
    return orFault(async () => {
      const ticket = ticketIn(what)
      return whileStopped(dataDir, () =>
        ticket ? ask(given, { dataDir, ticket }) : takeAnswer(given, { dataDir, file: what })
      )
    })
  }
}

/** The ticket that was given as its text or in a file; undefined for the file of an answer. */
function ticketIn(what: string): Uint8Array | undefined {
  const text = existsSync(what) ? String(readGiven(what)) : what
  return /^\s*stall-ticket-/.test(text) ? readTicket(text) : undefined
}

interface Joining {
  readonly dataDir: string
  readonly ticket: Uint8Array
}

async function ask(given: Given, { dataDir, ticket }: Joining): Promise<number> {
  const dir = join(dataDir, 'keys')
  const stall = textOf(given, 'stall') ?? (await idOf(given, dataDir))
  if (stall === undefined || !STALL_ID.test(stall)) {
    const fix = 'Name it: --stall stall-7. Lower-case letters, digits and - are allowed, up to 32.'
    return complain('The stall needs an id that others know it by.', fix, EXIT.usage)
  }
  if (given.values['set-aside'] === true && existsSync(dir)) {
    const label = `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`
    console.log(`  Set aside  ${await setAside(dataDir, label)}`)
  }
  await enrol({ dir, dataDir, ticket, random: randomBytes })
  const device = await openDevice({ dir, dataDir, stall, random: randomBytes })
  const request = await requestAdmission(device)
  await keepRequest(dir, request)
  const path = textOf(given, 'request') ?? `${stall}.request`
  writeGiven(path, request)
  const { market } = device
  if (given.values['json']) console.log(JSON.stringify({ market, stall, request: path }))
  else {
    console.log(`✓ ${stall} asks to join ${market}.`)
    console.log(`  Request    ${path}`)
    console.log('The stall may sell right away; its sales count in the market once it is in.')
    const file = basename(path)
    console.log("    do: Bring the request to who keeps the market's key, for")
    console.log(`        stall market admit ${file}`)
    console.log(`        and the answer back here: stall join ${basename(answerPath(file))}`)
  }
  return EXIT.ok
}

/** A folder that waits already keeps its name; else the configuration has it. */
async function idOf(given: Given, dataDir: string): Promise<string | undefined> {
  const { env } = process
  const flag = textOf(given, 'config') ?? null
  const found = findConfig({ flag, env, data: dataDir, exists: existsSync })
  const path = 'faults' in found ? null : found.path
  if (path === null) return stallIn(join(dataDir, 'keys'))
  return stallIdIn({ path, text: String(readGiven(path)), env })
}

async function takeAnswer(
  given: Given,
  { dataDir, file }: { readonly dataDir: string; readonly file: string }
): Promise<number> {
  const answer = readGiven(file)
  const { market, stall } = await install({ dir: join(dataDir, 'keys'), answer })
  if (given.values['json']) console.log(JSON.stringify({ market, stall }))
  else {
    console.log(`✓ ${stall} is in the market ${market}.`)
    console.log(`    do: Start it. Its stall.toml must say id = "${stall}".`)
  }
  return EXIT.ok
}
