import type { ServerResponse } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import type { Health, TurnListener } from '../core/ports.ts'
import type { Stall } from '../core/state.ts'
import type { PaperLine, Printing, SimulatedPrinter } from './ports.ts'
import { eventText, type Streams } from './stream.ts'
import { patchBetween, viewOf } from './tillview.ts'

/** The till's live stream: `view` once, then `patch` and `paper`. */
export interface Live {
  /** False when there are too many streams already. */
  readonly join: (response: ServerResponse, lastEventId: string | undefined) => boolean
  readonly close: () => void
}

interface LiveOptions {
  readonly stall: () => Stall
  readonly listen: (listener: TurnListener) => () => void
  readonly printing: Printing
  readonly simulatedPrinter?: SimulatedPrinter
  readonly health: () => readonly Health[]
  readonly runId: string
  readonly streams: Streams
}

/** A tablet that was away for less than this many events gets only what it missed. */
const RING_EVENTS_MAX = 1_024
const RING_BYTES_MAX = 1024 * 1024
/** The simulated printer's lines come one by one; a page need not draw each alone. */
const PAPER_MS = 100
const PAPER_LINES_MAX = 400
/** Edges do not say when their health changes, so it is looked at. */
const HEALTH_MS = 2_000

export function openLive(options: LiveOptions): Live {
  const { stall, listen, printing, simulatedPrinter, health, runId, streams } = options
  const readers = new Set<{ send: (event: string) => void }>()
  const ring = openRing(runId)
  let shown = { stall: stall(), health: health() }

  const publish = (name: 'patch' | 'paper', data: object) => {
    const event = ring.add(name, data)
    for (const reader of readers) reader.send(event)
  }
  const publishTurn = () => {
    const patch = patchBetween(shown.stall, stall())
    shown = { ...shown, stall: stall() }
    if (Object.keys(patch).length > 0) publish('patch', patch)
  }
  const publishHealth = () => {
    const now = health()
    if (isDeepStrictEqual(now, shown.health)) return
    shown = { ...shown, health: now }
    publish('patch', { health: now })
  }
  const unlisten = listen(publishTurn)
  printing.onChange(() => publish('patch', { printing: printing.view() }))
  simulatedPrinter?.onPaper(gather(PAPER_MS, lines => publish('paper', { lines })))
  const timer = setInterval(publishHealth, HEALTH_MS)
  timer.unref()

  const join = (response: ServerResponse, lastEventId: string | undefined) => {
    const stream = streams.open(response)
    if (!stream) return false
    // What this reader gets first must hold all that the next patch builds on.
    publishTurn()
    const missed = ring.after(lastEventId)
    if (missed) for (const event of missed) stream.send(event)
    else {
      const data = viewOf(stall(), printing.view(), shown.health)
      stream.send(eventText({ id: ring.lastId(), name: 'view', data }))
      const lines = simulatedPrinter?.paper().slice(-PAPER_LINES_MAX)
      if (lines) stream.send(eventText({ name: 'paper', data: { lines } }))
    }
    readers.add(stream)
    stream.onClose(() => readers.delete(stream))
    return true
  }
  const close = () => {
    clearInterval(timer)
    unlisten()
  }
  return { join, close }
}

/** Hands over what came in since the first of it, after `ms`. */
function gather(ms: number, hand: (lines: readonly PaperLine[]) => void) {
  let lines: PaperLine[] = []
  return (line: PaperLine): void => {
    lines.push(line)
    if (lines.length > 1) return
    setTimeout(() => {
      hand(lines)
      lines = []
    }, ms).unref()
  }
}

/** The newest events, for readers who come back. */
function openRing(runId: string) {
  let events: readonly { readonly count: number; readonly text: string }[] = []
  let bytes = 0
  let last = 0
  return {
    lastId: () => `${runId}-${last}`,
    add: (name: string, data: object): string => {
      last += 1
      const text = eventText({ id: `${runId}-${last}`, name, data })
      events = [...events, { count: last, text }]
      bytes += text.length
      while (bytes > RING_BYTES_MAX || events.length > RING_EVENTS_MAX) {
        bytes -= events[0]?.text.length ?? 0
        events = events.slice(1)
      }
      return text
    },
    /** Undefined when that reader needs the whole view: another run's, unknown or too old. */
    after: (id: string | undefined): readonly string[] | undefined => {
      const count = id?.startsWith(`${runId}-`) ? Number(id.slice(runId.length + 1)) : Number.NaN
      const oldest = (events[0]?.count ?? last + 1) - 1
      if (!Number.isInteger(count) || count < oldest || count > last) return undefined
      return events.filter(event => event.count > count).map(({ text }) => text)
    }
  }
}
