import type { Link } from '../../node/core/ports.ts'
import type { LinkEnd } from '../../node/mesh/sync.ts'
import type { WorldTime } from './time.ts'

/** How bad the air is. Each is a share of all messages. */
export interface Weather {
  readonly loss: number
  readonly twice: number
  /** Messages that come so much later that others overtake them. */
  readonly late: number
}

export const CLEAR: Weather = { loss: 0, twice: 0, late: 0 }

/** Who takes part: a stall, or somebody who only looks like one. */
export interface Member {
  readonly name: string
  /** Takes its end of a new link; undefined when it is down. */
  readonly link: (link: Link) => LinkEnd | undefined
}

/** Links between members, with everything that goes wrong on them. */
export interface Network {
  /** Connects two members, and again whenever the link ended, until `cut`. */
  readonly connect: (a: Member, b: Member) => void
  readonly setWeather: (weather: Weather) => void
  /** Who cannot hear whom: links end, or fall silent without a word. */
  readonly part: (isApart: (a: string, b: string) => boolean, isSilent: boolean) => void
  readonly heal: () => void
  /** All links of a member end at once: it crashed. */
  readonly cut: (name: string) => void
  readonly sent: () => Sent
  readonly members: () => number
}

/** What went over all links so far; `bytes` are the messages' own. */
export interface Sent {
  readonly messages: number
  readonly bytes: number
  readonly bytesByKind: Readonly<Record<string, number>>
}

interface Wire {
  readonly a: Member
  readonly b: Member
  readonly delayMs: number
  isUp: boolean
  ends: readonly [LinkEnd, LinkEnd] | undefined
  /** Bytes under way. */
  load: number
  /** When the last message comes out on each side: a link keeps its order, as TCP does. */
  readonly lastAt: [number, number]
}

/** A link buffers no more than this. */
const LOAD_BYTES_MAX = 1 << 20
const RETRY_MS = 1_000

export function openNetwork(options: {
  readonly time: WorldTime
  readonly random: () => number
  /** From one end of a link to the other. */
  readonly delayMs: () => number
  /** Somebody ended a link to this peer, and why. */
  readonly onClose?: (peer: string, reason: string) => void
}): Network {
  const wires: Wire[] = []
  const state: State = {
    ...options,
    onClose: options.onClose ?? (() => {}),
    weather: CLEAR,
    isApart: () => false,
    isSilent: false,
    sent: { messages: 0, bytes: 0, bytesByKind: {} }
  }
  return {
    connect: (a, b) => {
      const wire: Wire = {
        a,
        b,
        delayMs: options.delayMs(),
        isUp: false,
        ends: undefined,
        load: 0,
        lastAt: [0, 0]
      }
      wires.push(wire)
      raise(state, wire)
    },
    setWeather: weather => {
      state.weather = weather
    },
    part: (isApart, isSilent) => {
      state.isApart = isApart
      state.isSilent = isSilent
      if (isSilent) return
      for (const wire of wires) if (isApart(wire.a.name, wire.b.name)) lower(state, wire)
    },
    heal: () => {
      state.isApart = () => false
    },
    cut: name => {
      for (const wire of wires) {
        if (wire.a.name === name || wire.b.name === name) lower(state, wire)
      }
    },
    members: () => new Set(wires.flatMap(({ a, b }) => [a.name, b.name])).size,
    sent: () => ({ ...state.sent, bytesByKind: { ...state.sent.bytesByKind } })
  }
}

interface State {
  readonly time: WorldTime
  readonly random: () => number
  weather: Weather
  isApart: (a: string, b: string) => boolean
  isSilent: boolean
  readonly onClose: (peer: string, reason: string) => void
  readonly sent: { messages: number; bytes: number; readonly bytesByKind: Record<string, number> }
}

function raise(state: State, wire: Wire): void {
  const { a, b } = wire
  if (wire.isUp) return
  if (state.isApart(a.name, b.name)) {
    again(state, wire)
    return
  }
  wire.isUp = true
  // Each end sends through what the other end will be by then.
  const ends: (LinkEnd | undefined)[] = []
  const end = (peer: Member, to: 0 | 1): Link => ({
    peer: peer.name,
    send: (kind, bytes) => deliver(state, wire, { kind, bytes, side: to, to: () => ends[to] }),
    close: reason => {
      state.onClose(peer.name, reason)
      lower(state, wire)
    }
  })
  ends[0] = a.link(end(b, 1))
  ends[1] = b.link(end(a, 0))
  const [first, second] = ends
  if (!first || !second) {
    wire.isUp = false
    first?.down()
    second?.down()
    again(state, wire)
    return
  }
  wire.ends = [first, second]
}

/** Both ends hear of it, and dial again after a while. */
function lower(state: State, wire: Wire): void {
  if (!wire.isUp) return
  wire.isUp = false
  wire.load = 0
  const { ends } = wire
  wire.ends = undefined
  state.time.startTimer(0, () => {
    for (const end of ends ?? []) end.down()
  })
  again(state, wire)
}

function again(state: State, wire: Wire): void {
  state.time.startTimer(RETRY_MS * (1 + state.random()), () => raise(state, wire))
}

interface Parcel {
  readonly kind: string
  readonly bytes: Uint8Array
  readonly side: 0 | 1
  readonly to: () => LinkEnd | undefined
}

function deliver(state: State, wire: Wire, { kind, bytes, side, to }: Parcel): boolean {
  const { time, random, weather, sent } = state
  if (!wire.isUp || wire.load + bytes.length > LOAD_BYTES_MAX) return false
  sent.messages++
  sent.bytes += bytes.length
  sent.bytesByKind[kind] = (sent.bytesByKind[kind] ?? 0) + bytes.length
  if (state.isApart(wire.a.name, wire.b.name) || random() < weather.loss) return true
  const copies = random() < weather.twice ? 2 : 1
  for (let copy = 0; copy < copies; copy++) {
    const isLate = random() < weather.late
    const soon = time.now() + wire.delayMs * (0.8 + 0.4 * random())
    const at = isLate ? soon + 400 * random() : Math.max(soon, wire.lastAt[side])
    if (!isLate) wire.lastAt[side] = at
    wire.load += bytes.length
    time.startTimer(at - time.now(), () => {
      wire.load = Math.max(0, wire.load - bytes.length)
      if (wire.isUp) to()?.receive(kind, bytes)
    })
  }
  return true
}
