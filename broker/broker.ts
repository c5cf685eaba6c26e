import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { Fault, type Health } from '../node/core/ports.ts'
import {
  type Engine,
  type EngineLimits,
  type Heard,
  type Message,
  openEngine,
  type Stats
} from './engine.ts'
import { type Gate, localGate, type Visits } from './gate.ts'
import { createSecureServer, type Secure } from './secure.ts'

/** The stall's MQTT 3.1.1 broker: a way to tell programs things, never a place to keep them. */
export interface Broker {
  /** Where it listens. */
  readonly port: number
  /**
   * Tells everybody who subscribed. Returns at once and keeps nothing that a slow client has not
   * taken; QoS above 0 only helps clients that keep a session. A bad topic is a bug and throws.
   */
  readonly publish: (message: Message) => void
  /** Hears live messages in this process, retained ones not; gives the way to stop. */
  readonly subscribe: (filter: string, listener: (message: Heard) => void) => () => void
  /** To one client past all subscriptions, at QoS 0; false when it is gone or has no room. */
  readonly sendTo: Engine['sendTo']
  readonly hangUp: Engine['hangUp']
  readonly stats: () => Stats
  readonly health: () => Health
  /** Sends what is pending, for half a second at most, then ends every connection. */
  readonly close: () => Promise<void>
}

/** For a stall: 10,000 items have a price and a stock each, and a Pi has 512 MB. */
const LIMITS: EngineLimits = {
  clients: 64,
  subscriptions: 100,
  sessions: 64,
  queued: 1_000,
  queuedBytes: 1_048_576,
  retained: 32_768,
  retainedBytes: 16_777_216,
  guestRetained: 4_096,
  guestRetainedBytes: 4_194_304,
  inFlight: 1_000,
  outboundBytes: 262_144,
  packetBytes: 262_144,
  connectBytes: 8_192
}

const CLOSE_MS_MAX = 500
/** Connections that have not said CONNECT yet, above the clients that may be connected. */
const STRANGERS_MAX = 16

/**
 * Opens the broker. Rejects with a `Fault` when the address cannot be had, and throws a bug when
 * the aedes that is installed is not the one that the seams are made for.
 */
export async function openBroker(options: {
  port: number
  /** Null for every network of this machine. */
  host?: string | null
  gate?: Gate
  limits?: Partial<EngineLimits>
  visits?: Visits
  /** Speak TLS, and only with those whose certificate is good. */
  secure?: Secure
}): Promise<Broker> {
  const { port, host = '127.0.0.1', gate = localGate, visits, secure } = options
  const limits = { ...LIMITS, ...options.limits }
  const engine = await openEngine({ gate, limits, visits })
  const sockets = new Set<Socket>()
  const welcome = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    engine.welcome(socket)
  }
  const { server, shakeOff } = secure
    ? createSecureServer({ ...secure, welcome, refused: engine.refused })
    : { server: createServer({ noDelay: true }, welcome), shakeOff: () => {} }
  server.maxConnections = limits.clients + STRANGERS_MAX
  server.on('drop', () => engine.refused('A program came while too many were connecting.'))
  try {
    await listen(server, { port, host })
  } catch (error) {
    await engine.close()
    throw error
  }
  server.removeAllListeners('error')
  // What fails from here on is one connection that could not be accepted: file descriptors ran out.
  server.on('error', error => engine.refused(`A program could not come in: ${error.message}.`))
  const address = server.address()
  const openPort = typeof address === 'object' && address ? address.port : port
  const place = `${host ?? 'every network'}:${openPort}`
  return {
    port: openPort,
    publish: engine.publish,
    subscribe: engine.subscribe,
    sendTo: engine.sendTo,
    hangUp: engine.hangUp,
    stats: engine.stats,
    health: () => healthOf({ isOpen: server.listening, place, engine }),
    async close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      // What was published up to now is on its way through aedes' promises.
      await new Promise(setImmediate)
      await finish(sockets)
      await engine.close()
      for (const socket of sockets) socket.destroy()
      shakeOff()
      await closed
    }
  }
}

interface Place {
  readonly port: number
  readonly host: string | null
}

/** Without a host Node listens on IPv6 and IPv4, or on IPv4 alone where there is no IPv6. */
function listen(server: Server, { port, host }: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(faultOf(error, { port, host })))
    server.listen({ port, ...(host !== null && { host }) }, resolve)
  })
}

function faultOf(error: NodeJS.ErrnoException, { port, host }: Place): Fault {
  const place = host === null ? `port ${port}` : `${host}:${port}`
  switch (error.code) {
    case 'EADDRINUSE':
      return new Fault({
        code: 'port-in-use',
        message: `The MQTT broker cannot listen on ${place}: another program already does.`,
        fix: 'Stop that program (often mosquitto), or set port under [broker] in stall.toml.',
        isRetryable: true
      })
    case 'EACCES':
      return new Fault({
        code: 'port-not-allowed',
        message: `The MQTT broker may not listen on ${place}.`,
        fix: 'Set a port from 1024 up under [broker] in stall.toml.',
        isRetryable: false
      })
    default:
      return new Fault({
        code: 'broker-address',
        message: `The MQTT broker cannot listen on ${place}: ${error.message}.`,
        fix: `Check that this machine has the address ${host ?? '::'}, or leave the host out.`,
        isRetryable: true
      })
  }
}

/** Ends every connection after what is pending for it, for those that read. */
async function finish(sockets: ReadonlySet<Socket>): Promise<void> {
  const ended = [...sockets].map(
    socket =>
      new Promise<void>(resolve => {
        socket.once('close', () => resolve())
        socket.end(() => resolve())
      })
  )
  await Promise.race([Promise.all(ended), setTimeout(CLOSE_MS_MAX, undefined, { ref: false })])
}

function healthOf(options: { isOpen: boolean; place: string; engine: Engine }): Health {
  const { isOpen, place, engine } = options
  const name = 'broker'
  if (!isOpen) {
    return { name, state: 'down', sentence: 'The MQTT broker is closed.', fix: '' }
  }
  const [slow] = engine.behind()
  if (slow !== undefined) {
    return {
      name,
      state: 'degraded',
      sentence: `The program "${slow}" reads MQTT messages too slowly and misses some.`,
      fix: 'Restart that program; the others are not held up.'
    }
  }
  const { clients } = engine.stats()
  const programs = clients === 1 ? '1 program is' : `${clients} programs are`
  const last = engine.lastRefusal()
  const sentence = `MQTT on ${place}: ${programs} connected.${last && ` Last refused: ${last}`}`
  return { name, state: 'up', sentence, fix: '' }
}
