import {
  createServer,
  type IncomingMessage,
  type Server as NodeServer,
  type ServerResponse
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { Fault } from '../core/ports.ts'
import { openLimiter, type RoleOf, roleByAddress } from './access.ts'
import { openDoor } from './door.ts'
import { openEntryFeed } from './entryfeed.ts'
import { requestHandler } from './handle.ts'
import { inTurn } from './inturn.ts'
import { openLive } from './live.ts'
import { openMetrics } from './metrics.ts'
import { openPages, type PagesOptions } from './pages.ts'
import type { Ports } from './ports.ts'
import { PROBLEM_TYPE, problem, problemJson } from './problem.ts'
import { routes } from './routes.ts'
import type { Shop } from './shop.ts'
import { openStreams, STREAM_LIMITS, type StreamLimits } from './stream.ts'

export interface ServerOptions extends Ports {
  /** 0 for any free one. */
  readonly port: number
  /** Left out: every address of this machine, IPv6 too where there is any. */
  readonly host?: string | undefined
  /** Whether everybody on the network is the keeper; only for a network that is the keeper's. */
  readonly isOpenToLan: boolean
  /** Names, without ports, that this stall answers to besides its addresses and localhost. */
  readonly allowedHosts: readonly string[]
  readonly assets?: PagesOptions
  /** Who is asking. Left out: by address alone, until devices can be paired. */
  readonly roleOf?: RoleOf
  readonly limits?: Partial<Limits>
  readonly streamLimits?: Partial<StreamLimits>
}

interface Limits {
  readonly headersMs: number
  readonly requestMs: number
  readonly keepAliveMs: number
  /** A connection on which nothing moves. */
  readonly idleMs: number
  readonly checkMs: number
  /** Of all the other machines together; as many again are kept for this machine alone. */
  readonly connectionsMax: number
  /** Of one remote address. A browser opens six to one host, and several tablets may share one. */
  readonly remoteConnectionsMax: number
  readonly closeMs: number
  readonly customerBurst: number
  readonly customerPerSecond: number
}

const LIMITS: Limits = {
  headersMs: 10_000,
  requestMs: 20_000,
  keepAliveMs: 15_000,
  idleMs: 60_000,
  checkMs: 1_000,
  connectionsMax: 256,
  remoteConnectionsMax: 32,
  closeMs: 2_000,
  customerBurst: 60,
  customerPerSecond: 10
}

const REMOTES_MAX = 4_096
const HEADER_BYTES_MAX = 16 * 1024

export interface Server {
  readonly port: number
  /** Answers what is under way, within a deadline, and ends every stream. */
  readonly close: () => Promise<void>
}

/** Listens when it resolves. Rejects with a `Fault` when the port cannot be had. */
export async function openServer(options: ServerOptions): Promise<Server> {
  const limits = { ...LIMITS, ...options.limits }
  const pages = options.assets && (await openPages(options.assets))
  const { shop, close: closeShop } = openShop(options)
  const door = openDoor(limits)
  const handle = requestHandler({
    shop,
    pages,
    routes: routes.filter(row => row.isHere?.(shop) ?? true),
    allowedHosts: new Set(['localhost', ...options.allowedHosts.map(name => name.toLowerCase())]),
    roleOf: options.roleOf ?? roleByAddress(options),
    limiter: openLimiter({
      now: options.now,
      burst: limits.customerBurst,
      perSecond: limits.customerPerSecond,
      remotesMax: REMOTES_MAX
    }),
    doorFault: door.fault
  })
  const server = createServer({
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.checkMs,
    // Missing hosts get this edge's own words.
    requireHostHeader: false
  })
  server.timeout = limits.idleMs
  server.on('connection', door.enter)
  answerErrors(server)
  server.on('request', handle).on('checkContinue', handle)
  const port = await listen(server, options)
  return {
    port,
    close: async () => {
      door.close()
      closeShop()
      await closeWithin(server, limits.closeMs)
    }
  }
}

function openShop(options: ServerOptions): { readonly shop: Shop; readonly close: () => void } {
  const { now, end, printing, lagMs } = options
  const streams = openStreams({ limits: { ...STREAM_LIMITS, ...options.streamLimits }, now })
  const live = openLive({ ...options, streams })
  const entryFeed = openEntryFeed({ ...options, streams })
  const metrics = openMetrics({
    now,
    gauges: {
      ledgerEntries: () => end().seq,
      printJobs: () => printing.view().jobs.length,
      streams: streams.size,
      lagMs,
      devices: options.devices.view
    }
  })
  const proofs = { ...options.proofs, proof: inTurn(options.proofs.proof) }
  printing.onChange(() => metrics.observeJobs(printing.view().jobs))
  const unlisten = options.listen(metrics.observeTurn)
  return {
    shop: { ...options, proofs, live, entryFeed, metrics, salesUnderWay: new Set() },
    close: () => {
      unlisten()
      live.close()
      entryFeed.close()
      streams.closeAll()
    }
  }
}

/**
 * Bytes that are not HTTP, or come too slowly. While a whole request before them waits for its
 * answer nothing is said, for these words would be taken for that answer: a sale would look
 * refused that is booked. The connection is cut, and the till asks again by the sale's id.
 */
function answerErrors(server: NodeServer): void {
  const openBySocket = new WeakMap<Duplex, Set<IncomingMessage>>()
  const track = (request: IncomingMessage, response: ServerResponse) => {
    const open = openBySocket.get(request.socket) ?? new Set()
    openBySocket.set(request.socket, open.add(request))
    response.once('close', () => open.delete(request))
  }
  server.on('request', track).on('checkContinue', track)
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isAnswerDue = [...(openBySocket.get(socket) ?? [])].some(({ complete }) => complete)
    if (!socket.writable || isAnswerDue || error.code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    const answer = problem(CLIENT_ERRORS[error.code ?? ''] ?? 'malformed-request')
    const body = problemJson(answer, '/')
    socket.end(
      `HTTP/1.1 ${answer.status} ${answer.title}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
    )
  })
}

const CLIENT_ERRORS: Readonly<Record<string, 'request-timeout' | 'headers-too-large'>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
  HPE_HEADER_OVERFLOW: 'headers-too-large'
}

function listen(
  server: NodeServer,
  { port, host }: Pick<ServerOptions, 'port' | 'host'>
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(listenFault(error, host === undefined ? `port ${port}` : `${host}:${port}`))
    })
    server.listen({ port, host }, () => {
      const address = server.address()
      resolve(isInternet(address) ? address.port : port)
    })
  })
}

const isInternet = (address: string | AddressInfo | null): address is AddressInfo =>
  typeof address === 'object' && address !== null

function listenFault(error: NodeJS.ErrnoException, place: string): Error {
  const words = LISTEN_FAULTS[error.code ?? '']
  if (!words) return error
  return new Fault({ ...words, message: words.message.replace('%', place), isRetryable: true })
}

const LISTEN_FAULTS: Readonly<
  Record<string, { readonly code: string; readonly message: string; readonly fix: string }>
> = {
  EADDRINUSE: {
    code: 'port-in-use',
    message: 'Another program already answers on %.',
    fix: 'Stop that program, or choose another port: [till] port in stall.toml.'
  },
  EACCES: {
    code: 'port-not-allowed',
    message: 'This user may not answer on %.',
    fix: 'Choose a port from 1024 up: [till] port in stall.toml.'
  },
  EADDRNOTAVAIL: {
    code: 'address-not-here',
    message: 'This machine does not have the address %.',
    fix: 'Set [till] host in stall.toml to an address of this machine, or to 0.0.0.0.'
  }
}

function closeWithin(server: NodeServer, closeMs: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(() => server.closeAllConnections(), closeMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
