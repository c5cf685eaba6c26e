import type { Server, Socket } from 'node:net'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'

/** How a broker that other machines may reach tells friends from strangers. */
export interface Secure {
  readonly tls: TlsOptions
  /** Looks at what the other side showed; a sentence for people is a no. */
  readonly whyNot: (socket: TLSSocket) => string | undefined
}

const HANDSHAKE_MS_MAX = 10_000
/** Handshakes of one machine at a time: each costs some milliseconds and 50 KB. */
const HANDSHAKES_MAX = 16

/**
 * A server for TLS whose guests are known before MQTT reads their first byte. Node waits two
 * minutes for a handshake, and lets as many begin one as like; here both have a limit.
 */
export function createSecureServer(options: {
  tls: TlsOptions
  whyNot: (socket: TLSSocket) => string | undefined
  welcome: (socket: TLSSocket) => void
  refused: (why: string) => void
}): { readonly server: Server; readonly shakeOff: () => void } {
  const { tls, whyNot, welcome, refused } = options
  const shaking = new Map<string, Socket>()
  const server = createServer({ ...tls, noDelay: true, handshakeTimeout: HANDSHAKE_MS_MAX })
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket
    const same = [...shaking.values()].filter(each => each.remoteAddress === remoteAddress)
    if (same.length >= HANDSHAKES_MAX) {
      refused(`Too many at ${remoteAddress} want to come in at once.`)
      socket.destroy()
      return
    }
    const key = keyOf(socket)
    shaking.set(key, socket)
    socket.once('close', () => shaking.delete(key))
  })
  server.on('secureConnection', socket => {
    shaking.delete(keyOf(socket))
    const why = whyNot(socket)
    if (why === undefined) return welcome(socket)
    refused(`${socket.remoteAddress ?? 'Somebody'} was turned away. ${why}`)
    socket.on('error', () => {}).destroy()
  })
  server.on('tlsClientError', (error, socket) => {
    refused(
      `${socket.remoteAddress ?? 'Somebody'} and this broker agree on no TLS: ${error.message}`
    )
    socket.destroy()
  })
  const shakeOff = () => {
    for (const socket of shaking.values()) socket.destroy()
  }
  return { server, shakeOff }
}

/** Tells connections apart on both levels, the bare one and that of TLS. */
const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`
