import { covers } from '../node/wire/topics.ts'
import type { Packet, QoS } from './inside.ts'

/** What outlives a connection of a client that asked for it with clean=0 [MQTT-3.1.2-4]. */
export interface Sessions {
  readonly subscribe: (client: string, subscriptions: readonly Subscription[]) => void
  readonly unsubscribe: (client: string, filters: readonly string[]) => void
  readonly subscriptions: (client: string) => readonly Subscription[]
  readonly end: (client: string) => void
  /** Whose session wants this topic with QoS above 0, each once, with its greatest QoS. */
  readonly interested: (topic: string) => readonly (Subscription & { readonly clientId: string })[]
  readonly enqueue: (client: string, packet: Packet) => void
  /** Notes the packet identifier that a queued message was sent with, or the PUBREL after it. */
  readonly sent: (client: string, packet: Packet) => void
  readonly acknowledged: (client: string, id: number) => Packet | undefined
  /** Whether a queued message holds this packet identifier [MQTT-2.3.1-2]. */
  readonly isInUse: (client: string, id: number) => boolean
  /** What is to be sent again after a reconnect, oldest first [MQTT-4.4.0-1]. */
  readonly queued: (client: string) => readonly Packet[]
  readonly size: () => number
}

export interface Subscription {
  readonly topic: string
  readonly qos: QoS
  readonly rh?: number
  readonly rap?: boolean
  readonly nl?: boolean
}

export interface SessionLimits {
  readonly sessions: number
  readonly subscriptions: number
  readonly queued: number
  readonly queuedBytes: number
}

interface Session {
  readonly filters: Map<string, Subscription>
  /** By the broker's own count, which grows with each message. */
  readonly queue: Map<number, Packet>
  readonly counters: Map<number, number>
  bytes: number
}

/**
 * Sessions in memory, each with a limit on what waits in it. They end with the process: MQTT is
 * transport here, and a program that must not miss a sale reads the ledger over HTTP.
 *
 * aedes' memory queues without limit, searches that queue from the front for each message and
 * each acknowledgement (20,000 waiting messages took 24 s to drain), and forgets no session.
 */
export function createSessions(options: {
  limits: SessionLimits
  isConnected: (client: string) => boolean
  dropped: () => void
}): Sessions {
  const { limits, isConnected, dropped } = options
  const sessions = new Map<string, Session>()
  const open = (client: string): Session => {
    const known = sessions.get(client)
    if (known) return known
    if (sessions.size >= limits.sessions) endOldest(sessions, isConnected)
    const session = { filters: new Map(), queue: new Map(), counters: new Map(), bytes: 0 }
    sessions.set(client, session)
    return session
  }
  return {
    subscribe(client, subscriptions) {
      const { filters } = open(client)
      for (const subscription of subscriptions) {
        if (filters.size >= limits.subscriptions && !filters.has(subscription.topic)) return
        filters.set(subscription.topic, subscription)
      }
    },
    unsubscribe(client, filters) {
      for (const filter of filters) sessions.get(client)?.filters.delete(filter)
    },
    subscriptions: client => [...(sessions.get(client)?.filters.values() ?? [])],
    end: client => void sessions.delete(client),
    interested: topic =>
      [...sessions].flatMap(([clientId, { filters }]) => {
        const best = bestOf([...filters.values()], topic)
        return best ? [{ ...best, clientId }] : []
      }),
    enqueue(client, packet) {
      const session = open(client)
      session.queue.set(packet.brokerCounter, packet)
      session.bytes += bytesOf(packet)
      while (session.queue.size > limits.queued || session.bytes > limits.queuedBytes) {
        if (!dropOldest(session)) return
        dropped()
      }
    },
    sent(client, packet) {
      const session = sessions.get(client)
      if (!session || packet.messageId === undefined) return
      const counter = session.counters.get(packet.messageId) ?? packet.brokerCounter
      const queued = session.queue.get(counter)
      if (!queued) return
      session.counters.set(packet.messageId, counter)
      const kept = packet.cmd === 'pubrel' ? packet : { ...queued, messageId: packet.messageId }
      session.queue.set(counter, kept)
      session.bytes += bytesOf(kept) - bytesOf(queued)
    },
    acknowledged(client, id) {
      const session = sessions.get(client)
      const counter = session?.counters.get(id)
      if (!session || counter === undefined) return undefined
      return forget(session, counter)
    },
    isInUse: (client, id) => sessions.get(client)?.counters.has(id) ?? false,
    // What was sent before may have arrived, and says so with DUP [MQTT-3.3.1-1].
    queued: client =>
      [...(sessions.get(client)?.queue.values() ?? [])].map(packet =>
        packet.messageId === undefined || packet.cmd === 'pubrel'
          ? packet
          : { ...packet, dup: true }
      ),
    size: () => sessions.size
  }
}

/** Of those nobody uses, the one that began first. */
function endOldest(sessions: Map<string, Session>, isConnected: (client: string) => boolean): void {
  const unused = [...sessions.keys()].find(client => !isConnected(client))
  if (unused !== undefined) sessions.delete(unused)
}

const bestOf = (subscriptions: readonly Subscription[], topic: string): Subscription | null =>
  subscriptions
    .filter(({ qos, topic: filter }) => qos > 0 && covers(filter, topic))
    .reduce<Subscription | null>((a, b) => (a && a.qos >= b.qos ? a : b), null)

function dropOldest(session: Session): boolean {
  const [oldest] = session.queue.keys()
  return oldest !== undefined && forget(session, oldest) !== undefined
}

function forget(session: Session, counter: number): Packet | undefined {
  const packet = session.queue.get(counter)
  if (!packet) return undefined
  session.queue.delete(counter)
  session.bytes -= bytesOf(packet)
  if (packet.messageId !== undefined) session.counters.delete(packet.messageId)
  return packet
}

/** A PUBREL has neither topic nor payload. */
const bytesOf = (packet: Partial<Packet>): number =>
  (packet.topic?.length ?? 0) + (packet.payload?.length ?? 0)
