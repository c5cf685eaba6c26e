import type { Duplex } from 'node:stream'
import { Aedes, type Client } from 'aedes'
import { isTopicFilter, isTopicName } from '../node/wire/topics.ts'
import { type Delivery, type DeliveryLimits, deliverTo } from './delivery.ts'
import { createEncoder } from './encode.ts'
import { type Gate, type GateLimits, guardWith, type Visits } from './gate.ts'
import { checkInside, insideOf, type Packet, type QoS } from './inside.ts'
import { limitPackets } from './limit.ts'
import { createMatcher, type Listener } from './matcher.ts'
import { createRetained, type RetainedLimits } from './retained.ts'
import { createSessions, type SessionLimits } from './sessions.ts'
import { aedesStore } from './store.ts'
import { createCoalescer } from './writes.ts'

/** aedes with our matcher, store and gate in it and our seams on every client; knows no ports. */
export interface Engine {
  readonly welcome: (socket: Duplex) => void
  readonly publish: (message: Message) => void
  readonly subscribe: (filter: string, listener: (message: Heard) => void) => () => void
  /** To one client past all subscriptions, at QoS 0; false when it is gone or has no room. */
  readonly sendTo: (id: string, message: Message) => boolean
  readonly hangUp: (id: string, why: string) => void
  readonly stats: () => Stats
  /** Client ids of those who read too slowly now. */
  readonly behind: () => readonly string[]
  readonly refused: (why: string) => void
  /** A sentence, or nothing. */
  readonly lastRefusal: () => string
  readonly close: () => Promise<void>
}

export interface Message {
  readonly topic: string
  readonly payload: Uint8Array | string
  readonly qos?: QoS
  /** The newest is kept for those who subscribe later; an empty payload clears the topic. */
  readonly isRetained?: boolean
}

/** `from` is the client id of the program that published; null for this process. */
export interface Heard {
  readonly topic: string
  readonly payload: Buffer
  readonly from: string | null
}

export interface Stats {
  readonly clients: number
  readonly sessions: number
  readonly retained: number
  /** Messages handed to sockets. */
  readonly delivered: number
  /** Messages that a slow client, a full session or the retained limit did without. */
  readonly dropped: number
  /** Connections ended for reading or acknowledging too slowly, or a packet too large. */
  readonly hungUp: number
  /** Connections, messages and subscriptions that the gate refused. */
  readonly refused: number
}

export interface EngineLimits extends DeliveryLimits, GateLimits, RetainedLimits, SessionLimits {
  readonly packetBytes: number
  /** Before CONNACK, from strangers: a client id, a will, a password. */
  readonly connectBytes: number
}

const CONNECT_MS_MAX = 10_000
/** How long a client may leave its acknowledgements unread before it is hung up on. */
const DRAIN_MS_MAX = 10_000

export async function openEngine(options: {
  gate: Gate
  limits: EngineLimits
  visits?: Visits | undefined
}): Promise<Engine> {
  const { gate, limits, visits } = options
  const tally = createTally()
  const { refused, dropped, delivered } = tally
  const connected = new Map<string, Client>()
  const isConnected = (id: string) => connected.has(id)
  const matcher = createMatcher<Packet>()
  const retained = createRetained(limits)
  const sessions = createSessions({ limits, isConnected, dropped })
  const size = () => connected.size
  const guard = guardWith({ gate, limits, isConnected, connected: size, refused, visits })
  const persistence = aedesStore({ retained, sessions, dropped })
  const aedes = await openAedes({ mq: matcher, persistence, guard })
  const deliveries = new WeakMap<Client, Delivery>()
  aedes.on('client', client => connected.set(client.id, client))
  aedes.on('clientDisconnect', client => {
    if (connected.get(client.id) === client) connected.delete(client.id)
    visits?.left({ id: client.id, socket: client.conn })
  })
  aedes.on('unsubscribe', (filters, client) => guard.unsubscribed(client, filters))
  aedes.on('ack', ({ messageId }, client) => {
    if (messageId !== undefined) deliveries.get(client)?.acknowledged(messageId)
  })
  const coalesce = createCoalescer()
  const encode = createEncoder()
  const hangUpOn = ({ id, conn }: Client, why: string) => {
    if (conn.destroyed) return
    tally.hungUp(`The program "${id ?? ''}" ${why}.`)
    conn.destroy()
  }
  return {
    welcome(socket) {
      const outbound = coalesce(socket, limits.outboundBytes)
      const client = aedes.handle(socket)
      const inside = insideOf(client)
      const hangUp = (why: string) => hangUpOn(client, why)
      limitPackets({
        parser: inside._parser,
        bytesMax: () => (inside.connackSent ? limits.packetBytes : limits.connectBytes),
        tooLarge: bytes => hangUp(`sent a packet of ${bytes} bytes`)
      })
      const parts = { client: inside, socket, outbound, encode, retained, sessions, limits }
      deliveries.set(client, deliverTo({ ...parts, delivered, dropped, hangUp }))
    },
    publish: message => publishInto(aedes, message),
    subscribe: (filter, listener) => subscribeTo({ matcher, filter, listener }),
    sendTo(id, { topic, payload }) {
      const client = connected.get(id)
      // Encoding copies the bytes, so that the caller may use its buffer anew.
      return (client && deliveries.get(client)?.push({ topic, payload: viewOf(payload) })) ?? false
    },
    hangUp(id, why) {
      const client = connected.get(id)
      if (client) hangUpOn(client, why)
    },
    stats: () => ({
      ...tally.counts,
      clients: connected.size,
      sessions: sessions.size(),
      retained: retained.size()
    }),
    behind: () =>
      [...connected].filter(([, client]) => deliveries.get(client)?.isBehind()).map(([id]) => id),
    refused,
    lastRefusal: tally.last,
    close: () => new Promise(resolve => aedes.close(() => resolve()))
  }
}

/** Counts for `stats`, and keeps the newest reason for people. */
function createTally() {
  const counts = { delivered: 0, dropped: 0, hungUp: 0, refused: 0 }
  let last = ''
  return {
    counts,
    last: () => last,
    refused(why: string) {
      counts.refused += 1
      last = why
    },
    hungUp(why: string) {
      counts.hungUp += 1
      last = why
    },
    dropped() {
      counts.dropped += 1
    },
    delivered() {
      counts.delivered += 1
    }
  }
}

const viewOf = (payload: Uint8Array | string): Buffer =>
  typeof payload === 'string'
    ? Buffer.from(payload)
    : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)

async function openAedes(options: {
  mq: ReturnType<typeof createMatcher<Packet>>
  persistence: ReturnType<typeof aedesStore>
  guard: ReturnType<typeof guardWith>
}): Promise<Aedes> {
  const { mq, persistence, guard } = options
  const aedes = await Aedes.createBroker({
    mq,
    persistence,
    connectTimeout: CONNECT_MS_MAX,
    drainTimeout: DRAIN_MS_MAX,
    preConnect: guard.preConnect,
    authenticate: guard.authenticate,
    authorizePublish: guard.authorizePublish,
    authorizeSubscribe: guard.authorizeSubscribe
  })
  checkInside(aedes)
  return aedes
}

function publishInto(aedes: Aedes, message: Message): void {
  const { topic, payload, qos = 0, isRetained: retain = false } = message
  if (!isTopicName(topic)) throw new TypeError(`Not a topic to publish to: ${topic}`)
  // The bytes are copied, for a subscriber may get them after the caller has used its buffer anew.
  const packet = { cmd: 'publish' as const, topic, payload: Buffer.from(payload), qos, retain }
  aedes.publish({ ...packet, dup: false }, error => {
    // The topic is checked and our store does not fail, so this is a bug.
    if (error) throw error
  })
}

function subscribeTo(options: {
  matcher: ReturnType<typeof createMatcher<Packet>>
  filter: string
  listener: (message: Heard) => void
}): () => void {
  const { matcher, filter, listener } = options
  if (!isTopicFilter(filter)) throw new TypeError(`Not a topic filter: ${filter}`)
  const hear: Listener<Packet> = ({ topic, payload, clientId = null }) =>
    listener({ topic, payload, from: clientId })
  matcher.on(filter, hear)
  return () => matcher.removeListener(filter, hear)
}
