import { Fault, type Link, type LinkEvents, type TakeLink } from '../../node/core/ports.ts'
import type { LinkWorld, Side } from '../contract/link.ts'

const LINK_BYTES_MAX = 1_310_720

interface Wire {
  readonly ends: [LinkEvents | undefined, LinkEvents | undefined]
  /** Who dialled, and whom. */
  readonly names: readonly [string, string]
  /** Bytes under way from each. */
  readonly loads: [number, number]
  isUp: boolean
}

/** Links without a network, for whole markets in one process. Messages take `delayMs`. */
export function memoryLinks(options: {
  readonly startTimer: (ms: number, run: () => void) => () => void
  readonly delayMs?: number
}): LinkWorld & { readonly part: (isApart: (a: string, b: string) => boolean) => void } {
  const { startTimer, delayMs = 1 } = options
  const takers = new Map<string, TakeLink>()
  let wires: Wire[] = []
  let isApart = (_a: string, _b: string) => false

  const lower = (wire: Wire, whys: readonly [string, string]) => {
    if (!wire.isUp) return
    wire.isUp = false
    wires = wires.filter(each => each !== wire)
    startTimer(0, () => {
      for (const [side, end] of wire.ends.entries()) end?.down(whys[side] ?? '')
    })
  }
  const linkOf = (wire: Wire, side: 0 | 1): Link => ({
    peer: wire.names[1 - side] ?? '',
    host: wire.names[1 - side] ?? '',
    send: (kind, bytes) => {
      if (!wire.isUp || wire.loads[side] + bytes.length > LINK_BYTES_MAX) return false
      wire.loads[side] += bytes.length
      const copy = Uint8Array.from(bytes)
      startTimer(delayMs, () => {
        wire.loads[side] -= copy.length
        if (wire.isUp) wire.ends[1 - side]?.receive(kind, copy)
      })
      return true
    },
    close: why => lower(wire, side === 0 ? [why, ENDED] : [ENDED, why])
  })
  const raise = (from: string, to: string, up: TakeLink, take: TakeLink) => {
    const old = wires.find(({ names }) => names[0] === from && names[1] === to)
    if (old) lower(old, [ENDED, ENDED])
    const wire: Wire = {
      ends: [undefined, undefined],
      names: [from, to],
      loads: [0, 0],
      isUp: true
    }
    wires.push(wire)
    wire.ends[1] = take(linkOf(wire, 1))
    wire.ends[0] = up(linkOf(wire, 0))
  }
  const die = (name: string) => {
    takers.delete(name)
    for (const wire of wires) if (wire.names.includes(name)) lower(wire, [ENDED, ENDED])
  }
  const sideOf = (name: string): Side => ({
    name,
    address: { host: name, port: 8883 },
    dial: ({ host }, { up, failed }) =>
      startTimer(delayMs, () => {
        const take = isApart(name, host) ? undefined : takers.get(host)
        if (take) raise(name, host, up, take)
        else failed(unreachable(host))
      }),
    die: async () => die(name)
  })
  return {
    open: async (name, take) => {
      takers.set(name, take)
      return sideOf(name)
    },
    part: next => {
      isApart = next
      for (const wire of wires) if (isApart(...wire.names)) lower(wire, [ENDED, ENDED])
    },
    close: async () => {
      for (const name of [...takers.keys()]) die(name)
    }
  }
}

const ENDED = 'The peer ended the link.'

const unreachable = (host: string): Fault =>
  new Fault({
    code: 'peer-unreachable',
    message: `Nobody answers at ${host}.`,
    fix: 'It is tried again by itself.',
    isRetryable: true
  })
