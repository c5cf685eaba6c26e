import type { Address } from '../core/ports.ts'
import { Malformed } from './canonical.ts'
import { decode, encode, type Value } from './codec.ts'
import { bool, plain, type Shape, uint } from './shape.ts'

/**
 * "A stall of this market listens at this port of where this came from." It is not signed: an
 * address is only proposed, and whoever lies in one fails at the certificate.
 */
export interface Beacon {
  readonly market: string
  readonly stall: string
  /** Where its broker listens for peers. */
  readonly port: number
  /** Drawn at each start: tells a restarted stall, a copy of it, and one's own echo. */
  readonly run: number
  /** The sender is new here and would like to be answered. */
  readonly isAsking: boolean
}

/** One unfragmented datagram on any network. */
export const BEACON_BYTES_MAX = 512
/** Addresses that one peer is told of at a time. */
export const ADDRESSES_MAX = 32

const VERSION = 1

/** `["stallmesh", 1, market, stall, port, run, isAsking]`; later places are a newer program's. */
export const encodeBeacon = ({ market, stall, port, run, isAsking }: Beacon): Uint8Array =>
  encode([
    NAME,
    VERSION,
    marketName.encode(market),
    stallName.encode(stall),
    portNumber.encode(port),
    uint.encode(run),
    bool.encode(isAsking)
  ])

/** Throws `Malformed`. */
export function decodeBeacon(bytes: Uint8Array): Beacon {
  if (bytes.length > BEACON_BYTES_MAX) throw new Malformed(BEACON_BYTES_MAX, 'too long')
  const value = decode(bytes)
  if (!Array.isArray(value) || value.length < 7) throw new Malformed(0, 'not 7 fields')
  const [name, , market = null, stall = null, port = null, run = null, isAsking = null] = value
  if (name !== NAME) throw new Malformed(0, 'not a beacon')
  return {
    market: marketName.decode(market),
    stall: stallName.decode(stall),
    port: portNumber.decode(port),
    run: uint.decode(run),
    isAsking: bool.decode(isAsking)
  }
}

/** Where somebody was reached, and who it was by its certificate. */
export interface PeerAddress extends Address {
  readonly stall: string
}

/** What peers tell one another, on links only. */
export interface Whereabouts {
  /** Where the sender's own broker listens, at the address that it is linked from. */
  readonly port: number
  /** Where it reached others. */
  readonly peers: readonly PeerAddress[]
}

/** `[port, stall, host, port, stall, host, port, …]`. */
export const encodeWhereabouts = ({ port, peers }: Whereabouts): Uint8Array =>
  encode([
    portNumber.encode(port),
    ...peers.flatMap(({ stall, host, port }) => [
      stallName.encode(stall),
      hostName.encode(host),
      portNumber.encode(port)
    ])
  ])

/** Throws `Malformed`. */
export function decodeWhereabouts(bytes: Uint8Array): Whereabouts {
  const value = bytes.length <= ADDRESSES_MAX * 320 ? decode(bytes) : null
  const isList = Array.isArray(value) && value.length % 3 === 1
  if (!isList || value.length > 1 + 3 * ADDRESSES_MAX) throw new Malformed(0, 'not whereabouts')
  const count = (value.length - 1) / 3
  return {
    port: portNumber.decode(value[0] ?? null),
    peers: Array.from({ length: count }, (_, row) => addressOf(value, 1 + 3 * row))
  }
}

const addressOf = (value: readonly Value[], at: number): PeerAddress => ({
  stall: stallName.decode(value[at] ?? null),
  host: hostName.decode(value[at + 1] ?? null),
  port: portNumber.decode(value[at + 2] ?? null)
})

const NAME = 'stallmesh'

const matching = (name: string, shape: RegExp): Shape<string> =>
  plain(name, (value): value is string => typeof value === 'string' && shape.test(value))

const stallName = matching("a stall's id", /^[a-z0-9][a-z0-9-]{0,63}$/)
const marketName = matching("a market's domain", /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/)
/** A name or an address, an IPv6 one perhaps with its network. */
const hostName = matching('a host', /^[A-Za-z0-9.:_-]{1,200}(%[A-Za-z0-9._-]{1,32})?$/)
const portNumber = plain(
  'a port',
  (value): value is number => Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536
)
