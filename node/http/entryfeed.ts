import type { ServerResponse } from 'node:http'
import type { Entry } from '../core/entry.ts'
import type { LogId } from '../core/id.ts'
import type { Store, TurnListener } from '../core/ports.ts'
import type { Place } from '../core/time.ts'
import { json } from './json.ts'
import { eventText, type Stream, type Streams } from './stream.ts'

/** The ledger as a stream of `entry` events, each with `<log>-<seq>` as its id. */
export interface EntryFeed {
  /** From after this place, or only what happens from now on. False: too many streams. */
  readonly join: (response: ServerResponse, after: Place | undefined) => boolean
  readonly close: () => void
}

interface Reader {
  readonly stream: Stream
  /** Undefined until the first entry: then every entry is new to this reader. */
  next: Place | undefined
  isCatchingUp: boolean
}

/**
 * A reader who is behind reads from the disk at its own pace, and turns pass it by until the disk
 * has nothing more; so nothing waits in memory for it. Entries that the disk cannot read are left
 * out. A reader of an older log goes on with the log of now; what was written to logs between the
 * two is read with `after` in those logs.
 */
export function openEntryFeed(options: {
  readonly listen: (listener: TurnListener) => () => void
  readonly read: Store['read']
  readonly end: Store['end']
  readonly streams: Streams
}): EntryFeed {
  const { listen, read, end, streams } = options
  const readers = new Set<Reader>()

  const catchUp = async (reader: Reader) => {
    reader.isCatchingUp = true
    while (reader.next && reader.stream.isOpen()) {
      const { log, seq } = reader.next
      // The end is looked at anew after every wait, so no turn falls between disk and live.
      if (log === end().log && seq >= end().seq) break
      const entry = await read(reader.next)
      if (entry) send(reader, entry)
      else if (log === end().log) reader.next = { log, seq: seq + 1 }
      else reader.next = { log: end().log, seq: 0 }
      if (seq % DRAIN_EVERY === 0) await reader.stream.drained()
    }
    reader.isCatchingUp = false
  }
  const close = listen(({ entries }) => {
    for (const reader of readers) {
      if (reader.isCatchingUp) continue
      const [first] = entries
      const isNext = first && (reader.next === undefined || isAt(first, reader.next))
      if (isNext) for (const entry of entries) send(reader, entry)
      else void catchUp(reader)
    }
  })
  return {
    close,
    join: (response, after) => {
      const stream = streams.open(response)
      if (!stream) return false
      const next = after && { log: after.log, seq: after.seq + 1 }
      const reader: Reader = { stream, next, isCatchingUp: false }
      readers.add(reader)
      stream.onClose(() => readers.delete(reader))
      void catchUp(reader)
      return true
    }
  }
}

const DRAIN_EVERY = 64
const TIMES = ['at', 'soldAt', 'openedAt', 'closedAt', 'from', 'to']

function send(reader: Reader, entry: Entry): void {
  const { log, seq } = entry
  reader.next = { log, seq: seq + 1 }
  reader.stream.send(eventText({ id: `${log}-${seq}`, name: 'entry', data: json(entry, TIMES) }))
}

const isAt = (entry: Place, place: { readonly log: LogId; readonly seq: number }): boolean =>
  entry.log === place.log && entry.seq === place.seq
