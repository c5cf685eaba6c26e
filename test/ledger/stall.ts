import { createHash, createPublicKey, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from '../../node/core/command.ts'
import type { Entry } from '../../node/core/entry.ts'
import type { Id, LogId } from '../../node/core/id.ts'
import { isRefusal } from '../../node/core/refusal.ts'
import { money } from '../../node/core/sell/money.ts'
import { decide, emptyStall, FOLD_VERSION, fold } from '../../node/core/stall.ts'
import type { Stall } from '../../node/core/state.ts'
import type { LedgerKeys, LogKeys, NewLog } from '../../node/ledger/keys.ts'
import { type OpenedLedger, openLedger } from '../../node/ledger/open.ts'
import { signDeviceCertificate, signLogCertificate } from '../../node/wire/certificate.ts'
import { logIdOf, rawPublicKey, signingKey } from '../../node/wire/keys.ts'
import { pooledRandom } from '../../node/wire/seal.ts'
import { unwrapContentKey, wrapContentKey } from '../../node/wire/wrap.ts'

/** A stall of a test: its folders, and which boot of its machine it is in. */
export interface Machine {
  readonly dir: string
  readonly runtimeDir: string
  readonly boot: string
  readonly stall: string
}

export const machineIn = (dir: string, boot = 'boot-1'): Machine => ({
  dir: join(dir, 'data'),
  runtimeDir: join(dir, `run-${boot}`),
  boot,
  stall: 'a'
})

const MARKET = 'dev.00112233'
const seed = (name: string) => createHash('sha256').update(name).digest()
const marketKey = signingKey(seed('market'))
const deviceKey = signingKey(seed('device'))
export const marketPublicKey = createPublicKey(marketKey)
const reading = generateKeyPairFrom()

/** The keys of a stall: real ones, with the log's secrets in a file of the runtime folder. */
export function keysOf({ runtimeDir, boot, stall }: Machine): LedgerKeys {
  const path = join(runtimeDir, 'log-key')
  const keysFrom = (secrets: { seed: string; contentKey: string }): LogKeys => {
    const logKey = signingKey(Buffer.from(secrets.seed, 'hex'))
    const contentKey = Buffer.from(secrets.contentKey, 'hex')
    return { log: logIdOf(rawPublicKey(logKey)), market: MARKET, logKey, contentKey }
  }
  return {
    marketKey: marketPublicKey,
    current: async () => {
      const text = await readFile(path, 'utf8').catch(() => undefined)
      return text === undefined ? undefined : keysFrom(JSON.parse(text))
    },
    begin: async ({ counter, previous }): Promise<NewLog> => {
      const secrets = {
        seed: randomBytes(32).toString('hex'),
        contentKey: randomBytes(32).toString('hex')
      }
      await writeFile(path, JSON.stringify(secrets))
      const keys = keysFrom(secrets)
      const key = rawPublicKey(keys.logKey)
      const device = { market: MARKET, stall, key: rawPublicKey(deviceKey), roles: ['stall'] as const }
      const { contentKey, log } = keys
      return {
        keys,
        opening: {
          stall,
          bootId: boot,
          deviceCertificate: signDeviceCertificate(device, marketKey),
          logCertificate: signLogCertificate({ key, counter, bootId: boot, previous }, deviceKey),
          wraps: [await wrapContentKey({ contentKey, log, reader: reading.publicKey })]
        }
      }
    },
    contentKeyOf: ({ wraps, log }) => unwrapContentKey({ wraps, log, reader: reading })
  }
}

/** X25519 keys that are the same in every process of a test. */
function generateKeyPairFrom() {
  const privateKey = Uint8Array.from(seed('reading'))
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), privateKey])
  const key = createPublicKey({ key: der, format: 'der', type: 'pkcs8' } as never)
  return { privateKey, publicKey: rawPublicKey(key) }
}

export interface Till {
  readonly ledger: OpenedLedger
  readonly stall: () => Stall
  /** Decides, appends and folds, as the loop does; gives the entries once they are durable. */
  readonly turn: (...commands: readonly Command[]) => Promise<readonly Entry[]>
  readonly renew: () => Promise<void>
  readonly close: () => Promise<void>
}

export async function openTill(machine: Machine): Promise<Till> {
  const { dir, runtimeDir } = machine
  const ledger = await openLedger({
    dir,
    runtimeDir,
    stall: machine.stall,
    keys: keysOf(machine),
    readClocks: () => ({ wallMs: Date.now(), monoMs: performance.now() }),
    random: pooledRandom(),
    fold,
    foldVersion: FOLD_VERSION,
    emptyStall
  })
  let { stall } = ledger
  return {
    ledger,
    stall: () => stall,
    turn: async (...commands) => {
      const { store, listen } = ledger
      const entries: Entry[] = []
      let next = stall
      for (const command of commands) {
        const place = store.end()
        const stamp = { ...place, seq: place.seq + entries.length, at: Math.max(Date.now(), next.at) }
        const made = decide(next, command, stamp)
        if (isRefusal(made)) throw new Error(`refused: ${made.refused}`)
        next = made.reduce(fold, next)
        entries.push(...made)
      }
      await store.append(entries)
      stall = next
      listen({ entries, stall })
      return entries
    },
    renew: async () => {
      const opened = await ledger.store.renew()
      stall = fold(stall, opened)
      ledger.listen({ entries: [opened], stall })
    },
    close: () => ledger.store.close()
  }
}

/** A sale of one open item for 2.50, paid in cash; the number makes its id. */
export const sale = (number: number): Command => ({
  type: 'sell',
  sale: saleId(number),
  lines: [
    { sku: null, name: `Soup ${number}`, quantity: 1, unitPrice: money(250), taxClass: 'food' }
  ],
  tenders: [{ method: 'cash', amount: money(250) }]
})

export const saleId = (number: number): Id =>
  createHash('sha256').update(`sale ${number}`).digest('hex').slice(0, 32) as Id

export const terms: Command = {
  type: 'setTerms',
  terms: {
    ...emptyStall.terms,
    stallName: 'Soup',
    taxClasses: [{ id: 'food', name: 'Food', ratePpm: 70_000, isInclusive: true }]
  }
}

/** Every entry of a log that can be read back from disk. */
export async function readLog(till: Till, log: LogId, size: number): Promise<Entry[]> {
  const entries: Entry[] = []
  for (let seq = 0; seq < size; seq++) {
    const entry = await till.ledger.store.read({ log, seq })
    if (entry) entries.push(entry)
  }
  return entries
}
