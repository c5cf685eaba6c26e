import type { IncomingMessage } from 'node:http'
import { type Problem, problem } from './problem.ts'
import type { Role } from './route.ts'

/** Whose rows each role may call besides its own. */
const GRANTS: Readonly<Record<Role, readonly Role[]>> = {
  customer: ['customer'],
  helper: ['customer', 'helper'],
  keeper: ['customer', 'helper', 'keeper', 'technician'],
  technician: ['customer', 'technician'],
  hub: ['customer', 'hub']
}

export const mayCall = (caller: Role, row: Role): boolean => GRANTS[caller].includes(row)

export type RoleOf = (request: IncomingMessage) => Role

/**
 * Until devices can be paired, standing at the machine is the proof: loopback is the keeper and
 * everybody else a customer, unless the configuration opens the till to the whole network.
 */
export const roleByAddress =
  ({ isOpenToLan }: { readonly isOpenToLan: boolean }): RoleOf =>
  request =>
    isOpenToLan || isFromThisMachine(request) ? 'keeper' : 'customer'

/**
 * A proxy on this machine lends its loopback address to strangers, so a request with any header
 * that proxies add is not ours. One that adds none, as nginx does without `proxy_set_header` and
 * every TCP forwarder does, cannot be told from the till: it makes everybody behind it keeper.
 */
export function isFromThisMachine({ socket, headers }: IncomingMessage): boolean {
  const isProxied = Object.keys(headers).some(name =>
    /^(forwarded|via|x-real-ip|x-forwarded-.*)$/.test(name)
  )
  return !isProxied && isLoopback(socket.remoteAddress ?? '')
}

export const isLoopback = (address: string): boolean =>
  address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address)

/**
 * Only names that are ours, against DNS rebinding: a stranger's page can point its own name at
 * this address, but cannot make a browser send ours. An address counts when it is the one asked.
 */
export function hostFault(request: IncomingMessage, allowed: ReadonlySet<string>) {
  const hosts = request.headersDistinct['host'] ?? []
  const [, name] = /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.exec(hosts[0] ?? '') ?? []
  if (hosts.length !== 1 || name === undefined) return problem('wrong-host')
  const host = name.toLowerCase().replace(/\.$/, '')
  const own = (request.socket.localAddress ?? '').replace(/^::ffff:/, '')
  const isOurs = allowed.has(host) || host === own || host === `[${own}]`
  return isOurs ? undefined : problem('wrong-host')
}

/**
 * Refuses what another site's page sends or listens to. Browsers leave `Sec-Fetch-Site` out on
 * plain HTTP, so `Origin` decides there; programs send neither.
 */
export function siteFault({ headers }: IncomingMessage): Problem | undefined {
  const site = headers['sec-fetch-site']
  const { origin } = headers
  const isOwnSite = site === undefined || site === 'same-origin' || site === 'none'
  const isOwnOrigin =
    origin === undefined ||
    origin.toLowerCase() === `http://${headers.host?.toLowerCase()}` ||
    origin.toLowerCase() === `https://${headers.host?.toLowerCase()}`
  return isOwnSite && isOwnOrigin ? undefined : problem('cross-site')
}

interface LimiterOptions {
  /** Milliseconds of a clock that only grows. */
  readonly now: () => number
  readonly burst: number
  readonly perSecond: number
  readonly remotesMax: number
}

export type Limiter = (remote: string) => Problem | undefined

/** A token bucket for each remote. When the table is full the one longest unseen is forgotten. */
export function openLimiter({ now, burst, perSecond, remotesMax }: LimiterOptions): Limiter {
  const buckets = new Map<string, { readonly tokens: number; readonly at: number }>()
  return remote => {
    const key = networkOf(remote)
    const at = now()
    const last = buckets.get(key) ?? { tokens: burst, at }
    const tokens = Math.min(burst, last.tokens + ((at - last.at) / 1_000) * perSecond)
    buckets.delete(key)
    const oldest = buckets.size >= remotesMax ? buckets.keys().next() : undefined
    if (oldest && !oldest.done) buckets.delete(oldest.value)
    buckets.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, at })
    if (tokens >= 1) return undefined
    const waitSeconds = Math.ceil((1 - tokens) / perSecond)
    return problem('too-many-requests', { headers: { 'Retry-After': String(waitSeconds) } })
  }
}

/** One IPv6 device owns a whole /64 (RFC 4862), so that is what is counted. */
const networkOf = (address: string): string =>
  address.includes(':') && !address.includes('.')
    ? address.split(':').slice(0, 4).join(':')
    : address.replace(/^::ffff:/, '')
