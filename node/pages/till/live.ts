import { batch, type ReadonlySignal, signal } from '@preact/signals'
import type { Money } from '../../core/sell/money.ts'
import type { TillPatch, TillView } from '../../core/till.ts'
import { field } from './paid.ts'
import { type PaperLine, ROLL_LINES_MAX, readPaper } from './paper.ts'
import type { After, Now, OpenStream } from './ports.ts'
import { readEvents, type StreamEvent } from './sse.ts'

/** What the stall tells this page, and whether it still talks. */
export interface Live {
  readonly view: ReadonlySignal<TillView | null>
  readonly link: ReadonlySignal<Link>
  /** When the stall last said anything to this page, by the tablet's clock. */
  readonly heard: ReadonlySignal<number | null>
  /** What came out of the simulated printer; null where the printer is real. */
  readonly paper: ReadonlySignal<readonly PaperLine[] | null>
  /** Prices that changed under this page's eyes: what each was before, and when it changed. */
  readonly moves: ReadonlySignal<ReadonlyMap<string, PriceMove>>
  /** What to add to the tablet's clock to get the stall's, for ages of what the stall saw. */
  readonly skew: ReadonlySignal<number>
  /** Connects at once instead of after a while. */
  readonly wake: () => void
  /** Lets go while nobody looks: a browser opens six connections to a host, not more. */
  readonly sleep: () => void
}

/** `since`: when the stall was last heard, by the tablet's clock. */
export interface Link {
  readonly state: 'connecting' | 'live' | 'away'
  readonly since: number
}

export interface PriceMove {
  readonly from: Money
  readonly at: number
}

/** The stall says something every 5 s; past this it is gone, whatever the socket says. */
export const SILENCE_MS_MAX = 12_000
const RECONNECT_MS_MIN = 300
/** A stall is one hop away, so asking every second costs nothing. */
const RECONNECT_MS_MAX = 1_000

export interface LivePorts {
  readonly openStream: OpenStream
  readonly now: Now
  readonly after: After
  /** What this tablet last saw, to sell by until the stall answers. */
  readonly remembered: TillView | null
  readonly onView: () => void
  /** A scanner of the stall read this for the basket of this till. */
  readonly onScan: (code: string) => void
  /** The till that gets what scanners read from now on. */
  readonly onScanner: (till: string) => void
}

export function openLive(ports: LivePorts): Live {
  const { now, after } = ports
  const link = signal<Link>({ state: 'connecting', since: now() })
  const heard = signal<number | null>(null)
  const picture = openPicture(ports)
  let waitMs = RECONNECT_MS_MIN
  let current: AbortController | null = null
  let cancelWait = () => {}
  let isAsleep = false

  async function connect(): Promise<void> {
    cancelWait()
    if (current || isAsleep) return
    const abort = new AbortController()
    current = abort
    const onPiece = (piece: string, read: (piece: string) => StreamEvent[]) =>
      batch(() => {
        link.value = { state: 'live', since: now() }
        heard.value = link.value.since
        waitMs = RECONNECT_MS_MIN
        for (const event of read(piece)) picture.apply(event)
      })
    // However the stream ends, the answer is the same: say so and connect again.
    await listen({ ...ports, abort, lastId: picture.lastId(), onPiece }).catch(() => {})
    current = null
    if (isAsleep) return
    if (link.value.state !== 'away') link.value = { state: 'away', since: link.value.since }
    cancelWait = after(waitMs, connect)
    waitMs = Math.min(waitMs * 2, RECONNECT_MS_MAX)
  }

  const sleep = () => {
    isAsleep = true
    cancelWait()
    current?.abort()
  }
  void connect()
  const { view, paper, moves, skew } = picture
  return {
    view,
    skew,
    link,
    heard,
    paper,
    moves,
    sleep,
    wake: () => {
      // What was heard before a sleep is not news; the new stream says so within a moment.
      if (isAsleep) link.value = { state: 'connecting', since: now() }
      isAsleep = false
      waitMs = RECONNECT_MS_MIN
      void connect()
    }
  }
}

/** Reads one stream to its end, and ends it when it has been silent for too long. */
async function listen(
  options: LivePorts & {
    readonly abort: AbortController
    readonly lastId: string | null
    readonly onPiece: (piece: string, read: (piece: string) => StreamEvent[]) => void
  }
): Promise<void> {
  const { openStream, after, abort, lastId, onPiece } = options
  const read = readEvents()
  const arm = () => after(SILENCE_MS_MAX, () => abort.abort())
  let disarm = arm()
  try {
    for await (const piece of openStream({ lastId, signal: abort.signal })) {
      disarm()
      disarm = arm()
      onPiece(piece, read)
    }
  } finally {
    disarm()
  }
}

/** What the events have painted so far. */
function openPicture({ now, remembered, onView, onScan, onScanner }: LivePorts) {
  const view = signal<TillView | null>(remembered)
  const paper = signal<readonly PaperLine[] | null>(null)
  const moves = signal<ReadonlyMap<string, PriceMove>>(new Map())
  const skew = signal(0)
  let lastId: string | null = null
  /** After a `view` the stall sends the whole roll, which this page may hold already. */
  let isRollDue = false
  const show = (next: TillView) => {
    if (next.at !== view.value?.at) skew.value = next.at - now()
    moves.value = priceMoves({ moves: moves.value, before: view.value, next, at: now() })
    view.value = next
    onView()
  }
  const apply = (event: StreamEvent) => {
    lastId = event.id ?? lastId
    const body: unknown = JSON.parse(event.data)
    // The stall built these from the same types; the page and the stall ship together.
    if (event.event === 'view') {
      show(body as TillView)
      isRollDue = true
    }
    if (event.event === 'patch' && view.value) show(patched(view.value, body as TillPatch))
    if (event.event === 'paper') {
      const before = isRollDue ? [] : (paper.value ?? [])
      paper.value = [...before, ...readPaper(body)].slice(-ROLL_LINES_MAX)
      isRollDue = false
    }
    if (event.event === 'scan') onScan(String(field(body, 'code')))
    if (event.event === 'scanner') onScanner(String(field(body, 'till')))
  }
  return { view, paper, moves, skew, apply, lastId: () => lastId }
}

/** Whole parts replace parts; items and devices replace their like, and new items join the end. */
export function patched(view: TillView, patch: TillPatch): TillView {
  const { items = [], withdrawn = [], devices = [], ...parts } = patch
  const changed = new Map(items.map(item => [item.sku, item]))
  const gone = new Set(withdrawn)
  const known = new Set(view.items.map(item => item.sku))
  const next = [
    ...view.items.map(item => changed.get(item.sku) ?? item),
    ...items.filter(item => !known.has(item.sku))
  ]
  return {
    ...view,
    ...parts,
    items: next.filter(item => !gone.has(item.sku)),
    devices: view.devices.map(old => devices.find(({ name }) => name === old.name) ?? old)
  }
}

/** A price that goes back to where it was has not moved. */
function priceMoves(options: {
  readonly moves: ReadonlyMap<string, PriceMove>
  readonly before: TillView | null
  readonly next: TillView
  readonly at: number
}): ReadonlyMap<string, PriceMove> {
  const { moves, before, next, at } = options
  if (!before || before.items === next.items) return moves
  const old = new Map(before.items.map(item => [item.sku, item.price]))
  const result = new Map(moves)
  for (const { sku, price } of next.items) {
    const was = old.get(sku)
    if (was === undefined || was === price) continue
    if (result.get(sku)?.from === price) result.delete(sku)
    else result.set(sku, { from: was, at })
  }
  return result
}
