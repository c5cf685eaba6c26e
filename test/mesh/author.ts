import { createHash } from 'node:crypto'
import type { Entry, EntryOf, Fact } from '../../node/core/entry.ts'
import type { LogId } from '../../node/core/id.ts'
import type { PreviousLog } from '../../node/core/log.ts'
import {
  append,
  type CompactRange,
  emptyRange,
  leafHash,
  rootOf
} from '../../node/core/proof/merkle.ts'
import { money } from '../../node/core/sell/money.ts'
import { type KeyPair, keyPair } from '../../node/identity/keyfile.ts'
import { signDeviceCertificate, signLogCertificate } from '../../node/wire/certificate.ts'
import { signHead } from '../../node/wire/checkpoint.ts'
import { entryBytes } from '../../node/wire/entry.ts'
import { encodeFrame } from '../../node/wire/frame.ts'
import { sha256 } from '../../node/wire/hash.ts'
import { logIdOf } from '../../node/wire/keys.ts'

/** Bytes that follow from words alone, so that a run can be repeated. */
export const bytesFrom = (...words: readonly (string | number)[]): Buffer =>
  createHash('sha256').update(words.join('\n')).digest()

export interface TestMarket {
  readonly name: string
  readonly key: KeyPair
}

export const testMarket = (seed: string | number, name = 'market.example'): TestMarket => ({
  name,
  key: keyPair('ed25519', bytesFrom('market', seed))
})

/** One log with its keys, as a stall writes it: real certificates, seals, trees and signatures. */
export interface Author {
  readonly log: LogId
  readonly stall: string
  readonly contentKey: Uint8Array
  /** Signs entries onto the log as one frame; the first frame needs the opening in front. */
  readonly write: (entries: readonly Entry[]) => Uint8Array
  readonly opening: (at: number) => EntryOf<'logOpened'>
  readonly end: () => CompactRange
  readonly head: () => PreviousLog
  /** Where the log would go on if another copy of it wrote the rest: for forks. */
  readonly copy: () => Author
}

export interface AuthorOptions {
  readonly market: TestMarket
  readonly stall: string
  /** Tells this device's logs apart, and numbers them from 1. */
  readonly counter?: number
  readonly previous?: PreviousLog | null
  readonly bootId?: string
}

export function author(options: AuthorOptions): Author {
  const { market, stall, counter = 1 } = options
  const name = [market.name, stall]
  const device = keyPair('ed25519', bytesFrom('device', ...name))
  const logKey = keyPair('ed25519', bytesFrom('log', ...name, counter, options.bootId ?? ''))
  const log = logIdOf(logKey.publicKey)
  const contentKey = bytesFrom('content', log)
  return writer({ ...options, counter, device, logKey, log, contentKey }, emptyRange)
}

interface Writing extends AuthorOptions {
  readonly counter: number
  readonly device: KeyPair
  readonly logKey: KeyPair
  readonly log: LogId
  readonly contentKey: Uint8Array
}

function writer(writing: Writing, start: CompactRange): Author {
  const { market, log, logKey, contentKey, stall } = writing
  let range = start
  let sealed = 0
  const random = (size: number) => bytesFrom('seal', log, range.size, sealed++).subarray(0, size)
  return {
    log,
    stall,
    contentKey,
    opening: at => openingOf(writing, at),
    end: () => range,
    head: () => ({ log, size: range.size, root: rootOf(range, sha256) }),
    copy: () => writer(writing, range),
    write: entries => {
      const from = range.size
      const bytes = entries.map(entry => entryBytes(entry, { contentKey, random }))
      for (const each of bytes) range = append(range, leafHash(each, sha256), sha256)
      const head = { log, size: range.size, root: rootOf(range, sha256) }
      const signature = signHead(market.name, head, logKey.privateKey)
      return encodeFrame({ ...head, from, signature, entries: bytes })
    }
  }
}

/** Nobody reads the bodies but the test, which makes the content key itself: no wraps. */
function openingOf(writing: Writing, at: number): EntryOf<'logOpened'> {
  const { market, stall, counter, previous = null, bootId = 'boot', device, logKey, log } = writing
  const certified = { market: market.name, stall, key: device.publicKey, roles: ['stall'] as const }
  const opened = { key: logKey.publicKey, counter, bootId, previous }
  return {
    type: 'logOpened',
    log,
    seq: 0,
    at,
    stall,
    counter,
    bootId,
    monoMs: 0,
    previous,
    deviceCertificate: signDeviceCertificate(certified, market.key.privateKey),
    logCertificate: signLogCertificate(opened, device.privateKey),
    wraps: []
  }
}

export const OPENED_AT = Date.UTC(2026, 10, 22, 18)

const iced: Fact = { type: 'cashMoved', session: 1, amount: money(-500), reason: 'Ice' }

/** A log that opens and then moves cash, an entry a frame; `sizes` are those of the frames. */
export function framesOf(by: Author, ...sizes: readonly number[]): Uint8Array[] {
  return sizes.map(size => {
    const { size: from } = by.end()
    const entries = Array.from({ length: size }, (_, index): Entry => {
      const seq = from + index
      if (seq === 0) return by.opening(OPENED_AT)
      return { log: by.log, seq, at: OPENED_AT + seq, ...iced }
    })
    return by.write(entries)
  })
}
