import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Device, openDevice, stallIn } from '../node/identity/device.ts'
import { type Membership, openMembership } from '../node/identity/membership.ts'
import { openMarketFolder } from '../node/identity/office.ts'
import { deviceRegistrar, type Registrar } from '../node/identity/registrar.ts'
import { complain, orFault, whileStopped } from './admitting.ts'
import { type Command, EXIT, type Given, textOf } from './command.ts'
import { giveTicket, init } from './marketmade.ts'
import { admit, list, rename, replace, revoke, take } from './marketmembers.ts'

export const command: Command = {
  summary: 'Make a market, and say who is in it',
  usage:
    'init NAME | ticket | admit REQUEST | list | rename STALL NEW\n' +
    '                 | revoke STALL [LOG=SIZE ...] | replace STALL REQUEST [LOG=SIZE ...]\n' +
    '                 | take LIST',
  options: {
    market: { type: 'string', about: "The folder with the market's key (default ./market)" },
    data: { type: 'string', about: 'The data folder of a stall that may admit, instead of a key' },
    stall: { type: 'string', about: 'init: the id of the first stall, whose folder --data names' },
    days: { type: 'string', about: 'init, ticket: how long the ticket is good (default 7)' },
    admitter: { type: 'boolean', about: 'admit: this stall may admit others from then on' },
    answer: { type: 'string', about: 'Where to write the answer (default beside the request)' },
    why: { type: 'string', about: 'revoke: lost, left or false (default lost)' },
    asked: {
      type: 'string',
      about: 'replace: keys/asked of the stall that admitted the old board'
    },
    'no-logs': { type: 'boolean', about: 'revoke, replace: nothing it ever sold counts any more' }
  },
  run: async given => {
    const [verb = '', ...rest] = given.positionals
    const step = VERBS[verb]
    if (!step) {
      const fix = `stall market --help; there are: ${Object.keys(VERBS).join(', ')}`
      return complain('What should be done with the market?', fix, EXIT.usage)
    }
    return orFault(() => step(given, rest))
  }
}

/** `rest` is what follows the verb. */
type Verb = (given: Given, rest: readonly string[]) => Promise<number>

const asRegistrar =
  (step: (registrar: Registrar, given: Given, rest: readonly string[]) => Promise<number>): Verb =>
  (given, rest) =>
    withRegistrar(given, registrar => step(registrar, given, rest))

const VERBS: Readonly<Record<string, Verb>> = {
  init: (given, [name = '']) => init({ given, name, dir: marketDir(given) }),
  ticket: asRegistrar(giveTicket),
  admit: asRegistrar(admit),
  list: asRegistrar(list),
  rename: asRegistrar(rename),
  revoke: asRegistrar(revoke),
  replace: asRegistrar(replace),
  take: (given, [path]) =>
    textOf(given, 'data') === undefined
      ? withRegistrar(given, ({ membership }) => take(membership, given, path))
      : withStall(given, (_, membership) => take(membership, given, path))
}

const marketDir = (given: Given): string => textOf(given, 'market') ?? 'market'

/** With the market's key, or with the word that lets a stall admit. */
async function withRegistrar(
  given: Given,
  step: (registrar: Registrar) => Promise<number>
): Promise<number> {
  if (textOf(given, 'data') === undefined) {
    return step((await openMarketFolder(marketDir(given))).registrar)
  }
  return withStall(given, async (device, membership, dir) => {
    const registrar = await deviceRegistrar(device, { dir, membership })
    if (registrar) return step(registrar)
    const fix = "Use the stick with the market's key: --market DIR."
    return complain(`${device.stall} may not admit others.`, fix, EXIT.refused)
  })
}

/** The stall whose data folder is named, while it does not run. */
async function withStall(
  given: Given,
  step: (device: Device, membership: Membership, dir: string) => Promise<number>
): Promise<number> {
  const dataDir = textOf(given, 'data') ?? 'data'
  const dir = join(dataDir, 'keys')
  // Looked for first, for opening a folder without a stall would make one.
  const stall = await stallIn(dir)
  if (stall === undefined) return complain(`There is no stall in ${dataDir}.`, 'Check --data.')
  return whileStopped(dataDir, async () => {
    const device = await openDevice({ dir, dataDir, stall, random: randomBytes })
    return step(device, await openMembership({ dir, ...device }), dir)
  })
}
