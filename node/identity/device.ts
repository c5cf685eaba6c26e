import type { KeyObject } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../core/ports.ts'
import { isEqual } from '../core/proof/merkle.ts'
import type { Role } from '../core/role.ts'
import { Malformed } from '../wire/canonical.ts'
import {
  type DeviceCertificate,
  type IsVouched,
  signDeviceCertificate,
  verifyDeviceCertificate
} from '../wire/certificate.ts'
import { trustTicket, verifyRequest } from '../wire/enrol.ts'
import { keyId, verifyingKey } from '../wire/keys.ts'
import { FILES, formerVendorFile, readKeyFile, writeKeyFile } from './folder.ts'
import {
  damaged,
  guardFiles,
  ignoreMissing,
  type KeyPair,
  loadKey,
  loadOrMakeKey,
  rawPrivateKey
} from './keyfile.ts'
import { admit, openMarket } from './market.ts'

/** Raw X25519 keys: who holds the private one reads the bodies that are sealed to it. */
export interface ReadingKey {
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
}

/** This board's place in a market. Its key signs receipts and the keys of its logs. */
export interface Device {
  readonly market: string
  readonly marketKey: Uint8Array
  readonly stall: string
  /** The first eight bytes of the SHA-256 of the public key. */
  readonly id: Uint8Array
  readonly publicKey: Uint8Array
  readonly privateKey: KeyObject
  /** The device's own while it waits: what it sells counts once the market lists it. */
  readonly certificate: Uint8Array
  /** It has a ticket, and nobody who may admit it was in reach yet. */
  readonly isWaiting: boolean
  /** The ticket that it joined with, if it did not make its market itself. */
  readonly ticket: Uint8Array | undefined
  /** The market key's word that this device may admit others, if it may. */
  readonly delegation: Uint8Array | undefined
  /** The operator's public reading key. */
  readonly operator: Uint8Array
  /** Whose reading keys the content keys of new logs are wrapped to. */
  readonly readers: readonly Uint8Array[]
  readonly vendor: ReadingKey
  /** What it read with before it was given the key of the board whose place it took. */
  readonly formerVendors: readonly ReadingKey[]
}

/**
 * Opens the keys folder of a stall, and makes it at the first boot: device key, reading keys, and
 * a development market that admits this device. Rejects with a `Fault` for a folder that is
 * damaged or belongs to another stall; it never makes new keys in place of ones that are there.
 */
export async function openDevice(options: {
  readonly dir: string
  /** The data folder: over books that are there, no new keys are made. */
  readonly dataDir: string
  readonly stall: string
  readonly roles?: readonly Role[]
  readonly random: (size: number) => Uint8Array
}): Promise<Device> {
  const { dir, stall } = options
  const ticket = await readKeyFile(dir, FILES.ticket)
  if (!ticket && !(await readKeyFile(dir, FILES.certificate))) {
    await requireNoBooks(options)
    await makeFolder(options)
  }
  const certificate = await readKeyFile(dir, FILES.certificate)
  const load = (name: string, kind: 'ed25519' | 'x25519') => requireKey(join(dir, name), kind)
  const device = await load(FILES.device, 'ed25519')
  const vendor = readingKey(await load(FILES.vendor, 'x25519'))
  const operator =
    (await readKeyFile(dir, FILES.operatorPublic)) ??
    (await load(FILES.operator, 'x25519')).publicKey
  const marketKey = await readKeyFile(dir, FILES.marketPublic)
  if (marketKey?.length !== 32) throw damaged(join(dir, FILES.marketPublic))
  const folder = { dir, marketKey, device, stall }
  const certified = certificate
    ? { ...certifiedBy({ ...folder, bytes: certificate }), certificate }
    : waiting({ ...folder, ticket, waitsAs: await stallIn(dir) })
  return {
    market: certified.market,
    marketKey,
    stall: certified.stall,
    id: keyId(device.publicKey),
    ...device,
    certificate: certified.certificate,
    isWaiting: certificate === undefined,
    ticket,
    delegation: await readKeyFile(dir, FILES.delegation),
    operator,
    readers: [vendor.publicKey, operator],
    vendor,
    formerVendors: await formerVendors(dir)
  }
}

/** The name that a keys folder was certified under, or waits to be; undefined if there is none. */
export async function stallIn(dir: string): Promise<string | undefined> {
  const [certificate, marketKey, request] = await Promise.all(
    [FILES.certificate, FILES.marketPublic, FILES.request].map(name => readKeyFile(dir, name))
  )
  try {
    if (certificate && marketKey) {
      return verifyDeviceCertificate(certificate, verifyingKey(marketKey)).stall
    }
    return request && verifyRequest(request).stall
  } catch (error) {
    // A start says what is wrong with it.
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/**
 * For a check of books from their files: the certificate beside them vouches for what the stall
 * sold while it waited for it, if the market's key is the one that is asked for.
 */
export async function vouchedIn(dir: string, marketKey: KeyObject): Promise<IsVouched> {
  const certificate = await readKeyFile(dir, FILES.certificate)
  try {
    const own = certificate && verifyDeviceCertificate(certificate, marketKey)
    return ({ market, stall, key }) =>
      own !== undefined && own.market === market && own.stall === stall && isEqual(own.key, key)
  } catch (error) {
    if (error instanceof Malformed) return () => false
    throw error
  }
}

/** A key that went missing must not be made anew without a word: the books hang on it. */
async function requireKey(path: string, kind: 'ed25519' | 'x25519'): Promise<KeyPair> {
  const key = await loadKey(path, kind)
  if (!key) throw damaged(path)
  return key
}

const readingKey = (pair: KeyPair): ReadingKey => ({
  publicKey: pair.publicKey,
  privateKey: rawPrivateKey(pair)
})

async function formerVendors(dir: string): Promise<readonly ReadingKey[]> {
  const keys: ReadingKey[] = []
  for (let count = 1; ; count++) {
    const key = await loadKey(join(dir, formerVendorFile(count)), 'x25519')
    if (!key) return keys
    keys.push(readingKey(key))
  }
}

/** Each step leaves alone what is there, so a power cut in the middle is finished the next time. */
async function makeFolder(options: {
  readonly dir: string
  readonly stall: string
  readonly roles?: readonly Role[]
  readonly random: (size: number) => Uint8Array
}): Promise<void> {
  const { dir, stall, roles = ['stall'], random } = options
  const market = await openMarket({ dir, random })
  for (const name of [FILES.vendor, FILES.operator]) {
    await loadOrMakeKey({ path: join(dir, name), kind: 'x25519', random })
  }
  const path = join(dir, FILES.device)
  const { publicKey } = await loadOrMakeKey({ path, kind: 'ed25519', random })
  const certificate = admit(market, { stall, key: publicKey, roles })
  await writeKeyFile(dir, FILES.marketPublic, market.publicKey)
  await writeKeyFile(dir, FILES.certificate, certificate)
}

/** The word of a device on itself, under the market of its ticket. */
function waiting(folder: {
  readonly dir: string
  readonly ticket: Uint8Array | undefined
  readonly device: KeyPair
  readonly stall: string
  readonly waitsAs: string | undefined
}): { readonly market: string; readonly stall: string; readonly certificate: Uint8Array } {
  const { dir, ticket, device, stall, waitsAs = stall } = folder
  if (!ticket) throw damaged(join(dir, FILES.certificate))
  // What is sold under a name that nobody asked for would never count.
  if (waitsAs !== stall) throw foreignData({ dir, stall }, waitsAs)
  try {
    const { market } = trustTicket(ticket)
    const word = { market, stall, key: device.publicKey, roles: ['stall'] as const }
    return { market, stall, certificate: signDeviceCertificate(word, device.privateKey) }
  } catch (error) {
    throw error instanceof Malformed ? damaged(join(dir, FILES.ticket)) : error
  }
}

/**
 * Keys come before books, so books without keys have lost them. New keys could not read what is
 * booked there, and the stall would sell as another market, under numbers that are taken.
 */
export async function requireNoBooks({
  dir,
  dataDir
}: {
  readonly dir: string
  readonly dataDir: string
}): Promise<void> {
  const names = await guardFiles(dataDir, () => readdir(dataDir).catch(ignoreMissing))
  if (!names?.some(name => name === 'own' || name === 'snapshot')) return
  throw new Fault({
    code: 'keys-missing',
    message: `The keys of this stall are missing, its books are here: ${dataDir}.`,
    fix: `Copy ${dir} back from a backup, or move the data folder aside and start as a new stall.`,
    isRetryable: false
  })
}

function certifiedBy(folder: {
  readonly dir: string
  readonly bytes: Uint8Array
  readonly marketKey: Uint8Array
  readonly device: KeyPair
  readonly stall: string
}): DeviceCertificate {
  const certificate = verified(folder)
  if (certificate.stall === folder.stall) return certificate
  throw foreignData(folder, certificate.stall)
}

const foreignData = (
  { dir, stall }: { readonly dir: string; readonly stall: string },
  owner: string
): Fault =>
  new Fault({
    code: 'foreign-data',
    message:
      `This is the data folder of another stall: ${dir} belongs to stall ` +
      `"${owner}", and the configuration says "${stall}".`,
    fix:
      `Start with another --data folder, or set the stall's id back to "${owner}" ` +
      'in stall.toml.',
    isRetryable: false
  })

function verified(folder: {
  readonly dir: string
  readonly bytes: Uint8Array
  readonly marketKey: Uint8Array
  readonly device: KeyPair
}): DeviceCertificate {
  try {
    const certificate = verifyDeviceCertificate(folder.bytes, verifyingKey(folder.marketKey))
    if (isEqual(certificate.key, folder.device.publicKey)) return certificate
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
  }
  throw new Fault({
    code: 'foreign-keys',
    message: `The key files in ${folder.dir} do not belong together.`,
    fix:
      'Somebody mixed the keys of two stalls. Copy the whole keys folder back from a backup of ' +
      'this stall, or move the data folder aside and start as a new stall.',
    isRetryable: false
  })
}
