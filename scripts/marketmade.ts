import { randomBytes } from 'node:crypto'
import { join, relative } from 'node:path'
import { isDevelopment } from '../node/core/share/meeting.ts'
import { openDevice, stallIn } from '../node/identity/device.ts'
import { enrol, install, requestAdmission } from '../node/identity/enrol.ts'
import { makeMarketFolder, openMarketFolder } from '../node/identity/office.ts'
import type { Registrar } from '../node/identity/registrar.ts'
import { isMarketName } from '../node/wire/certificate.ts'
import { ticketText } from '../node/wire/enrol.ts'
import { STALL_ID } from '../node/wire/members.ts'
import { complain, complainOfRefusal, whileStopped, writeGiven } from './admitting.ts'
import { EXIT, type Given, textOf } from './command.ts'

const DAY_MS = 86_400_000
const DAYS_DEFAULT = 7
const DAYS_MAX = 3_650

interface Made {
  readonly given: Given
  readonly name: string
  /** The operator's folder, which is to be made. */
  readonly dir: string
}

/** Makes the market, its first admitter where one was named, and a ticket for all the others. */
export async function init({ given, name, dir }: Made): Promise<number> {
  if (!isMarketName(name) || isDevelopment(name)) {
    const fix = 'stall market init harbour.example (names that begin with dev. are for developers)'
    return complain('A market needs a name that looks like a domain.', fix, EXIT.usage)
  }
  const [data, stall, days] = [textOf(given, 'data'), textOf(given, 'stall'), daysIn(given)]
  if (days === undefined) return complainOfDays()
  if ((data === undefined) !== (stall === undefined) || (stall && !STALL_ID.test(stall))) {
    const fix = '--data ./data --stall stall-1, or neither, to admit the first stall by its request'
    return complain('The first stall needs a folder and an id.', fix, EXIT.usage)
  }
  const first = data !== undefined && stall !== undefined && { dataDir: data, stall }
  if (first && isInside(dir, first.dataDir)) {
    const fix = 'Name a folder on a stick: --market /media/stick/market'
    return complain("The market's key must not lie on a stall.", fix, EXIT.usage)
  }
  if (first && (await stallIn(join(first.dataDir, 'keys'))) !== undefined) {
    const fix = 'Name a new folder with --data, or move that one aside.'
    return complain(`There is a stall in ${first.dataDir} already.`, fix)
  }
  await makeMarketFolder({ dir, name, random: randomBytes })
  const { registrar } = await openMarketFolder(dir)
  const ticket = registrar.ticket(Date.now() + days * DAY_MS)
  const path = join(dir, 'ticket.txt')
  writeGiven(path, `${ticketText(ticket)}\n`)
  const made = { market: name, folder: dir, ticket: path }
  const code = first ? await admitFirst(registrar, { ...first, ticket }) : EXIT.ok
  if (code === EXIT.ok) tellMade(given, { ...made, days, ...(first && { admitter: first.stall }) })
  return code
}

const isInside = (inner: string, outer: string): boolean => !relative(outer, inner).startsWith('..')

function tellMade(
  given: Given,
  made: {
    readonly market: string
    readonly folder: string
    readonly ticket: string
    readonly days: number
    readonly admitter?: string
  }
): void {
  const { market, folder, ticket, days, admitter } = made
  if (given.values['json']) {
    console.log(JSON.stringify(made))
    return
  }
  console.log(`✓ The market ${market} is made.`)
  console.log(`  Key        ${folder}; who has it, has the market: keep it in a drawer`)
  if (admitter) console.log(`  Admitter   ${admitter}; it lets others in while the key is away`)
  console.log(`  Ticket     ${ticket}, good for ${days} days`)
  console.log('    do: Take the ticket to each stall: stall join ticket.txt')
}

/** The stall that mints drops and admits others, so that the market key can stay in its drawer. */
function admitFirst(
  registrar: Registrar,
  options: { readonly dataDir: string; readonly stall: string; readonly ticket: Uint8Array }
): Promise<number> {
  const { dataDir, stall, ticket } = options
  const dir = join(dataDir, 'keys')
  return whileStopped(dataDir, async () => {
    await enrol({ dir, dataDir, ticket, random: randomBytes })
    const device = await openDevice({ dir, dataDir, stall, random: randomBytes })
    const rules = { now: Date.now(), needsTicket: false, isAdmitter: true }
    const admitted = await registrar.admit(await requestAdmission(device), rules)
    if ('refused' in admitted) return complainOfRefusal(admitted)
    await install({ dir, ...admitted })
    return EXIT.ok
  })
}

export async function giveTicket(registrar: Registrar, given: Given): Promise<number> {
  const days = daysIn(given)
  if (days === undefined) return complainOfDays()
  const ticket = ticketText(registrar.ticket(Date.now() + days * DAY_MS))
  // Alone on standard output, so that it can be written into a file.
  console.log(given.values['json'] ? JSON.stringify({ ticket, days }) : ticket)
  return EXIT.ok
}

function daysIn(given: Given): number | undefined {
  const text = textOf(given, 'days') ?? String(DAYS_DEFAULT)
  const days = Number(text)
  return /^\d+$/.test(text) && days >= 1 && days <= DAYS_MAX ? days : undefined
}

const complainOfDays = (): number =>
  complain(`A ticket is good for 1 to ${DAYS_MAX} days.`, '--days 7', EXIT.usage)
