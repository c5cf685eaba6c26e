import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import type { DeviceKey } from '../core/id.ts'
import type { ContentKeyWrap } from '../core/log.ts'
import { isEqual } from '../core/proof/merkle.ts'
import {
  type AcceptedLog,
  type Member,
  type Members,
  type MembersCommand,
  type MembersRefusal,
  nextMembers,
  type Revoked
} from '../core/share/members.ts'
import { Malformed } from '../wire/canonical.ts'
import { signDelegation, signDeviceCertificate, verifyDelegation } from '../wire/certificate.ts'
import {
  type AdmissionRequest,
  signAnswer,
  signTicket,
  verifyRequest,
  verifyTicket
} from '../wire/enrol.ts'
import { deviceKeyOf, verifyingKey } from '../wire/keys.ts'
import { signMembers } from '../wire/members.ts'
import { wrapVendorKey } from '../wire/wrap.ts'
import type { Device, ReadingKey } from './device.ts'
import { FILES } from './folder.ts'
import { loadKey } from './keyfile.ts'
import type { Membership } from './membership.ts'
import { allAsked, askedIn, keepAsked, keepGiven, recoverVendorKey } from './recovery.ts'

/** Whoever may admit: the market key's own folder, or a stall that it delegated this to. */
export interface Registrar {
  readonly membership: Membership
  /** Lets a stall in that asks, and lists it. Asked again for the same device, it answers again. */
  readonly admit: (request: Uint8Array, rules: AdmitRules) => Promise<Admitted | AdmitRefusal>
  /** Gives a new board the name, and where it can the vendor's key, of the one that broke. */
  readonly replace: (request: Uint8Array, options: Replacement) => Promise<Admitted | AdmitRefusal>
  /**
   * Lists anew whom this registrar admitted and a list that came from elsewhere does not know; to
   * be called when one was taken. Gives how many.
   */
  readonly relist: () => Promise<number>
  /** Shuts a device out, or gives a stall another name; signs the list that says so. */
  readonly change: (command: MembersCommand) => Promise<Members | AdmitRefusal>
  /** What a renamed stall needs: the certificate of its new name. */
  readonly certify: (device: DeviceKey) => Uint8Array | undefined
  readonly ticket: (expiresAt: number) => Uint8Array
}

export interface Replacement {
  readonly stall: string
  /** Of the board that broke. */
  readonly logs: readonly AcceptedLog[]
  /** Where else what was asked may lie: with the stall that admitted the board that broke. */
  readonly askedDir?: string | undefined
}

export interface AdmitRules {
  /** By the clock of whoever admits. */
  readonly now: number
  /** A person who looks at each request needs none, nor does a market of developers. */
  readonly needsTicket: boolean
  /** Makes the stall an admitter too: the market key alone can. */
  readonly isAdmitter?: boolean
}

export interface Admitted {
  readonly answer: Uint8Array
  readonly member: Member
  /** A board that takes another's place: whether the vendor's key came back with it. */
  readonly hasVendorKey: boolean
}

export type AdmitRefusal =
  | MembersRefusal
  | { readonly refused: 'forged-request' }
  | { readonly refused: 'other-market'; readonly market: string }
  | { readonly refused: 'no-ticket' }
  | { readonly refused: 'forged-ticket' }
  | { readonly refused: 'expired-ticket'; readonly expiredAt: number }
  | { readonly refused: 'older-list' | 'signer-revoked' }

export interface RegistrarOptions {
  /** Where what it was asked lies: with it a vendor's key can be given back. */
  readonly dir: string
  readonly market: string
  readonly marketKey: Uint8Array
  /** Of the market, or of the delegate. */
  readonly key: KeyObject
  readonly delegation?: Uint8Array | undefined
  /** The operator's reading key; the private half only where the market key lies too. */
  readonly operator: Pick<ReadingKey, 'publicKey'> & Partial<ReadingKey>
  readonly membership: Membership
}

/**
 * Undefined for a stall that may not admit others. A stall that made a development market itself
 * has that market's key; others have a delegation, or may not. Rejects with a `Fault`.
 */
export async function deviceRegistrar(
  device: Device,
  { dir, membership }: Pick<RegistrarOptions, 'dir' | 'membership'>
): Promise<Registrar | undefined> {
  const { market, marketKey, delegation, publicKey, privateKey } = device
  const common = { dir, membership, market, marketKey, operator: { publicKey: device.operator } }
  const own = await loadKey(join(dir, FILES.market), 'ed25519')
  if (own && isEqual(own.publicKey, marketKey)) {
    return openRegistrar({ ...common, key: own.privateKey })
  }
  const given = delegation && verifyDelegation(delegation, verifyingKey(marketKey))
  if (!given || !isEqual(given.key, publicKey)) return undefined
  const { duties } = given
  if (!duties.includes('admit') || !duties.includes('list')) return undefined
  return openRegistrar({ ...common, key: privateKey, delegation })
}

export function openRegistrar(options: RegistrarOptions): Registrar {
  const { membership, market, key, delegation, operator, marketKey } = options
  let last: Promise<unknown> = Promise.resolve()
  // Each list follows from the one before, so a market that starts is admitted one by one.
  const inTurn = <Result>(step: () => Promise<Result>): Promise<Result> => {
    const done = last.then(step)
    last = done.catch(() => {})
    return done
  }
  return {
    membership,
    admit: (request, rules) => inTurn(() => admit(options, request, rules)),
    replace: (request, wanted) => inTurn(() => replace(options, request, wanted)),
    relist: () => inTurn(() => relist(options)),
    change: command => inTurn(() => change(options, command)),
    certify: device => {
      const member = membership.members().members.find(row => row.device === device)
      return member && answerFor(options, member, {})
    },
    ticket: expiresAt => {
      const words = { market, marketKey, operatorKey: operator.publicKey, expiresAt }
      return signTicket(words, { key, delegation })
    }
  }
}

async function admit(
  options: RegistrarOptions,
  cose: Uint8Array,
  rules: AdmitRules
): Promise<Admitted | AdmitRefusal> {
  const { membership } = options
  const request = readRequest(options, cose)
  if ('refused' in request) return request
  const { device, stall } = request
  const { members, revoked } = membership.members()
  if (revoked.some(row => row.device === device)) return { refused: 'revoked', stall }
  const known = members.find(row => row.device === device)
  const refused = known ? undefined : ticketRefusal(options, request, rules)
  if (refused) return refused
  const member = known ?? { device, stall, roles: ['stall'] as const }
  if (!known) {
    const changed = await change(options, { type: 'admitDevice', member })
    if ('refused' in changed) return changed
  }
  await keepAsked(options.dir, { device, request: cose })
  const isAdmitter = rules.isAdmitter === true
  return { member, answer: answerFor(options, member, { isAdmitter }), hasVendorKey: false }
}

async function replace(
  options: RegistrarOptions,
  cose: Uint8Array,
  { stall, logs, askedDir }: Replacement
): Promise<Admitted | AdmitRefusal> {
  const { dir, membership, operator } = options
  const request = readRequest(options, cose)
  if ('refused' in request) return request
  const { device } = request
  const { members, revoked } = membership.members()
  const holder = members.find(row => row.stall === stall)
  // The answer to a board that took the place already may have been lost on the way.
  const isDone = holder?.device === device
  const isReplaced = (row: Revoked) => row.stall === stall && row.why === 'replaced'
  const broken = isDone ? revoked.findLast(isReplaced) : holder
  if (!holder || !broken) return { refused: 'unknown-stall' }
  if (!isDone) {
    const changed = await change(options, { type: 'replaceDevice', stall, device, logs })
    if ('refused' in changed) return changed
  }
  await keepAsked(dir, { device, request: cose })
  const { publicKey, privateKey } = operator
  const folders = [askedIn(dir), ...(askedDir === undefined ? [] : [askedDir])]
  const vendorKey =
    privateKey &&
    (await recoverVendorKey({
      ...{ folders, device: broken.device },
      operator: { publicKey, privateKey }
    }))
  const member = { ...holder, device }
  if (!vendorKey) return { member, answer: answerFor(options, member, {}), hasVendorKey: false }
  await keepGiven(dir, { device, vendorKey, operator: publicKey })
  const given = await wrapVendorKey({ vendorKey, device, reader: request.vendorKey })
  return { member, answer: answerFor(options, member, { vendorKey: given }), hasVendorKey: true }
}

async function relist(options: RegistrarOptions): Promise<number> {
  let count = 0
  for (const { device, stall } of await allAsked(options.dir)) {
    const member = { device, stall, roles: ['stall'] as const }
    // Most are known; who is out stays out, and whose name was given away has to ask anew.
    const changed = await change(options, { type: 'admitDevice', member })
    if (!('refused' in changed)) count++
  }
  return count
}

async function change(
  { membership, key, delegation }: RegistrarOptions,
  command: MembersCommand
): Promise<Members | AdmitRefusal> {
  const next = nextMembers(membership.members(), command)
  if ('refused' in next) return next
  const taken = await membership.offer(signMembers(next, { key, delegation }))
  if (taken === 'taken') return next
  // Else somebody else's list came in between, and the same wish is good for that one.
  return { refused: taken === 'signer-revoked' ? 'signer-revoked' : 'older-list' }
}

function readRequest(
  { market }: RegistrarOptions,
  cose: Uint8Array
): AdmissionRequest | AdmitRefusal {
  try {
    const request = verifyRequest(cose)
    const isOurs = request.market === market
    return isOurs ? request : { refused: 'other-market', market: request.market }
  } catch (error) {
    if (error instanceof Malformed) return { refused: 'forged-request' }
    throw error
  }
}

function ticketRefusal(
  { marketKey, market, membership }: RegistrarOptions,
  { ticket }: AdmissionRequest,
  { now, needsTicket }: AdmitRules
): AdmitRefusal | undefined {
  if (!needsTicket) return undefined
  if (!ticket) return { refused: 'no-ticket' }
  try {
    const { value, signer } = verifyTicket(ticket, verifyingKey(marketKey))
    const { revoked } = membership.members()
    const isOut = signer && revoked.some(({ device }) => device === deviceKeyOf(signer))
    if (isOut || value.market !== market) return { refused: 'forged-ticket' }
    const { expiresAt } = value
    return now > expiresAt ? { refused: 'expired-ticket', expiredAt: expiresAt } : undefined
  } catch (error) {
    if (error instanceof Malformed) return { refused: 'forged-ticket' }
    throw error
  }
}

function answerFor(
  { market, key, delegation, membership }: RegistrarOptions,
  { device, stall, roles }: Member,
  {
    isAdmitter = false,
    vendorKey = null
  }: { readonly isAdmitter?: boolean; readonly vendorKey?: ContentKeyWrap | null }
): Uint8Array {
  const words = { market, stall, roles, key: Buffer.from(device, 'hex') }
  // A delegate cannot delegate: the chain from the market key has one link more, and no end else.
  const duties = isAdmitter && !delegation ? (['admit', 'list', 'mint'] as const) : undefined
  const answer = {
    market,
    device,
    certificate: signDeviceCertificate(words, key, delegation),
    members: membership.signed() ?? null,
    delegation: duties ? signDelegation({ market, key: words.key, duties }, key) : null,
    vendorKey
  }
  return signAnswer(answer, { key, delegation })
}
