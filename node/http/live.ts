import type { ServerResponse } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import { pace } from '../core/pace.ts'
import type { Health, TurnListener } from '../core/ports.ts'
import type { Stall } from '../core/state.ts'
import type { TillPatch, TillView } from '../core/till.ts'
import type { Devices, PaperLine, Printing, SimulatedPrinter } from './ports.ts'
import { openScans } from './scans.ts'
import { eventText, type Streams } from './stream.ts'
import { changedDevices, patchBetween, viewOf } from './tillview.ts'

/** The till's live stream: `view` once, then `patch`, `paper`, `scan` and `scanner`. */
export interface Live {
  /** False when there are too many streams already. */
  readonly join: (response: ServerResponse, reader: Reader) => boolean
  /** What scanners read is this till's from now on; false when it has no open stream. */
  readonly claimScans: (till: string) => boolean
  readonly close: () => void
}

interface Reader {
  /** The name of a till that has a basket for scans; other readers have none. */
  readonly till: string | undefined
  readonly lastEventId: string | undefined
}

interface LiveOptions {
  readonly stall: () => Stall
  readonly listen: (listener: TurnListener) => () => void
  readonly printing: Printing
  readonly simulatedPrinter?: SimulatedPrinter
  readonly devices: Devices
  readonly hasDrawer: boolean
  readonly health: () => readonly Health[]
  readonly wallMs: () => number
  readonly runId: string
  readonly streams: Streams
}

/** A tablet that was away for less than this many events gets only what it missed. */
const RING_EVENTS_MAX = 1_024
const RING_BYTES_MAX = 1024 * 1024
/** The simulated printer's lines come one by one; a page need not draw each alone. */
const PAPER_MS = 100
const PAPER_LINES_MAX = 400
/** A scale that is being loaded says ten weights a second; nobody reads more than five. */
const DEVICES_MS = 200
/** Edges do not say when their health changes, so it is looked at. */
const HEALTH_MS = 2_000

export function openLive(options: LiveOptions): Live {
  const { simulatedPrinter, devices, streams } = options
  const readers = new Set<{ send: (event: string) => void }>()
  const ring = openRing(options.runId)
  const scans = openScans(till => eventText({ name: 'scanner', data: { till } }))
  const publish = (name: 'patch' | 'paper', data: object) => {
    const event = ring.add(name, data)
    for (const reader of readers) reader.send(event)
  }
  const picture = openPicture(options, patch => publish('patch', patch))
  simulatedPrinter?.onPaper(gather(PAPER_MS, lines => publish('paper', { lines })))
  const stopScans = devices.onReading((device, reading) => {
    if (reading.kind !== 'scan') return
    // Without an id: it is for the basket that is open now, and is never told again.
    scans.tell(eventText({ name: 'scan', data: { device, code: reading.code } }))
  })
  const join: Live['join'] = (response, { till, lastEventId }) => {
    const stream = streams.open(response)
    if (!stream) return false
    // What this reader gets first must hold all that the next patch builds on.
    picture.catchUp()
    const missed = ring.after(lastEventId)
    if (missed) for (const event of missed) stream.send(event)
    else {
      stream.send(eventText({ id: ring.lastId(), name: 'view', data: picture.whole() }))
      const lines = simulatedPrinter?.paper().slice(-PAPER_LINES_MAX)
      if (lines) stream.send(eventText({ name: 'paper', data: { lines } }))
    }
    readers.add(stream)
    stream.onClose(() => readers.delete(stream))
    if (till !== undefined) scans.join(till, stream)
    return true
  }
  return {
    join,
    claimScans: scans.claim,
    close: () => {
      stopScans()
      picture.close()
    }
  }
}

/** What all tills show by now: each difference goes out once, as soon as it may. */
function openPicture(options: LiveOptions, publish: (patch: TillPatch) => void) {
  const { stall, listen, printing, devices, hasDrawer, health, wallMs } = options
  let shown = { stall: stall(), health: health(), devices: devices.view() }
  const publishTurn = () => {
    const patch = patchBetween(shown.stall, stall())
    shown = { ...shown, stall: stall() }
    if (Object.keys(patch).length > 0) publish(patch)
  }
  const publishHealth = () => {
    const now = health()
    if (isDeepStrictEqual(now, shown.health)) return
    shown = { ...shown, health: now }
    publish({ health: now })
  }
  const publishDevices = () => {
    const changed = changedDevices(shown.devices, devices.view())
    shown = { ...shown, devices: devices.view() }
    if (changed.length > 0) publish({ at: wallMs(), devices: changed })
  }
  const devicesPace = pace({ ms: DEVICES_MS, after, step: publishDevices })
  printing.onChange(() => publish({ printing: printing.view() }))
  const stops = [
    listen(publishTurn),
    devices.onChange(devicesPace.ask),
    devicesPace.stop,
    every(HEALTH_MS, publishHealth)
  ]
  return {
    catchUp: () => {
      publishTurn()
      publishDevices()
    },
    whole: (): TillView => {
      const edges = { at: wallMs(), printing: printing.view(), hasDrawer }
      return viewOf(shown.stall, { ...edges, health: shown.health, devices: shown.devices })
    },
    close: () => {
      for (const stop of stops) stop()
    }
  }
}

const after = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms).unref()
  return () => clearTimeout(timer)
}

const every = (ms: number, run: () => void): (() => void) => {
  const timer = setInterval(run, ms).unref()
  return () => clearInterval(timer)
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
