import type { Duplex } from 'node:stream'
import { covers } from '../node/wire/topics.ts'
import type { createEncoder } from './encode.ts'
import { type ClientInside, lesserQos, type Packet, type QoS } from './inside.ts'
import type { Retained } from './retained.ts'
import type { Sessions } from './sessions.ts'
import type { Outbound } from './writes.ts'

export interface DeliveryLimits {
  /** What may wait for one client before QoS 0 is left out and QoS 1 hangs up. */
  readonly outboundBytes: number
  /** Messages with QoS above 0 that a client has not acknowledged. */
  readonly inFlight: number
  readonly subscriptions: number
}

export interface Delivery {
  /** Sends one QoS 0 message to this client alone; false when there is no room for it. */
  readonly push: (message: { readonly topic: string; readonly payload: Buffer }) => boolean
  readonly acknowledged: (id: number) => void
  readonly isBehind: () => boolean
}

/**
 * Hands messages to one client without ever waiting for it. Answers four faults of aedes 1.2.0:
 *
 * - It drops a QoS 1 message that a QoS 0 message overtook inside the broker, because it takes the
 *   lower count for a duplicate (aedes #955, #994); so 500 of 500 were lost in process. Here only
 *   the same message twice in a row is a duplicate, which is what overlapping filters make.
 * - It waits for a full socket, and the topics of others wait with it. Here a full client goes
 *   without: of retained topics it gets the newest value once there is room; other QoS 0 messages
 *   are lost to it; for QoS 1 and 2 it is hung up on, so that it resumes its session.
 * - It grants a wildcard's messages the publisher's QoS; [MQTT-3.3.5-1] says the greatest QoS of
 *   all the filters that match.
 * - It sends before CONNACK to sessions that resume [MQTT-3.2.0-1].
 */
export function deliverTo(options: {
  client: ClientInside
  socket: Duplex
  outbound: Outbound
  encode: ReturnType<typeof createEncoder>
  retained: Retained
  sessions: Sessions
  limits: DeliveryLimits
  delivered: () => void
  dropped: () => void
  hangUp: (why: string) => void
}): Delivery {
  const { client, socket, outbound, encode, retained, limits, delivered } = options
  const inFlight = createInFlight(options)
  const { owed, miss } = createOwed(options)
  let waiting: (() => void)[] = []
  const isRepeat = createRepeatCheck()

  const isFull = () => outbound.bytes() > limits.outboundBytes
  const send = (packet: Packet, qos: QoS, isRetained: boolean) => {
    const id = qos > 0 ? inFlight.take(packet) : 0
    outbound.write(encode(packet, { qos, isRetained, id }))
    delivered()
  }
  const deliver = (packet: Packet) => {
    const qos = packet.qos === 0 ? 0 : lesserQos(packet.qos, grantedQos(client, packet.topic) ?? 0)
    if (qos === 0) return isFull() ? miss(packet) : send(packet, 0, packet.retain)
    if (isFull()) return options.hangUp('reads too slowly')
    if (inFlight.size() >= limits.inFlight) return options.hangUp('acknowledges too slowly')
    send(packet, qos, packet.retain)
  }
  /** The answer to a SUBSCRIBE goes at the client's own pace, for it may be the whole catalogue. */
  const replay = (packet: Packet, done: () => void) => {
    if (socket.destroyed) return
    if (isFull() || inFlight.size() >= limits.inFlight) {
      if (waiting.length >= limits.subscriptions) return options.hangUp('subscribes too often')
      return void waiting.push(() => replay(packet, done))
    }
    // A newer value was sent live while this one waited, and must stay the last word.
    const isNewest = retained.get(packet.topic)?.payload === packet.payload
    if (isNewest) send(packet, lesserQos(packet.qos, grantedQos(client, packet.topic) ?? 0), true)
    done()
  }
  const makeRoom = () => {
    for (const topic of owed) {
      if (socket.destroyed || isFull()) return
      owed.delete(topic)
      if (grantedQos(client, topic) === undefined) continue
      send(retained.get(topic) ?? cleared(topic), 0, false)
    }
    const resumed = waiting
    waiting = []
    for (const resume of resumed) resume()
  }
  client.deliver0 = (packet, done) => {
    if (packet.brokerId === null) return replay(packet, done)
    const isEcho = packet.nl === true && packet.clientId === client.id
    // Before CONNACK a resumed session's messages stay in its queue, which is sent right after.
    if (!isRepeat(packet) && !isEcho && client.connackSent && !socket.destroyed) deliver(packet)
    done()
  }
  client.deliverQoS = client.deliver0
  socket.on('drain', makeRoom)
  return {
    push(message) {
      if (socket.destroyed || !client.connackSent || isFull()) return false
      send({ ...cleared(message.topic), payload: message.payload }, 0, false)
      return true
    },
    acknowledged(id) {
      inFlight.acknowledged(id)
      if (waiting.length > 0) makeRoom()
    },
    isBehind: () => owed.size > 0 || isFull()
  }
}

const OWED_MAX = 32_768

/** Retained topics whose newest value a client has missed. */
function createOwed({ retained, dropped }: { retained: Retained; dropped: () => void }) {
  const owed = new Set<string>()
  const miss = ({ topic, payload }: Packet) => {
    const isState = retained.get(topic) !== undefined || payload.length === 0
    if (isState && owed.size < OWED_MAX) owed.add(topic)
    else dropped()
  }
  return { owed, miss }
}

/** The greatest QoS of the filters that match, or undefined when none does [MQTT-3.3.5-1]. */
function grantedQos({ subscriptions }: ClientInside, topic: string): QoS | undefined {
  let granted: QoS | undefined
  for (const filter in subscriptions) {
    const qos = subscriptions[filter]?.qos
    if (qos === undefined || qos <= (granted ?? -1) || !covers(filter, topic)) continue
    granted = qos
  }
  return granted
}

/** What this connection has been sent with QoS above 0 and has not acknowledged. */
function createInFlight({ client, sessions }: { client: ClientInside; sessions: Sessions }) {
  const ids = new Set<number>()
  const isInUse = (id: number) => ids.has(id) || (!client.clean && sessions.isInUse(client.id, id))
  return {
    size: () => ids.size,
    /** A packet identifier not in use [MQTT-2.3.1-2]; aedes goes on from it in `_nextId`. */
    take(packet: Packet): number {
      let id = client._nextId
      while (isInUse(id)) id = id >= 65_535 ? 1 : id + 1
      client._nextId = id >= 65_535 ? 1 : id + 1
      ids.add(id)
      if (!client.clean) sessions.sent(client.id, { ...packet, messageId: id })
      return id
    },
    acknowledged: (id: number) => void ids.delete(id)
  }
}

/** Whether this is the message before again: overlapping filters bring it once for each. */
function createRepeatCheck(): (packet: Packet) => boolean {
  let last: Packet | null = null
  return packet => {
    const isSame = last?.brokerCounter === packet.brokerCounter && last.brokerId === packet.brokerId
    last = packet
    return isSame
  }
}

const cleared = (topic: string): Packet => ({
  cmd: 'publish',
  topic,
  payload: Buffer.alloc(0),
  qos: 0,
  retain: false,
  brokerId: '',
  brokerCounter: 0
})
