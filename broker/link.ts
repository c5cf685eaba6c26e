import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import type { MqttClient } from 'mqtt'
import { type Address, type Dial, Fault, type Link, type LinkEvents } from '../node/core/ports.ts'
import { inboxOf, outboxFilter, readOutbox } from '../node/wire/topics.ts'
import { watchLengths } from './lengths.ts'
import { openMeter } from './meter.ts'

/** Makes links by dialling peers' brokers. */
export interface Dialler {
  readonly dial: Dial
  /** Looks at every peer's certificate again, for the market may have shut it out. */
  readonly recheck: () => void
  readonly close: () => Promise<void>
}

/** Who showed a certificate, or why that is nobody here. */
export type Judge = (
  der: Uint8Array | undefined
) => { readonly stall: string } | { readonly refused: string; readonly sentence: string }

export interface DiallerOptions {
  /** This stall's name, as its certificate has it. */
  readonly self: string
  readonly tls: ConnectionOptions
  readonly judge: Judge
  /** Left at the peer for the case that this stall dies; another one for each link. */
  readonly will: () => Uint8Array
  readonly now: () => number
}

/** Sooner than TCP would notice a dead peer: after one and a half times this. */
const KEEPALIVE_S = 5
/** For connection and handshakes together: fifty stalls may be starting on one machine. */
const DIAL_MS_MAX = 10_000
/** Room for the longest message that sync sends, cut in pieces. */
export const LINK_BYTES_MAX = 1_310_720
/** What a peer's broker takes; `PIECE_BYTES` of the mesh is half of it. */
export const PACKET_BYTES_MAX = 262_144
/** Sync is far below both; who is above has lost its senses or is no friend. */
export const MESSAGES_PER_S_MAX = 2_000

/**
 * MQTT.js over mutual TLS. It is loaded with the first dial, for it costs as much as a whole till.
 * It reconnects by itself, every second and in step with all others; here it never does: whoever
 * chose to dial chooses anew.
 */
export function openDialler(options: DiallerOptions): Dialler {
  const open = new Set<Dialled>()
  let isClosed = false
  return {
    dial: (to, call) => {
      let isCalledOff = false
      let dialled: Dialled | undefined
      // First, for loading it holds up everything, also a handshake that has begun.
      void import('mqtt').then(({ MqttClient }) => {
        if (isCalledOff || isClosed) return
        const fresh = openDialled({ ...options, MqttClient, to, call }, () => open.delete(fresh))
        open.add(fresh)
        dialled = fresh
      })
      return () => {
        isCalledOff = true
        void dialled?.end('Nobody waits for it any more.')
      }
    },
    recheck: () => {
      for (const { recheck } of [...open]) recheck()
    },
    close: async () => {
      isClosed = true
      await Promise.all([...open].map(({ end }) => end('The stall stops.')))
    }
  }
}

interface Dialled {
  readonly recheck: () => void
  /** Settles when the connection is gone. */
  readonly end: (why: string) => Promise<void>
}

interface Dialling extends DiallerOptions {
  readonly MqttClient: typeof import('mqtt').MqttClient
  readonly to: Address
  readonly call: Parameters<Dial>[1]
}

function openDialled(dialling: Dialling, closed: () => void): Dialled {
  const { tls, judge, to, call } = dialling
  const socket = connect({ ...tls, host: to.host, port: to.port })
  let events: LinkEvents | undefined
  let close: Link['close'] | undefined
  let isCalledOff = false
  let why: { readonly text: string; readonly code: string } | undefined
  const fail = (text: string, code = 'peer-lost') => {
    why ??= { text, code }
    socket.destroy()
  }
  const up = (link: Link) => {
    clearTimeout(timer)
    close = link.close
    events = call.up(link)
    return events
  }
  const timer = setTimeout(() => fail('It does not answer.', 'peer-silent'), DIAL_MS_MAX)
  socket.setNoDelay(true)
  socket.on('error', error => fail(`${error.message}.`, 'peer-unreachable'))
  const gone = new Promise<void>(resolve => {
    socket.once('close', () => {
      clearTimeout(timer)
      closed()
      const { text, code } = why ?? { text: 'The peer ended the link.', code: 'peer-lost' }
      if (events) events.down(text)
      else if (!isCalledOff) call.failed(faultOf({ to, text, code }))
      resolve()
    })
  })
  /** Kept, for a client's socket forgets it soon after the handshake. */
  let shown: Uint8Array | undefined
  socket.once('secureConnect', () => {
    shown = socket.getPeerX509Certificate()?.raw
    const judged = judge(shown)
    if (!('stall' in judged)) return fail(judged.sentence, `peer-${judged.refused}`)
    speak({ ...dialling, socket, up, fail, peer: judged.stall })
  })
  return {
    recheck: () => {
      if (!events) return
      const judged = judge(shown)
      if (!('stall' in judged)) fail(judged.sentence)
    },
    end: text => {
      isCalledOff = true
      if (close) close(text)
      else fail(text)
      return gone
    }
  }
}

interface Speaking extends Dialling {
  readonly peer: string
  readonly socket: TLSSocket
  readonly up: (link: Link) => LinkEvents
  /** Ends it, whatever it has become. */
  readonly fail: (why: string, code?: string) => void
}

/** From here on it is MQTT with somebody who is known. */
function speak({ self, peer, socket, will, now, up, fail, MqttClient }: Speaking): void {
  const tooLarge = (bytes: number) => fail(`It sent a packet of ${bytes} bytes.`)
  socket.on('data', watchLengths({ bytesMax: PACKET_BYTES_MAX, tooLarge }))
  const client = new MqttClient(() => socket, {
    clientId: self,
    protocolVersion: 4,
    clean: true,
    keepalive: KEEPALIVE_S,
    // Only a PINGRESP proves the way there and back; with news coming in, none would be asked for.
    reschedulePings: false,
    timerVariant: 'native',
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    connectTimeout: DIAL_MS_MAX,
    will: { topic: inboxOf({ peer: self, kind: 'death' }), payload: Buffer.from(will()), qos: 0 }
  })
  const meter = openMeter({ now, perSecond: MESSAGES_PER_S_MAX })
  let events: LinkEvents | undefined
  client.on('error', error => fail(`${error.message}.`))
  client.once('connect', () => {
    // The subscription leaves first, so that the peer knows the link before it hears anything.
    client.subscribe(outboxFilter(self), { qos: 0 }, error => {
      if (error) fail('It gives this stall no outbox.')
    })
    events = up(linkOver({ client, socket, self, peer, fail }))
  })
  client.on('message', (topic, payload) => {
    const outbox = readOutbox(topic)
    if (outbox?.peer !== self) return
    if (meter.isTooMuch(1)) return fail('It sends more than anybody can read.')
    events?.receive(outbox.kind, payload)
  })
}

function linkOver(options: {
  client: MqttClient
  socket: TLSSocket
  self: string
  peer: string
  fail: (why: string) => void
}): Link {
  const { client, socket, self, peer, fail } = options
  return {
    peer,
    host: hostOf(socket),
    send: (kind, bytes) => {
      if (socket.destroyed || client.disconnecting) return false
      if (socket.writableLength + bytes.length > LINK_BYTES_MAX) return false
      const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      client.publish(inboxOf({ peer: self, kind }), payload, { qos: 0 })
      return true
    },
    // With a DISCONNECT, so that the peer does not take it for a death.
    close: why => {
      if (socket.destroyed) return
      client.end(false, {}, () => fail(why))
      setTimeout(() => fail(why), CLOSE_MS_MAX).unref()
    }
  }
}

const CLOSE_MS_MAX = 500

/** IPv4 through a socket of IPv6 (RFC 4291 2.5.5.2) is IPv4. */
export const hostOf = ({ remoteAddress = '' }: TLSSocket): string =>
  remoteAddress.replace(/^::ffff:(?=\d+\.)/, '')

function faultOf({ to, text, code }: { to: Address; text: string; code: string }): Fault {
  const isStranger = code === 'peer-other-market'
  return new Fault({
    code,
    message: `No link to ${to.host} at port ${to.port}. ${text}`,
    fix: isStranger
      ? 'Leave it be, or take it out of peers under [mesh] in stall.toml.'
      : 'It is tried again by itself. See that both stalls are on one network.',
    isRetryable: code === 'peer-lost' || code === 'peer-silent' || code === 'peer-unreachable'
  })
}
