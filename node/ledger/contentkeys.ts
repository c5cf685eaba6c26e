import type { EntryOf } from '../core/entry.ts'
import type { LogId } from '../core/id.ts'
import { Malformed } from '../wire/canonical.ts'
import type { LogKeyring, LogKeys } from '../wire/logkeys.ts'
import type { KnownLogs } from './logs.ts'
import { frameAt } from './read.ts'
import { openingOf } from './replay.ts'
import { readSpare } from './spare.ts'

/** Finds the logs' content keys, at most once for each log. Undefined: sealed to others. */
export interface ContentKeys {
  readonly of: (opened: EntryOf<'logOpened'>) => Promise<Uint8Array | undefined>
  readonly ofLog: (log: LogId, logs: KnownLogs) => Promise<Uint8Array | undefined>
  /** Whether a log's opening is well and names other readers than this stall's key. */
  readonly isForOthers: (log: LogId) => boolean
}

export function openContentKeys(options: {
  readonly dir: string
  readonly ownDir: string
  readonly keys: LogKeyring
  readonly current: LogKeys | undefined
}): ContentKeys {
  const { dir, ownDir, keys, current } = options
  const known = new Map<LogId, Promise<Uint8Array | undefined>>()
  if (current) known.set(current.log, Promise.resolve(current.contentKey))
  const forOthers = new Set<LogId>()

  const spareOf = async (log: LogId) => {
    const read = await readSpare(dir, log)
    return read && openingOf(read)
  }
  // Where the wrap in the log is damaged, the copy of its first frame may still open.
  const open = async (opened: EntryOf<'logOpened'>): Promise<Uint8Array | undefined> => {
    const first = await unwrapped(keys, opened)
    if (first instanceof Uint8Array) return first
    const spare = await spareOf(opened.log)
    const second = spare ? await unwrapped(keys, spare) : first
    if (second instanceof Uint8Array) return second
    if (first === 'for-others' && second === 'for-others') forOthers.add(opened.log)
    return undefined
  }
  const find = async (log: LogId, logs: KnownLogs): Promise<Uint8Array | undefined> => {
    const first = logs.get(log)?.anchors[0]
    const own = first?.from === 0 ? await frameAt(ownDir, first) : undefined
    const opened = (own && openingOf(own)) ?? (await spareOf(log))
    return opened && open(opened)
  }
  const once = (log: LogId, make: () => Promise<Uint8Array | undefined>) => {
    const key = known.get(log) ?? make()
    known.set(log, key)
    // What could not be read once is asked for anew: the disk may give it the next time.
    key.catch(() => known.delete(log))
    return key
  }
  return {
    of: opened => once(opened.log, () => open(opened)),
    ofLog: (log, logs) => once(log, () => find(log, logs)),
    isForOthers: log => forOthers.has(log)
  }
}

async function unwrapped(
  keys: LogKeyring,
  opened: EntryOf<'logOpened'>
): Promise<Uint8Array | 'for-others' | 'damaged'> {
  try {
    return (await keys.contentKeyOf(opened)) ?? 'for-others'
  } catch (error) {
    if (error instanceof Malformed) return 'damaged'
    throw error
  }
}
