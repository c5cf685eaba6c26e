import type { Duplex } from 'node:stream'
import { outboxFilter, readInbox } from '../wire/topics.ts'

/** Who is at the other end of a connection, and what it calls itself in MQTT. */
interface Guest {
  readonly id: string
  readonly socket: Duplex
}

/** The broker's Gate for peers: a certificate says who they are, and that decides the rest. */
export interface Access {
  readonly mayEnter: (guest: Guest) => boolean
  readonly mayPublish: (guest: Guest, topic: string) => boolean
  readonly mayRead: (guest: Guest, filter: string) => boolean
}

/**
 * A peer's client id is its stall's name, so a stall that comes back takes over from its own
 * connection that nobody has noticed to be dead [MQTT-3.1.4-2], and from nobody else's. It may
 * publish into its own inbox, and read its own outbox with one filter.
 */
export const openAccess = (options: {
  /** The stall by the certificate of a connection; undefined for a stranger. */
  readonly stallOf: (socket: Duplex) => string | undefined
}): Access => ({
  mayEnter: ({ id, socket }) => options.stallOf(socket) === id,
  mayPublish: ({ id }, topic) => readInbox(topic)?.peer === id,
  mayRead: ({ id }, filter) => filter === outboxFilter(id)
})
