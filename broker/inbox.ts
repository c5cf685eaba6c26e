import type { Duplex } from 'node:stream'
import type { TLSSocket, TlsOptions } from 'node:tls'
import type { Health, Link, LinkEvents, TakeLink } from '../node/core/ports.ts'
import { INBOXES, outboxOf, readInbox } from '../node/wire/topics.ts'
import { openBroker } from './broker.ts'
import type { Stats } from './engine.ts'
import type { Gate } from './gate.ts'
import { hostOf, type Judge, LINK_BYTES_MAX, MESSAGES_PER_S_MAX, PACKET_BYTES_MAX } from './link.ts'
import { openMeter } from './meter.ts'

/** Where peers dial in: a broker of its own for them, apart from the one for local programs. */
export interface Inbox {
  readonly port: number
  readonly health: () => Health
  readonly stats: () => Stats
  /** Looks at every peer's certificate again, for the market may have shut it out. */
  readonly recheck: () => void
  readonly close: () => Promise<void>
}

export interface InboxOptions {
  readonly port: number
  /** Without a host it listens on every network. */
  readonly host?: string | null
  readonly tls: TlsOptions
  readonly judge: Judge
  /** What peers may say and hear, given who they are. */
  readonly gateFor: (stallOf: (socket: Duplex) => string | undefined) => Gate
  readonly take: TakeLink
  readonly now: () => number
}

const PEERS_MAX = 512

const LIMITS = {
  clients: PEERS_MAX,
  // One filter, its own outbox.
  subscriptions: 1,
  sessions: PEERS_MAX,
  queued: 0,
  queuedBytes: 0,
  retained: 0,
  retainedBytes: 0,
  guestRetained: 0,
  guestRetainedBytes: 0,
  inFlight: 1_000,
  outboundBytes: LINK_BYTES_MAX,
  packetBytes: PACKET_BYTES_MAX,
  connectBytes: 1_024
}

interface Visit {
  readonly socket: Duplex
  readonly will: Buffer | undefined
  /** Undefined while the link is being taken, which is when the first message goes out on it. */
  events: LinkEvents | undefined
  readonly isTooMuch: (amount: number) => boolean
  /** Why it ends. */
  why: string | undefined
}

/**
 * Opens the broker that peers dial and makes each of them a `Link` once it reads its outbox.
 * Rejects with a `Fault` when the port cannot be had.
 */
export async function openInbox(options: InboxOptions): Promise<Inbox> {
  const { port, host = null, tls, judge, gateFor, take, now } = options
  const stalls = new Map<Duplex, string>()
  const visits = new Map<string, Visit>()
  const broker = await openBroker({
    port,
    host,
    gate: gateFor(socket => stalls.get(socket)),
    limits: LIMITS,
    secure: { tls, whyNot: socket => enter(stalls, socket, judge) },
    visits: {
      reads: ({ id, socket, will }) => {
        if (visits.get(id)?.socket === socket) return
        const meter = openMeter({ now, perSecond: MESSAGES_PER_S_MAX })
        const visit: Visit = { socket, will, events: undefined, why: undefined, ...meter }
        visits.set(id, visit)
        visit.events = take(linkTo(id, socket))
      },
      left: ({ id, socket }) => {
        const visit = visits.get(id)
        if (visit?.socket !== socket) return
        visits.delete(id)
        visit.events?.down(visit.why ?? 'The peer ended the link.')
      }
    }
  })
  const hangUp = (id: string, why: string) => {
    const visit = visits.get(id)
    if (visit) visit.why ??= why
    broker.hangUp(id, `was sent away: ${why}`)
  }
  const linkTo = (id: string, socket: Duplex): Link => {
    const isCurrent = () => visits.get(id)?.socket === socket && !socket.destroyed
    return {
      peer: id,
      ...(isTls(socket) && { host: hostOf(socket) }),
      send: (kind, bytes) =>
        isCurrent() && broker.sendTo(id, { topic: outboxOf({ peer: id, kind }), payload: bytes }),
      close: why => {
        if (isCurrent()) hangUp(id, why)
      }
    }
  }
  broker.subscribe(INBOXES, ({ topic, payload, from }) => {
    const box = readInbox(topic)
    const visit = visits.get(from ?? '')
    if (!box || !visit || box.peer !== from) return
    // A will of an earlier connection says nothing of this one.
    if (box.kind === 'death') {
      if (visit.will?.equals(payload)) visit.why ??= 'The peer died, or its network did.'
      return
    }
    if (visit.isTooMuch(1)) return hangUp(from, 'It sends more than anybody can read.')
    visit.events?.receive(box.kind, payload)
  })
  return {
    port: broker.port,
    stats: broker.stats,
    health: () => ({ ...broker.health(), name: 'mesh broker' }),
    recheck: () => {
      for (const socket of [...stalls.keys()]) {
        const why = isTls(socket) ? enter(stalls, socket, judge) : undefined
        const id = why && stalls.get(socket)
        if (why && id && visits.get(id)?.socket === socket) hangUp(id, why)
        else if (why) socket.destroy()
      }
    },
    close: broker.close
  }
}

/** Notes who a connection is; the sentence why not, for a stranger. */
function enter(stalls: Map<Duplex, string>, socket: TLSSocket, judge: Judge): string | undefined {
  const judged = judge(socket.getPeerX509Certificate()?.raw)
  if (!('stall' in judged)) return judged.sentence
  if (!stalls.has(socket)) socket.once('close', () => stalls.delete(socket))
  stalls.set(socket, judged.stall)
  return undefined
}

const isTls = (socket: Duplex): socket is TLSSocket => 'getPeerX509Certificate' in socket
