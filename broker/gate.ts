import type { Duplex } from 'node:stream'
import type { AuthenticateError, Client, ConnectPacket } from 'aedes'
import { isInTree, isTopicFilter, isTopicName } from '../node/wire/topics.ts'

/** Who may come in and what they may say and hear. The mesh brings its own, by certificate. */
export interface Gate {
  readonly mayEnter: (guest: Guest) => boolean
  readonly mayPublish: (guest: Guest, topic: string) => boolean
  readonly mayRead: (guest: Guest, filter: string) => boolean
}

/** A program at the other end of a connection. */
export interface Guest {
  /** Its MQTT client identifier. */
  readonly id: string
  readonly socket: Duplex
}

/** Who wants to know of guests that come to stay. */
export interface Visits {
  /**
   * A guest may read a filter from now on. Nothing that it sends after asking for it is heard
   * before this. `will` is the payload that it left for the case that it dies.
   */
  readonly reads: (guest: Guest & { readonly will: Buffer | undefined }, filter: string) => void
  readonly left: (guest: Guest) => void
}

/** For programs on this machine: they read everything and leave the stall's tree to the stall. */
export const localGate: Gate = {
  mayEnter: () => true,
  mayPublish: (_guest, topic) => !isInTree(topic) && !topic.startsWith('$'),
  mayRead: () => true
}

export interface GateLimits {
  readonly clients: number
  readonly subscriptions: number
  /** Topics that all guests together may leave retained messages on. */
  readonly guestRetained: number
  /** So that programs cannot take the room that the stall's own tree needs. */
  readonly guestRetainedBytes: number
}

const CLIENT_ID_LENGTH_MAX = 256

/** CONNACK return codes of MQTT 3.1.1, 3.2.2.3. */
const IDENTIFIER_REJECTED = 2
const SERVER_UNAVAILABLE = 3
const NOT_AUTHORIZED = 5

/**
 * The gate in the shape of aedes' hooks. `refused` hears a sentence for people.
 *
 * MQTT 3.1.1 cannot tell a client that it may not publish: the broker may acknowledge and forget,
 * or hang up [MQTT-3.3.5-2]. Here it hangs up, because a program that believes it has changed a
 * price is worse off than one that reconnects in a loop and gets looked at.
 */
export function guardWith(options: {
  gate: Gate
  limits: GateLimits
  isConnected: (id: string) => boolean
  connected: () => number
  refused: (why: string) => void
  visits?: Visits | undefined
}) {
  const { gate, limits, refused, visits } = options
  const hellos = new WeakMap<Client, ConnectPacket>()
  const filters = new WeakMap<Client, Set<string>>()
  const mayRetain = createAllowance(limits)

  const refuse = (client: Client, why: string): Error => {
    const sentence = `The program "${client.id ?? ''}" ${why}.`
    refused(sentence)
    return new Error(sentence)
  }
  return {
    preConnect(client: Client, packet: ConnectPacket, done: (error: null, ok: boolean) => void) {
      hellos.set(client, packet)
      done(null, true)
    },
    authenticate(
      client: Client,
      _user: unknown,
      _password: unknown,
      done: (error: AuthenticateError | null, ok: boolean | null) => void
    ) {
      const no = whyNotIn({ ...options, client, hello: hellos.get(client) })
      if (!no) return done(null, true)
      const [returnCode, why] = no
      done(Object.assign(refuse(client, why), { returnCode }), null)
    },
    authorizePublish(client: Client | null, packet: Published, done: (error?: Error) => void) {
      const why = client && whyNotPublished({ ...options, client, packet, mayRetain })
      done(client && why ? refuse(client, why) : undefined)
    },
    authorizeSubscribe<Wish extends { readonly topic: string }>(
      client: Client,
      wish: Wish,
      done: (error: Error | null, wish?: Wish | null) => void
    ) {
      if (!isTopicFilter(wish.topic)) {
        return done(refuse(client, 'asked for a filter that MQTT does not allow'))
      }
      const guest = { id: client.id, socket: client.conn }
      const own = filters.get(client) ?? new Set()
      filters.set(client, own)
      const hasRoom = own.has(wish.topic) || own.size < limits.subscriptions
      // SUBACK 0x80 says no to this one filter [MQTT-3.9.3-2].
      if (!hasRoom || !gate.mayRead(guest, wish.topic)) {
        refuse(client, `may not subscribe to ${wish.topic}`)
        return done(null, null)
      }
      own.add(wish.topic)
      const will = hellos.get(client)?.will?.payload
      visits?.reads({ ...guest, will: will === undefined ? will : Buffer.from(will) }, wish.topic)
      done(null, wish)
    },
    unsubscribed(client: Client, gone: readonly string[]) {
      for (const filter of gone) filters.get(client)?.delete(filter)
    }
  }
}

/** The return code of CONNACK and the reason, or null for a welcome guest. */
function whyNotIn(options: {
  gate: Gate
  limits: GateLimits
  client: Client
  hello: ConnectPacket | undefined
  isConnected: (id: string) => boolean
  connected: () => number
}): readonly [returnCode: number, why: string] | null {
  const { gate, limits, client, hello, isConnected, connected } = options
  const guest = { id: client.id, socket: client.conn }
  // aedes makes up an identifier for such a session, which nobody could ever resume.
  if (!hello || (hello.clientId === '' && !hello.clean)) {
    return [IDENTIFIER_REJECTED, 'wants a session and gave no client id [MQTT-3.1.3-8]']
  }
  if (hello.clientId.length > CLIENT_ID_LENGTH_MAX) {
    return [IDENTIFIER_REJECTED, `has a client id over ${CLIENT_ID_LENGTH_MAX} characters`]
  }
  if (connected() >= limits.clients && !isConnected(client.id)) {
    return [SERVER_UNAVAILABLE, `is one more than the ${limits.clients} that may connect`]
  }
  const will = hello.will?.topic
  if (!gate.mayEnter(guest)) return [NOT_AUTHORIZED, 'may not connect']
  if (will !== undefined && !(isTopicName(will) && gate.mayPublish(guest, will))) {
    return [NOT_AUTHORIZED, `has a will for ${will}, where it may not publish`]
  }
  return null
}

function whyNotPublished(options: {
  gate: Gate
  client: Client
  packet: Published
  mayRetain: (topic: string, bytes: number) => boolean
}): string | null {
  const { gate, client, packet, mayRetain } = options
  const { topic, retain, payload } = packet
  const guest = { id: client.id, socket: client.conn }
  if (!isTopicName(topic)) return 'published to a topic that MQTT does not allow'
  if (!gate.mayPublish(guest, topic)) return `published to ${topic}, where it may only read`
  if (!retain || mayRetain(topic, payload.length)) return null
  return 'retained more than there is room for'
}

/** Counts what guests leave behind, by topic; an empty payload gives the room back. */
function createAllowance(limits: GateLimits): (topic: string, bytes: number) => boolean {
  const left = new Map<string, number>()
  let total = 0
  return (topic, bytes) => {
    const grown = total - (left.get(topic) ?? 0) + bytes
    if (bytes === 0) left.delete(topic)
    else if (grown > limits.guestRetainedBytes) return false
    else if (!left.has(topic) && left.size >= limits.guestRetained) return false
    else left.set(topic, bytes)
    total = grown
    return true
  }
}

interface Published {
  readonly topic: string
  readonly retain: boolean
  readonly payload: Buffer | string
}
