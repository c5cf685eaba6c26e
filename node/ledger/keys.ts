import type { KeyObject } from 'node:crypto'
import type { EntryOf } from '../core/entry.ts'
import type { LogId } from '../core/id.ts'
import type { LogOpened } from '../core/log.ts'

/** The secrets of one log. They live in the runtime folder and in memory, never on the card. */
export interface LogKeys {
  readonly log: LogId
  /** The market's domain; with the log's id it makes the origin of the log's heads. */
  readonly market: string
  /** Ed25519, private: signs the heads. */
  readonly logKey: KeyObject
  /** Seals the bodies of this log. */
  readonly contentKey: Uint8Array
  /** How many entries were acknowledged: others may have heard of them. */
  readonly publishedSize: () => number
  /**
   * Notes that size beside the key, after each commit. The runtime folder ends with the boot, so
   * the note needs no flush: 16 bytes into the page cache, a few microseconds. A kill between the
   * commit and the note leaves the note behind the disk, which is harmless.
   */
  readonly publish: (size: number) => void
  /** Notes that a write failed: what the disk holds behind the published size is unsure. */
  readonly abandon: () => void
  readonly isAbandoned: () => boolean
  readonly close: () => Promise<void>
}

/** What the ledger needs of `identity`, which it may not import. `boot.ts` hands it over. */
export interface LedgerKeys {
  /** The market key's public half: all trust begins here. */
  readonly marketKey: KeyObject
  /** The log that this boot has begun already, if its key is still in the runtime folder. */
  readonly current: () => Promise<LogKeys | undefined>
  /** Makes a fresh log key and content key, puts them in the runtime folder, and certifies them. */
  readonly begin: (about: Pick<LogOpened, 'counter' | 'previous'>) => Promise<NewLog>
  /** Undefined when a log's bodies are sealed to others. */
  readonly contentKeyOf: (opened: EntryOf<'logOpened'>) => Promise<Uint8Array | undefined>
}

export interface NewLog {
  readonly keys: LogKeys
  readonly opening: Pick<
    LogOpened,
    'stall' | 'bootId' | 'deviceCertificate' | 'logCertificate' | 'wraps'
  >
}
