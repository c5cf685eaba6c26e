import type { KeyObject } from 'node:crypto'
import { writeSync } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogOpened } from '../core/entry.ts'
import type { LogId } from '../core/id.ts'
import { signLogCertificate } from '../wire/certificate.ts'
import { decode, encode, Malformed } from '../wire/codec.ts'
import { logIdOf } from '../wire/keys.ts'
import { bytesOf, record, text, uint } from '../wire/shape.ts'
import { wrapContentKey } from '../wire/wrap.ts'
import type { Device } from './device.ts'
import { readIfThere, writeDurable } from './durable.ts'
import { guardFiles, keyPair } from './keyfile.ts'

/** The key of the log that this boot writes. It lives in the runtime folder and dies with the boot. */
export interface LogKey {
  readonly log: LogId
  readonly counter: number
  readonly publicKey: Uint8Array
  readonly privateKey: KeyObject
  /** Seals the bodies of the log's entries. */
  readonly contentKey: Uint8Array
  /** The largest size under which anything of this log may have left the machine. */
  readonly publishedSize: () => number
  /**
   * Writes that size down, before anything under it is printed, answered or sent. A disk that
   * comes back with less than this has lost entries that others saw, and the log must not go on.
   */
  readonly publish: (size: number) => void
  readonly close: () => Promise<void>
}

interface LogFolder {
  readonly device: Device
  /** Empty at each boot of the machine (tmpfs); never inside the data folder. */
  readonly runDir: string
  readonly bootId: string
}

/**
 * The key of this boot's log when the program only restarted. Undefined after a boot, and when
 * the files are damaged: then a new log begins, which is always safe.
 */
export async function resumeLog({
  device,
  runDir,
  bootId
}: LogFolder): Promise<LogKey | undefined> {
  const dir = folderOf(device, runDir)
  const [keys, size] = await guardFiles(dir, () =>
    Promise.all([readIfThere(join(dir, KEY_FILE)), readIfThere(join(dir, SIZE_FILE))])
  )
  const stored = keys && parseKeys(keys)
  if (!stored || stored.bootId !== bootId) return undefined
  const pair = keyPair('ed25519', stored.seed)
  const log = logIdOf(pair.publicKey)
  const published = size && parseSize(size, log)
  if (published === undefined) return undefined
  return holdKey({ dir, published, log, ...pair, ...stored })
}

/** Begins a new log with a fresh key, certified by the device. Rejects with a `Fault`. */
export async function beginLog(
  options: LogFolder &
    Pick<LogOpened, 'counter' | 'previous' | 'monoMs'> & {
      readonly random: (size: number) => Uint8Array
    }
): Promise<{ readonly key: LogKey; readonly opened: LogOpened }> {
  const { device, runDir, bootId, counter, previous, monoMs, random } = options
  const [seed, contentKey] = [random(32), random(32)]
  const pair = keyPair('ed25519', seed)
  const log = logIdOf(pair.publicKey)
  const dir = folderOf(device, runDir)
  await guardFiles(dir, async () => {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    // The size first: with the old key beside it, it belongs to no log, and a new one begins.
    await writeDurable({ path: join(dir, SIZE_FILE), bytes: sizeBytes(log, 0), mode: 0o600 })
    const bytes = encode(storedKeys.encode({ bootId, counter, seed, contentKey }))
    await writeDurable({ path: join(dir, KEY_FILE), bytes, mode: 0o600 })
  })
  const certified = { key: pair.publicKey, counter, bootId, previous }
  const opened: LogOpened = {
    type: 'logOpened',
    stall: device.stall,
    counter,
    bootId,
    monoMs,
    previous,
    deviceCertificate: device.certificate,
    logCertificate: signLogCertificate(certified, device.privateKey),
    wraps: await Promise.all(
      device.readers.map(reader => wrapContentKey({ contentKey, log, reader }))
    )
  }
  const key = await holdKey({ dir, published: 0, log, counter, contentKey, ...pair })
  return { key, opened }
}

const KEY_FILE = 'log.key'
const SIZE_FILE = 'log.size'

/** Two stalls on one machine share a runtime folder, but no device. */
const folderOf = (device: Device, runDir: string): string =>
  join(runDir, Buffer.from(device.id).toString('hex'))

interface StoredKeys {
  readonly bootId: string
  readonly counter: number
  readonly seed: Uint8Array
  readonly contentKey: Uint8Array
}

const storedKeys = record<StoredKeys>({
  bootId: text,
  counter: uint,
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

/** Sixteen bytes, the log's id and its size, so that one write changes both or neither. */
function sizeBytes(log: LogId, size: number): Uint8Array {
  const bytes = Buffer.from(`${log}0000000000000000`, 'hex')
  bytes.writeBigUInt64BE(BigInt(size), 8)
  return bytes
}

function parseSize(bytes: Uint8Array, log: LogId): number | undefined {
  const buffer = Buffer.from(bytes)
  if (buffer.length !== 16 || buffer.toString('hex', 0, 8) !== log) return undefined
  return Number(buffer.readBigUInt64BE(8))
}

async function holdKey(
  held: Omit<LogKey, 'publishedSize' | 'publish' | 'close'> & {
    readonly dir: string
    readonly published: number
  }
): Promise<LogKey> {
  const { log, counter, publicKey, privateKey, contentKey } = held
  const path = join(held.dir, SIZE_FILE)
  const file: FileHandle = await guardFiles(path, () => open(path, 'r+'))
  let published = held.published
  return {
    log,
    counter,
    publicKey,
    privateKey,
    contentKey,
    publishedSize: () => published,
    publish: size => {
      if (size <= published) return
      writeSync(file.fd, sizeBytes(log, size), 0, 16, 0)
      published = size
    },
    close: () => file.close()
  }
}
