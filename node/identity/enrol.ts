import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContentKeyWrap } from '../core/log.ts'
import { type Admission, Fault } from '../core/ports.ts'
import { isEqual } from '../core/proof/merkle.ts'
import { syncFolder } from '../disk/replace.ts'
import { Malformed } from '../wire/canonical.ts'
import { verifyDelegation, verifyDeviceCertificate } from '../wire/certificate.ts'
import {
  type AdmissionAnswer,
  signRequest,
  type Ticket,
  ticketOfText,
  trustTicket,
  verifyAnswer
} from '../wire/enrol.ts'
import { deviceKeyOf, verifyingKey } from '../wire/keys.ts'
import { unwrapVendorKey, wrapVendorKey } from '../wire/wrap.ts'
import { type Device, requireNoBooks } from './device.ts'
import { FILES, formerVendorFile, readKeyFile, writeKeyFile } from './folder.ts'
import {
  guardFiles,
  ignoreMissing,
  keyPair,
  loadKey,
  loadOrMakeKey,
  rawPrivateKey,
  saveKey
} from './keyfile.ts'
import { openMembership } from './membership.ts'

/**
 * Makes the keys folder of a stall that has a ticket. From then on it sells, and its books count
 * when it is admitted. Each step leaves alone what is there, and the ticket comes last: a power cut
 * in the middle is finished by the next `enrol`. Rejects with a `Fault`, also where there are keys
 * for another market, or books.
 */
export async function enrol(options: {
  readonly dir: string
  readonly dataDir: string
  readonly ticket: Uint8Array
  readonly random: (size: number) => Uint8Array
}): Promise<void> {
  const { dir, ticket, random } = options
  const { marketKey, operatorKey } = checkTicket(ticket)
  if (await readKeyFile(dir, FILES.certificate)) throw keysThere(dir)
  const before = await readKeyFile(dir, FILES.ticket)
  if (!before) await requireNoBooks(options)
  else if (!isEqual(checkTicket(before).marketKey, marketKey)) throw keysThere(dir)
  await loadOrMakeKey({ path: join(dir, FILES.vendor), kind: 'x25519', random })
  await loadOrMakeKey({ path: join(dir, FILES.device), kind: 'ed25519', random })
  await writeKeyFile(dir, FILES.operatorPublic, operatorKey)
  await writeKeyFile(dir, FILES.marketPublic, marketKey)
  await writeKeyFile(dir, FILES.ticket, ticket)
}

/** Keeps what was asked for, so that the stall waits under the name that it asked for. */
export const keepRequest = (dir: string, request: Uint8Array): Promise<void> =>
  writeKeyFile(dir, FILES.request, request)

/** What a stall says to whoever may admit it: to members in reach, or in a file on a stick. */
export async function requestAdmission(device: Device): Promise<Uint8Array> {
  const { market, stall, publicKey, privateKey, vendor, operator, ticket = null } = device
  const key = deviceKeyOf(publicKey)
  const recovery = await wrapVendorKey({
    vendorKey: vendor.privateKey,
    device: key,
    reader: operator
  })
  const { publicKey: vendorKey } = vendor
  return signRequest({ market, stall, device: key, vendorKey, recovery, ticket }, privateKey)
}

/**
 * Puts an answer in place: the vendor's key if one came back, what the device may do, the list of
 * members, and last the certificate. It holds from the next start on. Rejects with a `Fault` for an
 * answer that is not this stall's.
 */
export async function install(options: {
  readonly dir: string
  readonly answer: Uint8Array
}): Promise<{ readonly market: string; readonly stall: string }> {
  const { dir } = options
  const marketKey = await readKeyFile(dir, FILES.marketPublic)
  const device = await loadKey(join(dir, FILES.device), 'ed25519')
  if (!marketKey || !device) throw noKeys(dir)
  const own = { dir, marketKey, deviceKey: device.publicKey }
  const { answer, market, stall } = checkAnswer(own, options.answer)
  if (answer.vendorKey) await takeVendorKey(own, answer.vendorKey)
  if (answer.delegation) await writeKeyFile(dir, FILES.delegation, answer.delegation)
  if (answer.members) {
    const membership = await openMembership({ dir, market, marketKey })
    if ((await membership.offer(answer.members)) === 'forged') throw notForUs('has a forged list')
  }
  await writeKeyFile(dir, FILES.certificate, answer.certificate)
  return { market, stall }
}

/** Asks the members in reach, once. Meanwhile the stall sells alone; ask again when one appears. */
export async function seekAdmission(options: {
  readonly dir: string
  readonly device: Device
  readonly admission: Admission
}): Promise<'admitted' | 'waiting'> {
  const { dir, device, admission } = options
  const request = await requestAdmission(device)
  await keepRequest(dir, request)
  const answer = await admission.ask(request)
  if (!answer) return 'waiting'
  await install({ dir, answer })
  return 'admitted'
}

/**
 * Moves keys and books of a stall that leaves its market into a folder of their own, so that it can
 * join another one as new. Keys go last: until then a start goes on in the old market. Gives the
 * folder; its books can be checked there for ever.
 */
export async function setAside(dataDir: string, label: string): Promise<string> {
  const to = join(dataDir, 'left', label)
  await guardFiles(dataDir, async () => {
    await mkdir(to, { recursive: true, mode: 0o700 })
    for (const name of ['snapshot', 'held', 'own', 'keys']) {
      await rename(join(dataDir, name), join(to, name)).catch(ignoreMissing)
      await syncFolder(to)
      await syncFolder(dataDir)
    }
  })
  return to
}

interface Own {
  readonly dir: string
  readonly marketKey: Uint8Array
  readonly deviceKey: Uint8Array
}

function checkAnswer(
  { marketKey, deviceKey }: Own,
  cose: Uint8Array
): { readonly answer: AdmissionAnswer; readonly market: string; readonly stall: string } {
  const verifier = verifyingKey(marketKey)
  try {
    const { value: answer } = verifyAnswer(cose, verifier)
    const { key, market, stall } = verifyDeviceCertificate(answer.certificate, verifier)
    if (!isEqual(key, deviceKey)) throw notForUs('is for another device')
    if (answer.delegation) {
      const { key } = verifyDelegation(answer.delegation, verifier)
      if (!isEqual(key, deviceKey)) throw notForUs('makes another device an admitter')
    }
    return { answer, market, stall }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw notForUs(`was not signed by the market of this stall (${error.reason})`)
  }
}

/** What was sealed to the key of this board's own making must stay readable too. */
async function takeVendorKey({ dir, deviceKey }: Own, wrap: ContentKeyWrap): Promise<void> {
  const path = join(dir, FILES.vendor)
  const made = await loadKey(path, 'x25519')
  if (!made) throw noKeys(dir)
  const reader = { publicKey: made.publicKey, privateKey: rawPrivateKey(made) }
  const given = { wrap, device: deviceKeyOf(deviceKey), reader }
  const secret = await unwrapVendorKey(given).catch(error => {
    throw error instanceof Malformed ? notForUs(`is damaged (${error.reason})`) : error
  })
  // It was taken already: the same answer came twice.
  if (!secret) return
  let count = 1
  while (await readKeyFile(dir, formerVendorFile(count))) count++
  await saveKey(join(dir, formerVendorFile(count)), made)
  await saveKey(path, keyPair('x25519', secret))
}

/** The ticket in a text. Throws a `Fault` for what is none, or not whole. */
export function readTicket(text: string): Uint8Array {
  const ticket = orBadTicket(() => ticketOfText(text))
  checkTicket(ticket)
  return ticket
}

const checkTicket = (ticket: Uint8Array): Ticket => orBadTicket(() => trustTicket(ticket))

function orBadTicket<Result>(step: () => Result): Result {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw new Fault({
      code: 'bad-ticket',
      message: `This is no whole ticket (${error.reason}).`,
      fix: 'Copy it again, from its first letter to its last, or give its file.',
      isRetryable: false
    })
  }
}

const keysThere = (dir: string): Fault =>
  new Fault({
    code: 'keys-there',
    message: `This stall belongs to a market already: its keys are in ${dir}.`,
    fix:
      'If it should leave that market, run the command again with --set-aside: keys and books ' +
      'move into a folder of their own, and the stall begins anew.',
    isRetryable: false
  })

const noKeys = (dir: string): Fault =>
  new Fault({
    code: 'no-request',
    message: `This stall never asked to be admitted: there are no keys in ${dir}.`,
    fix: 'Run stall join with the ticket first.',
    isRetryable: false
  })

const notForUs = (why: string): Fault =>
  new Fault({
    code: 'bad-answer',
    message: `This answer ${why}.`,
    fix: 'Take the answer that was made for the request of this stall, or ask for a new one.',
    isRetryable: false
  })
