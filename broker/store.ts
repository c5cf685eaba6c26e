import { Readable } from 'node:stream'
import { lesserQos, type Packet } from './inside.ts'
import type { Retained } from './retained.ts'
import type { Sessions, Subscription } from './sessions.ts'

interface Named {
  readonly id: string
}

/**
 * Our retained messages and sessions in the shape that aedes asks its persistence for
 * (aedes-persistence 11, asyncPersistence.js). Nothing is on disk: broker queues are never
 * trusted with data.
 */
export function aedesStore(options: {
  retained: Retained
  sessions: Sessions
  dropped: () => void
}) {
  const { retained, sessions, dropped } = options
  /** Identifiers of QoS 2 packets from clients that await PUBREL [MQTT-4.3.3-2]. */
  const incoming = new Map<string, Set<number>>()
  const taken = new WeakSet<readonly Subscription[]>()
  return {
    setup: async () => {},
    storeRetained: async (packet: Packet) => {
      // Subscribers of this moment still get it, and the count tells of it.
      if (!retained.store(packet)) dropped()
    },
    createRetainedStreamCombi: (filters: readonly string[]) => streamOf(retained.match(filters)),
    // aedes hands over the whole SUBSCRIBE once for each filter in it: 60,000 filters in a packet
    // would be 3.6 thousand million steps.
    addSubscriptions: async ({ id }: Named, subscriptions: readonly Subscription[]) => {
      if (taken.has(subscriptions)) return
      taken.add(subscriptions)
      sessions.subscribe(id, subscriptions)
    },
    removeSubscriptions: async ({ id }: Named, filters: readonly string[]) =>
      sessions.unsubscribe(id, filters),
    subscriptionsByClient: async ({ id }: Named) => sessions.subscriptions(id),
    subscriptionsByTopic: async (topic: string) => sessions.interested(topic),
    cleanSubscriptions: async ({ id }: Named) => sessions.end(id),
    outgoingEnqueueCombi: async (
      wanted: readonly (Subscription & { readonly clientId: string })[],
      packet: Packet
    ) => {
      for (const { clientId, qos } of wanted) {
        const least = lesserQos(qos, packet.qos)
        sessions.enqueue(clientId, { ...packet, qos: least, retain: false })
      }
    },
    outgoingUpdate: async ({ id }: Named, packet: Packet) => sessions.sent(id, packet),
    // Clean sessions keep nothing, yet `ack` must carry the identifier for the in-flight count.
    outgoingClearMessageId: async ({ id }: Named, packet: { readonly messageId: number }) =>
      sessions.acknowledged(id, packet.messageId) ?? packet,
    outgoingStream: ({ id }: Named) => streamOf(sessions.queued(id)),
    // Only the identifier is kept, for aedes has published the message before it answers PUBREC.
    incomingStorePacket: async ({ id }: Named, { messageId }: { readonly messageId: number }) => {
      incoming.set(id, (incoming.get(id) ?? new Set()).add(messageId))
    },
    incomingGetPacket: async ({ id }: Named, packet: { readonly messageId: number }) => {
      if (!incoming.get(id)?.has(packet.messageId)) throw new Error('no such packet')
      return packet
    },
    incomingDelPacket: async ({ id }: Named, { messageId }: { readonly messageId: number }) => {
      if (!incoming.get(id)?.delete(messageId)) throw new Error('no such packet')
    },
    cleanIncoming: async ({ id }: Named) => void incoming.delete(id),
    // A will is kept by its connection, and both end with the process.
    putWill: async () => {},
    delWill: async () => undefined,
    streamWill: () => streamOf([])
  }
}

const streamOf = (packets: Iterable<Packet>): Readable => Readable.from(packets)
