import type { KeyObject } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../core/ports.ts'
import { isEqual } from '../core/proof/merkle.ts'
import type { Role } from '../core/role.ts'
import { readIfThere, replaceFile } from '../disk/replace.ts'
import { Malformed } from '../wire/canonical.ts'
import { type DeviceCertificate, verifyDeviceCertificate } from '../wire/certificate.ts'
import { keyId, verifyingKey } from '../wire/keys.ts'
import { damaged, guardFiles, type KeyPair, loadOrMakeKey, rawPrivateKey } from './keyfile.ts'
import { admit, openMarket } from './market.ts'

/** Raw X25519 keys: who holds the private one reads the bodies that are sealed to it. */
interface ReadingKey {
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
  readonly certificate: Uint8Array
  /** Whose reading keys the content keys of new logs are wrapped to. */
  readonly readers: readonly Uint8Array[]
  readonly vendor: ReadingKey
}

/** The files of a keys folder. The certificate comes last, so with it the folder is whole. */
const FILES = {
  device: 'device.key',
  vendor: 'vendor.key',
  operator: 'operator.key',
  marketPublic: 'market.pub',
  certificate: 'device.cert'
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
  const { dir, random } = options
  const certificate = await read(dir, FILES.certificate)
  if (!certificate) {
    await requireNoBooks(options)
    await makeFolder(options)
  } else await requireWhole(dir)
  const load = (name: string, kind: 'ed25519' | 'x25519') =>
    loadOrMakeKey({ path: join(dir, name), kind, random })
  const device = await load(FILES.device, 'ed25519')
  const vendor = await load(FILES.vendor, 'x25519')
  const operator = await load(FILES.operator, 'x25519')
  const marketKey = await read(dir, FILES.marketPublic)
  const bytes = certificate ?? (await read(dir, FILES.certificate))
  if (marketKey?.length !== 32) throw damaged(join(dir, FILES.marketPublic))
  if (!bytes) throw damaged(join(dir, FILES.certificate))
  const certified = certifiedBy({ dir, bytes, marketKey, device, stall: options.stall })
  return {
    market: certified.market,
    marketKey,
    stall: certified.stall,
    id: keyId(device.publicKey),
    ...device,
    certificate: bytes,
    readers: [vendor.publicKey, operator.publicKey],
    vendor: { publicKey: vendor.publicKey, privateKey: rawPrivateKey(vendor) }
  }
}

const read = (dir: string, name: string): Promise<Uint8Array | undefined> =>
  guardFiles(join(dir, name), () => readIfThere(join(dir, name)))

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
  await write(dir, FILES.marketPublic, market.publicKey)
  await write(dir, FILES.certificate, certificate)
}

const write = (dir: string, name: string, bytes: Uint8Array): Promise<void> =>
  guardFiles(join(dir, name), () =>
    replaceFile({ path: join(dir, name), parts: [bytes], mode: 0o644 })
  )

/**
 * Keys come before books, so books without keys have lost them. New keys could not read what is
 * booked there, and the stall would sell as another market, under numbers that are taken.
 */
async function requireNoBooks({ dir, dataDir }: { dir: string; dataDir: string }): Promise<void> {
  const names = await guardFiles(dataDir, () => readdir(dataDir).catch(ignoreMissing))
  if (!names?.some(name => name === 'own' || name === 'snapshot')) return
  throw new Fault({
    code: 'keys-missing',
    message: `The keys of this stall are missing, its books are here: ${dataDir}.`,
    fix: `Copy ${dir} back from a backup, or move the data folder aside and start as a new stall.`,
    isRetryable: false
  })
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}

/** A key that went missing must not be made anew without a word: the books hang on it. */
async function requireWhole(dir: string): Promise<void> {
  for (const name of [FILES.device, FILES.vendor, FILES.operator, FILES.marketPublic]) {
    if (!(await read(dir, name))) throw damaged(join(dir, name))
  }
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
  throw new Fault({
    code: 'foreign-data',
    message:
      `This is the data folder of another stall: ${folder.dir} belongs to stall ` +
      `"${certificate.stall}", and the configuration says "${folder.stall}".`,
    fix:
      `Start with another --data folder, or set the stall's id back to "${certificate.stall}" ` +
      'in stall.toml.',
    isRetryable: false
  })
}

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
