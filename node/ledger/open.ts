import { join } from 'node:path'
import type { Entry } from '../core/entry.ts'
import { Fault, type Health, type ReadClocks } from '../core/ports.ts'
import { isEqual, rootOf } from '../core/proof/merkle.ts'
import type { Stall } from '../core/state.ts'
import { sha256 } from '../wire/hash.ts'
import type { LogKeyring, LogKeys } from '../wire/logkeys.ts'
import { type ContentKeys, openContentKeys } from './contentkeys.ts'
import { beginLog, type Ledger, type LedgerParts, ledgerOf, type OpenLog } from './ledger.ts'
import type { LockedFolder } from './lock.ts'
import { entriesText, type KnownLogs } from './logs.ts'
import { keepNewest } from './newest.ts'
import { type Damage, damageIn, QUARANTINE, setAside } from './quarantine.ts'
import { frameAt } from './read.ts'
import type { ByteRange } from './record.ts'
import { type Replay, replaySegments } from './replay.ts'
import { type FoundSegment, openSeries, type Spot, scanSegments } from './segment.ts'
import { readSnapshot, SNAPSHOT } from './snapshot.ts'
import { readSpare } from './spare.ts'

interface LedgerOptions {
  /**
   * The data folder; `own/`, `openings/`, `quarantine/` and `snapshot` go in there. Whoever locked
   * it lets go of it, after the ledger is closed.
   */
  readonly folder: LockedFolder
  /** This stall's name in its log; a folder that another stall wrote is refused. */
  readonly stall: string
  readonly keys: LogKeyring
  readonly readClocks: ReadClocks
  readonly random: (size: number) => Uint8Array
  readonly fold: (stall: Stall, entry: Entry) => Stall
  readonly foldVersion: number
  readonly emptyStall: Stall
}

export interface OpenedLedger extends Ledger {
  readonly stall: Stall
  /** What was found damaged or missing. Selling goes on all the same. */
  readonly faults: readonly Health[]
}

/**
 * Opens a stall's ledger: works out its state from the files, and goes on with this boot's log or
 * begins a new one. Damage never keeps it from opening. Rejects with the `Fault`s 'foreign-data',
 * 'foreign-keys', 'disk-full' and 'disk-failed'.
 */
export async function openLedger(options: LedgerOptions): Promise<OpenedLedger> {
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    for (const step of closers.splice(0).reverse()) await step()
  }
  try {
    return await openFiles(options, { onClose: step => closers.push(step), close })
  } catch (error) {
    await close()
    throw error
  }
}

async function openFiles(
  options: LedgerOptions,
  { onClose, close }: { onClose: (step: () => Promise<void>) => void; close: () => Promise<void> }
): Promise<OpenedLedger> {
  const { dir } = options.folder
  const ownDir = join(dir, 'own')
  const current = await options.keys.current()
  if (current) onClose(current.close)
  const contentKeys = openContentKeys({ ...options, dir, ownDir, current })
  const found = await readOwn({ ...options, dir, ownDir, current, contentKeys })
  const { replay } = found
  const { newest, logs } = replay
  const owner = replay.stall.log.stall
  if (owner !== '' && owner !== options.stall) {
    throw otherStall(options, replay.stall)
  }
  if (
    newest &&
    !(await contentKeys.ofLog(newest.log, logs)) &&
    contentKeys.isForOthers(newest.log)
  ) {
    throw otherKeys(options)
  }
  const faults = [
    ...(await quarantine(dir, found)),
    ...missingIn(replay),
    ...vanished(replay, current)
  ]
  const series = await openSeries({ dir: ownDir, end: found.end, tail: found.tail })
  onClose(series.close)
  const log = continued(replay, current)
  const parts: LedgerParts = {
    ...options,
    dir,
    files: { dir: ownDir, contentKeyOf: log => contentKeys.ofLog(log, logs) },
    series,
    logs,
    newest: keepNewest(),
    close,
    writing: {
      log,
      previous: newest ? { log: newest.log, size: newest.size, root: newest.root } : null,
      counter: replay.counter,
      at: replay.stall.at,
      isBroken: false,
      underWay: undefined
    }
  }
  onClose(async () => parts.writing.log?.keys.close())
  const stall = log ? replay.stall : options.fold(replay.stall, await beginLog(parts))
  const since = replay.folded + (log ? 0 : 1)
  return { ...ledgerOf(parts, { stall, since }), stall, faults }
}

interface Found {
  readonly replay: Replay
  readonly end: Spot
  readonly tail: ByteRange | undefined
  readonly damaged: readonly Damage[]
}

interface Reading extends LedgerOptions {
  readonly dir: string
  readonly ownDir: string
  readonly current: LogKeys | undefined
  readonly contentKeys: ContentKeys
}

/** Folds what the disk holds, from the snapshot on if there is a true one. */
async function readOwn(reading: Reading): Promise<Found> {
  const { dir, ownDir, fold, current, contentKeys } = reading
  const { replay, from } = (await fromSnapshot(reading)) ?? { replay: empty(reading) }
  let end = from ?? { segment: 1, offset: 0 }
  let tail: ByteRange | undefined
  const damaged: Damage[] = []
  const noting = async function* (): AsyncGenerator<FoundSegment> {
    for await (const segment of scanSegments(ownDir, from)) {
      yield segment
      end = { segment: segment.segment, offset: segment.end }
      tail = segment.tail
      damaged.push(...damageIn(segment))
    }
  }
  await replaySegments(replay, noting(), {
    fold,
    current,
    spareOf: log => readSpare(dir, log),
    contentKeyOf: contentKeys.of
  })
  return { replay, end, tail, damaged }
}

const empty = ({ emptyStall }: LedgerOptions): Replay => ({
  stall: emptyStall,
  logs: new Map(),
  newest: undefined,
  counter: 0,
  folded: 0,
  sealed: 0,
  strange: []
})

/** Undefined unless the segments hold, in the very place, the head that the snapshot names. */
async function fromSnapshot(
  reading: Reading
): Promise<{ readonly replay: Replay; readonly from: Spot } | undefined> {
  const { dir, ownDir, foldVersion, emptyStall, contentKeys, current } = reading
  const path = join(dir, SNAPSHOT)
  const snapshot = await readSnapshot(path, { foldVersion, like: emptyStall })
  if (!snapshot) return undefined
  const { log, size, root: digits, end, nodes, counter, logs: list } = snapshot.header
  const logs: KnownLogs = new Map(list.map(known => [known.log, known]))
  const root = Buffer.from(digits, 'hex')
  const spot = logs.get(log)?.newest
  const newest = spot && (await frameAt(ownDir, spot))
  const isTrue =
    newest?.frame.log === log && newest.frame.size === size && isEqual(newest.frame.root, root)
  if (!isTrue) return undefined
  const range = { size, nodes: nodes.map(node => Buffer.from(node, 'hex')) }
  const isCurrent = log === current?.log && isEqual(rootOf(range, sha256), root)
  const replay = {
    ...empty(reading),
    stall: snapshot.stall,
    logs,
    counter,
    newest: {
      log,
      size,
      root,
      contentKey: () => contentKeys.ofLog(log, logs),
      range: isCurrent ? range : undefined
    }
  }
  return { replay, from: end }
}

/**
 * This boot's log, if it may go on: its key is here, no entry is missing, no write of it failed,
 * and the disk gives back all that was acknowledged. A copy of the folder on another card has no
 * key, so it begins a log of its own and never forks this one.
 */
function continued({ newest }: Replay, keys: LogKeys | undefined): OpenLog | undefined {
  if (!keys || newest?.log !== keys.log || !newest.range) return undefined
  if (keys.isAbandoned() || newest.size < keys.publishedSize()) return undefined
  if (!isEqual(rootOf(newest.range, sha256), newest.root)) return undefined
  return { keys, range: newest.range, root: newest.root }
}

/** Damaged bytes are copied aside before anything is written over. */
async function quarantine(dir: string, { damaged }: Found): Promise<Health[]> {
  const lost = await setAside(join(dir, QUARANTINE), damaged)
  return lost.map(({ segment, from }) => ({
    name: 'ledger',
    state: 'degraded',
    sentence: `Damaged bytes of segment ${segment} at ${from} could not be copied aside.`,
    fix: 'Free some space on the card.'
  }))
}

/** The runtime folder remembers how much was acknowledged, if the machine did not restart. */
function vanished({ logs }: Replay, current: LogKeys | undefined): Health[] {
  const size = current ? (logs.get(current.log)?.size ?? 0) : 0
  const count = (current?.publishedSize() ?? 0) - size
  if (count <= 0) return []
  const what = count === 1 ? '1 entry that was' : `${count} entries that were`
  const verb = count === 1 ? 'is' : 'are'
  return [
    {
      name: 'ledger',
      state: 'degraded',
      sentence: `${what} acknowledged ${verb} not on this card any more.`,
      fix: 'Check the card; a neighbour or a backup may hold what is missing.'
    }
  ]
}

function missingIn({ logs, sealed, strange }: Replay): Health[] {
  const ledger = { name: 'ledger', state: 'degraded' } as const
  const fix = 'Selling goes on. Keep this card, and look for a copy of the folder or its peers.'
  const gaps = [...logs.values()].flatMap(({ log, missing }) =>
    missing.map(range => ({
      ...ledger,
      sentence: `${entriesText(range)} of log ${log} cannot be read from the card.`,
      fix
    }))
  )
  const others = [
    sealed > 0 && `${sealed} entries cannot be opened with this stall's reading key.`,
    strange.length > 0 && `${strange.length} records are no part of any log.`
  ]
  return [...gaps, ...others.flatMap(sentence => (sentence ? [{ ...ledger, sentence, fix }] : []))]
}

const otherStall = ({ folder: { dir }, stall }: LedgerOptions, found: Stall): Fault =>
  new Fault({
    code: 'foreign-data',
    message:
      `The data folder ${dir} belongs to stall "${found.log.stall}", ` + `and this is "${stall}".`,
    fix: 'Start with --data and the folder of this stall, or with the settings of that one.',
    isRetryable: false
  })

const otherKeys = ({ folder: { dir } }: LedgerOptions): Fault =>
  new Fault({
    code: 'foreign-keys',
    message: `The reading key vendor.key does not open the newest books in ${dir}.`,
    fix:
      'Copy the whole keys folder back from a backup of this stall, or move the data folder ' +
      'aside and start as a new stall.',
    isRetryable: false
  })
