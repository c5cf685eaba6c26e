import { writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogId } from '../core/id.ts'
import type { LogOpened } from '../core/log.ts'
import { isEqual } from '../core/proof/merkle.ts'
import { readIfThere, replaceFile } from '../disk/replace.ts'
import { Malformed } from '../wire/canonical.ts'
import { signLogCertificate } from '../wire/certificate.ts'
import { decode, encode } from '../wire/codec.ts'
import { logIdOf, verifyingKey } from '../wire/keys.ts'
import type { LogKeyring, LogKeys, NewLog } from '../wire/logkeys.ts'
import { bytesOf, record, text } from '../wire/shape.ts'
import { unwrapContentKey, wrapContentKey } from '../wire/wrap.ts'
import type { Device } from './device.ts'
import { guardFiles, keyPair } from './keyfile.ts'

interface LogFolder {
  readonly device: Device
  /** Empty at each boot of the machine (tmpfs); never inside the data folder. */
  readonly runDir: string
  readonly bootId: string
  readonly random: (size: number) => Uint8Array
}

export const openLogKeyring = (folder: LogFolder): LogKeyring => ({
  marketKey: verifyingKey(folder.device.marketKey),
  isVouched: ({ market, key }) =>
    market === folder.device.market && isEqual(key, folder.device.publicKey),
  current: () => currentKeys(folder),
  begin: about => beginKeys(folder, about),
  contentKeyOf: async ({ log, wraps }) => {
    const { vendor, formerVendors } = folder.device
    for (const reader of [vendor, ...formerVendors]) {
      const key = await unwrapContentKey({ wraps, log, reader })
      if (key) return key
    }
    return undefined
  }
})

async function currentKeys({ device, runDir, bootId }: LogFolder): Promise<LogKeys | undefined> {
  const dir = folderOf(device, runDir)
  const [keys, size] = await guardFiles(dir, () =>
    Promise.all([readIfThere(join(dir, KEY_FILE)), readIfThere(join(dir, SIZE_FILE))])
  )
  const stored = keys && parseKeys(keys)
  if (!stored || stored.bootId !== bootId) return undefined
  const { privateKey, publicKey } = keyPair('ed25519', stored.seed)
  const log = logIdOf(publicKey)
  const published = size && parseSize(size, log)
  if (published === undefined) return undefined
  const { contentKey } = stored
  const { market } = device
  return holdKeys({ dir, ...published, log, market, logKey: privateKey, contentKey })
}

async function beginKeys(
  { device, runDir, bootId, random }: LogFolder,
  { counter, previous }: Pick<LogOpened, 'counter' | 'previous'>
): Promise<NewLog> {
  const [seed, contentKey] = [random(32), random(32)]
  const { privateKey, publicKey } = keyPair('ed25519', seed)
  const log = logIdOf(publicKey)
  const dir = folderOf(device, runDir)
  const fresh = { size: 0, isAbandoned: false }
  await guardFiles(dir, async () => {
    // The size first: with the old key beside it, it belongs to no log, and a new one begins.
    await replaceFile({ path: join(dir, SIZE_FILE), parts: [sizeBytes(log, fresh)], mode: 0o600 })
    const bytes = encode(storedKeys.encode({ bootId, seed, contentKey }))
    await replaceFile({ path: join(dir, KEY_FILE), parts: [bytes], mode: 0o600 })
  })
  const certified = { key: publicKey, counter, bootId, previous }
  const wraps = device.readers.map(reader => wrapContentKey({ contentKey, log, reader }))
  return {
    keys: await holdKeys({
      dir,
      ...fresh,
      log,
      market: device.market,
      logKey: privateKey,
      contentKey
    }),
    opening: {
      stall: device.stall,
      bootId,
      deviceCertificate: device.certificate,
      logCertificate: signLogCertificate(certified, device.privateKey),
      wraps: await Promise.all(wraps)
    }
  }
}

const KEY_FILE = 'log.key'
const SIZE_FILE = 'log.size'

/** Two stalls on one machine share a runtime folder, but no device. */
const folderOf = (device: Device, runDir: string): string =>
  join(runDir, Buffer.from(device.id).toString('hex'))

interface StoredKeys {
  readonly bootId: string
  readonly seed: Uint8Array
  readonly contentKey: Uint8Array
}

const storedKeys = record<StoredKeys>({
  bootId: text,
  seed: bytesOf(32),
  contentKey: bytesOf(32)
})

function parseKeys(bytes: Uint8Array): StoredKeys | undefined {
  try {
    return storedKeys.decode(decode(bytes))
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** How far a log got, and whether it ended there because a write failed. */
interface Progress {
  readonly size: number
  readonly isAbandoned: boolean
}

const ABANDONED = 1n << 63n

/** Sixteen bytes, the log's id and its size, so that one write changes both or neither. */
function sizeBytes(log: LogId, { size, isAbandoned }: Progress): Uint8Array {
  const bytes = Buffer.from(`${log}0000000000000000`, 'hex')
  bytes.writeBigUInt64BE(BigInt(size) | (isAbandoned ? ABANDONED : 0n), 8)
  return bytes
}

function parseSize(bytes: Uint8Array, log: LogId): Progress | undefined {
  const buffer = Buffer.from(bytes)
  if (buffer.length !== 16 || buffer.toString('hex', 0, 8) !== log) return undefined
  const word = buffer.readBigUInt64BE(8)
  return { size: Number(word & ~ABANDONED), isAbandoned: (word & ABANDONED) !== 0n }
}

async function holdKeys(
  held: Pick<LogKeys, 'log' | 'market' | 'logKey' | 'contentKey'> &
    Progress & { readonly dir: string }
): Promise<LogKeys> {
  const { log, market, logKey, contentKey } = held
  const path = join(held.dir, SIZE_FILE)
  const file: FileHandle = await guardFiles(path, () => open(path, 'r+'))
  let { size, isAbandoned } = held
  const write = () => {
    writeSync(file.fd, sizeBytes(log, { size, isAbandoned }), 0, 16, 0)
  }
  return {
    log,
    market,
    logKey,
    contentKey,
    publishedSize: () => size,
    publish: next => {
      if (next <= size) return
      size = next
      write()
    },
    abandon: () => {
      isAbandoned = true
      write()
    },
    isAbandoned: () => isAbandoned,
    close: () => file.close()
  }
}
