import { basename } from 'node:path'
import { type DeviceKey, isDeviceKey } from '../node/core/id.ts'
import type { AcceptedLog, ListRefusal } from '../node/core/share/members.ts'
import type { Membership } from '../node/identity/membership.ts'
import type { Admitted, Registrar } from '../node/identity/registrar.ts'
import { STALL_ID } from '../node/wire/members.ts'
import {
  acceptedLogs,
  answerPath,
  complain,
  complainOfRefusal,
  isWhy,
  readGiven,
  writeGiven
} from './admitting.ts'
import { EXIT, type Given, textOf } from './command.ts'

/** Who is in the market: each verb of `stall market` that reads the list or signs a new one. */

export async function admit(
  registrar: Registrar,
  given: Given,
  [path]: readonly string[]
): Promise<number> {
  if (path === undefined) {
    return complain('Which request?', 'stall market admit stall-7.request', EXIT.usage)
  }
  const isAdmitter = given.values['admitter'] === true
  // A person looks at each of them, but a ticket that came along must be true all the same.
  const rules = { now: Date.now(), needsTicket: true, isAdmitter }
  const admitted = await registrar.admit(readGiven(path), rules)
  if ('refused' in admitted) return complainOfRefusal(admitted, path)
  return tellAdmitted(given, path, admitted)
}

export async function replace(
  registrar: Registrar,
  given: Given,
  [stall, path, ...rows]: readonly string[]
): Promise<number> {
  const logs = logsIn(given, rows)
  if (stall === undefined || path === undefined || !logs) {
    return complainOfLogs('stall market replace stall-7 stall-7.request')
  }
  const admitted = await registrar.replace(readGiven(path), {
    ...{ stall, logs },
    askedDir: textOf(given, 'asked')
  })
  if ('refused' in admitted) return complainOfRefusal(admitted, path)
  if (!admitted.hasVendorKey) {
    console.error(
      '! The old books stay closed to the new board: the key of its vendor is not here.'
    )
    console.error('    do: Name where it was admitted, with the stick: --asked DATA/keys/asked')
  }
  return tellAdmitted(given, path, admitted)
}

function tellAdmitted(given: Given, path: string, { answer, member }: Admitted): number {
  const to = textOf(given, 'answer') ?? answerPath(path)
  writeGiven(to, answer)
  const { stall } = member
  if (given.values['json']) console.log(JSON.stringify({ stall, answer: to }))
  else {
    console.log(`✓ ${stall} is in the market.`)
    console.log(`  Answer     ${to}`)
    console.log(`    do: Bring the answer to the stall: stall join ${basename(to)}`)
  }
  return EXIT.ok
}

export async function list(registrar: Registrar, given: Given): Promise<number> {
  const { members } = registrar.membership
  const { market, epoch, members: all, revoked } = members()
  if (given.values['json']) {
    console.log(JSON.stringify(members()))
    return EXIT.ok
  }
  console.log(`${market}, list ${epoch}: ${all.length} in, ${revoked.length} out`)
  for (const { stall, device } of all) console.log(`✓ ${stall.padEnd(32)} ${device.slice(0, 16)}`)
  for (const { stall, device, why } of revoked) {
    console.log(`✗ ${stall.padEnd(32)} ${device.slice(0, 16)} ${why}`)
  }
  return EXIT.ok
}

export async function rename(
  registrar: Registrar,
  given: Given,
  [stall, to]: readonly string[]
): Promise<number> {
  if (stall === undefined || to === undefined || !STALL_ID.test(to)) {
    const fix = 'stall market rename stall-7 bao-7; lower-case letters, digits and -, up to 32'
    return complain('Which stall, and which new id?', fix, EXIT.usage)
  }
  const changed = await registrar.change({ type: 'renameStall', stall, to })
  if ('refused' in changed) return complainOfRefusal(changed)
  const member = changed.members.find(row => row.stall === to)
  const answer = member && registrar.certify(member.device)
  if (!member || !answer) throw new Error('A stall that was renamed is not in the list')
  return tellAdmitted(given, to, { answer, member, hasVendorKey: false })
}

export async function revoke(
  registrar: Registrar,
  given: Given,
  [named, ...rows]: readonly string[]
): Promise<number> {
  const logs = logsIn(given, rows)
  if (named === undefined || !logs) return complainOfLogs('stall market revoke stall-7')
  const why = textOf(given, 'why') ?? 'lost'
  if (!isWhy(why)) return complain(`${why} is no reason.`, '--why lost, left or false', EXIT.usage)
  const device = deviceOf(registrar, named)
  if (!device) return complainOfRefusal({ refused: 'unknown-stall' })
  const changed = await registrar.change({ type: 'revokeDevice', device, why, logs })
  if ('refused' in changed) return complainOfRefusal(changed)
  if (given.values['json']) console.log(JSON.stringify({ device, epoch: changed.epoch }))
  else {
    console.log(`✓ ${named} is out, by list ${changed.epoch}.`)
    console.log('    do: Bring the new list to a stall: stall market take LIST --data DATA')
  }
  return EXIT.ok
}

/** By its name, or by the whole key of a device that no list names. */
function deviceOf({ membership }: Registrar, named: string): DeviceKey | undefined {
  if (isDeviceKey(named)) return named
  return membership.members().members.find(({ stall }) => stall === named)?.device
}

/** What counts must be said, for silence would strike a whole evening from the books. */
function logsIn(given: Given, rows: readonly string[]): readonly AcceptedLog[] | undefined {
  const isNothing = given.values['no-logs'] === true
  return isNothing === rows.length > 0 ? undefined : acceptedLogs(rows)
}

const complainOfLogs = (example: string): number =>
  complain(
    'How many entries of each of its logs still count?',
    `${example} 0123456789abcdef=40, or --no-logs if nothing of it counts`,
    EXIT.usage
  )

/**
 * Puts a list in place that came as a file: at a stall where none that has it is in reach, and on
 * the stick before a new one is signed there, if a stall that admits others has signed some since.
 */
export async function take(
  membership: Membership,
  given: Given,
  path: string | undefined
): Promise<number> {
  if (path === undefined) {
    return complain('Which list?', 'stall market take market/members --data ./data', EXIT.usage)
  }
  const outcome = await membership.offer(readGiven(path))
  if (outcome !== 'taken' && outcome !== 'known') {
    return complain(LIST_WORDS[outcome], 'Bring the newest list of this market.', EXIT.refused)
  }
  const { epoch } = membership.members()
  if (given.values['json']) console.log(JSON.stringify({ epoch }))
  else console.log(`✓ List ${epoch} is in place.`)
  return EXIT.ok
}

const LIST_WORDS: Readonly<Record<Exclude<ListRefusal, 'known'> | 'forged', string>> = {
  forged: 'This list was not signed by this market.',
  'other-market': 'This is the list of another market.',
  'older-epoch': 'There is a newer list already.',
  'signer-revoked': 'Who signed this list is shut out.',
  'forgets-revocation': 'This list forgets somebody who is shut out.'
}
