import type { KeyObject } from 'node:crypto'
import type { EntryOf } from '../core/entry.ts'
import type { LogId } from '../core/id.ts'
import type { LogOpened } from '../core/log.ts'
import type { IsVouched } from './certificate.ts'

/**
 * The secrets of the log that this boot writes. They live in the runtime folder and in memory,
 * never on the card. `identity` holds them and `ledger` uses them; neither imports the other.
 */
export interface LogKeys {
  readonly log: LogId
  /** The market's domain; with the log's id it makes the origin of the log's heads. */
  readonly market: string
  /** Ed25519, private: signs the heads. */
  readonly logKey: KeyObject
  /** Seals the bodies of the log's entries. */
  readonly contentKey: Uint8Array
  /** How many entries were acknowledged: others may have heard of them. */
  readonly publishedSize: () => number
  /**
   * Notes that size beside the key: after each commit, before anything of it is answered, printed
   * or sent. A disk that comes back with less has lost entries that others saw, and the log must
   * not go on. The runtime folder ends with the boot, so the note needs no flush: 16 bytes into
   * the page cache. A kill between commit and note leaves the note behind the disk, which is
   * harmless.
   */
  readonly publish: (size: number) => void
  /** Notes that a write failed: what the disk holds behind that size is unsure, the log is over. */
  readonly abandon: () => void
  readonly isAbandoned: () => boolean
  readonly close: () => Promise<void>
}

/** The keys of a new log, and what its first entry says of itself but for its clock. */
export interface NewLog {
  readonly keys: LogKeys
  readonly opening: Omit<LogOpened, 'type' | 'counter' | 'previous' | 'monoMs'>
}

/** The ring that the ledger takes its logs' keys from. `boot.ts` hands it over. */
export interface LogKeyring {
  /** The market key's public half: all trust begins here. */
  readonly marketKey: KeyObject
  /** The stall's own logs are its own, also those that it began before a market let it in. */
  readonly isVouched: IsVouched
  /**
   * The keys of this boot's log when the program only restarted. Undefined after a boot, and when
   * the files are damaged: then a new log begins, which is always safe. Rejects with a `Fault`.
   */
  readonly current: () => Promise<LogKeys | undefined>
  /**
   * Makes fresh keys for a new log, puts them in the runtime folder and has the device certify
   * them. Rejects with a `Fault`.
   */
  readonly begin: (about: Pick<LogOpened, 'counter' | 'previous'>) => Promise<NewLog>
  /** Undefined when a log's bodies are sealed to others. */
  readonly contentKeyOf: (opened: EntryOf<'logOpened'>) => Promise<Uint8Array | undefined>
}
