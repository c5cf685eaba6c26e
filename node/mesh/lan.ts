import { createSocket, type Socket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import type { Address } from '../core/ports.ts'
import type { StartTimer } from '../core/time.ts'

/** The networks that this machine is on, as discovery needs them: small words to all, or to one. */
export interface Lan {
  /** To everybody on every network, as far as it reaches. Lost words are not told of. */
  readonly shout: (bytes: Uint8Array) => void
  /** To one who shouted. */
  readonly answer: (bytes: Uint8Array, to: Address) => void
  readonly networks: () => readonly Network[]
  readonly close: () => Promise<void>
}

export interface LanEvents {
  /** The port of `from` takes answers; it is not the one that peers are dialled at. */
  readonly heard: (bytes: Uint8Array, from: Address) => void
  /** A network came, or came back. */
  readonly grown: () => void
}

export type OpenLan = (events: LanEvents) => Lan

/** One address of one network interface. */
export interface Network {
  readonly name: string
  readonly address: string
  /** Why nothing is said there now. */
  readonly problem: string | undefined
}

/** Multicast that no router passes on (RFC 2365 6.1, RFC 4291 2.7). */
const GROUP_4 = '239.255.77.7'
const GROUP_6 = 'ff02::7:7'
export const BEACON_PORT = 17_777
/** How long a replugged interface stays unheard at the most. */
const SCAN_MS = 1_000
/** Linux lets a program join 20 groups (igmp_max_memberships). */
const NETWORKS_MAX = 16

export interface UdpOptions {
  readonly port?: number
  readonly startTimer: StartTimer
  /** For tests, which leave the real network alone. */
  readonly isWanted?: (name: string) => boolean
}

/**
 * The real networks, by UDP. What the usual mDNS libraries get wrong here decides its shape:
 *
 * - An offline market has no default route, so the kernel must be told the interface for every
 *   packet, or nothing is sent and nobody says so.
 * - An interface that is unplugged and plugged in again has the old address and a new number: the
 *   membership in the group is gone without an error. So sockets belong to the number.
 * - Switches that snoop on IGMP without anybody who asks drop multicast after minutes, so IPv4 is
 *   also said as a broadcast of the subnet.
 */
export const openUdp =
  (options: UdpOptions): OpenLan =>
  events => {
    const lan: OpenNetworks = { ...options, events, networks: new Map(), isClosed: false }
    let stopTimer = () => {}
    const next = () => {
      scan(lan)
      stopTimer = options.startTimer(SCAN_MS, next)
    }
    next()
    return {
      shout: bytes => {
        for (const network of lan.networks.values()) network.shout(bytes)
      },
      answer: (bytes, to) => {
        const isSix = to.host.includes(':')
        const way = [...lan.networks.values()].find(
          each => each.isSix === isSix && reaches(each, to)
        )
        way?.answer(bytes, to)
      },
      networks: () =>
        [...lan.networks.values()].map(({ name, address, problem }) => ({
          name,
          address,
          problem: problem()
        })),
      close: async () => {
        lan.isClosed = true
        stopTimer()
        await Promise.all([...lan.networks.values()].map(each => each.close()))
        lan.networks.clear()
      }
    }
  }

interface OpenNetworks extends UdpOptions {
  readonly events: LanEvents
  readonly networks: Map<string, OpenNetwork>
  isClosed: boolean
}

interface OpenNetwork extends Omit<Network, 'problem'> {
  readonly isSix: boolean
  readonly problem: () => string | undefined
  readonly shout: (bytes: Uint8Array) => void
  readonly answer: (bytes: Uint8Array, to: Address) => void
  readonly close: () => Promise<unknown>
}

interface Place {
  readonly name: string
  readonly info: NetworkInterfaceInfo
}

/** Link-local IPv6 answers go by the interface that they name; the kernel knows the rest. */
const reaches = ({ name, isSix }: OpenNetwork, { host }: Address): boolean =>
  !isSix || host.endsWith(`%${name}`)

/** Opens what is new, closes what is gone; what failed is closed, and so is opened anew. */
function scan(lan: OpenNetworks): void {
  const { networks, isWanted = () => true } = lan
  const wanted = new Map<string, Place>()
  for (const [name, infos] of Object.entries(networkInterfaces())) {
    if (!isWanted(name)) continue
    const number = interfaceNumber(name)
    for (const info of infos ?? []) {
      if (!isSpoken(info) || wanted.size >= NETWORKS_MAX) continue
      wanted.set(`${name}#${number}/${info.address}`, { name, info })
    }
  }
  for (const [key, network] of networks) {
    if (wanted.has(key) && network.problem() === undefined) continue
    networks.delete(key)
    void network.close()
  }
  for (const [key, place] of wanted) {
    if (!networks.has(key)) networks.set(key, openNetwork(lan, place))
  }
}

/** IPv4, and of IPv6 what every network has: the link-local address. */
const isSpoken = ({ family, address }: NetworkInterfaceInfo): boolean =>
  family === 'IPv4' || address.startsWith('fe80:')

/** Elsewhere than on Linux the address alone tells networks apart. */
function interfaceNumber(name: string): string {
  try {
    return readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8').trim()
  } catch {
    return ''
  }
}

/**
 * Two sockets for each address: an ear on the port that everybody knows, which all stalls of one
 * machine share, and a mouth of its own, which hears the answers.
 */
function openNetwork({ port = BEACON_PORT, events }: OpenNetworks, place: Place): OpenNetwork {
  const { name, info } = place
  const isSix = info.family === 'IPv6'
  const type = isSix ? 'udp6' : 'udp4'
  const ear = createSocket({ type, reuseAddr: true, ...(isSix && { ipv6Only: true }) })
  const mouth = createSocket({ type, ...(isSix && { ipv6Only: true }) })
  const here = isSix ? `::%${name}` : info.address
  let problem: string | undefined
  let open = 0
  const fail = (error: Error) => {
    problem = error.message
  }
  const opened = (join: () => void) => () => {
    try {
      join()
      open += 1
      if (open === 2) events.grown()
    } catch (error) {
      // An address that is still being checked (RFC 4862 5.4), or an interface that just left.
      if (!(error instanceof Error)) throw error
      fail(error)
    }
  }
  for (const socket of [ear, mouth]) {
    socket.on('error', fail)
    socket.on('message', (bytes, { address, port: from }) =>
      events.heard(bytes, { host: address, port: from })
    )
  }
  ear.bind(
    { port },
    opened(() => ear.addMembership(isSix ? GROUP_6 : GROUP_4, here))
  )
  mouth.bind(
    { address: isSix ? `${info.address}%${name}` : info.address, port: 0 },
    opened(() => {
      mouth.setMulticastInterface(here)
      if (!isSix) mouth.setBroadcast(true)
    })
  )
  const say = (bytes: Uint8Array, to: Address) => {
    if (open < 2 || problem !== undefined) return
    mouth.send(bytes, to.port, to.host, error => error && fail(error))
  }
  return {
    name,
    address: info.address,
    isSix,
    problem: () => problem,
    shout: bytes => {
      say(bytes, { host: isSix ? GROUP_6 : GROUP_4, port })
      if (!isSix && !info.internal) say(bytes, { host: broadcastOf(info), port })
    },
    answer: say,
    close: () => Promise.all([ended(ear), ended(mouth)])
  }
}

/** All ones in the host's part of an IPv4 address (RFC 919 7). */
function broadcastOf({ address, netmask }: NetworkInterfaceInfo): string {
  const mask = netmask.split('.').map(Number)
  return address
    .split('.')
    .map((byte, index) => Number(byte) | (~(mask[index] ?? 255) & 255))
    .join('.')
}

const ended = (socket: Socket): Promise<void> =>
  new Promise(resolve => {
    try {
      socket.close(() => resolve())
    } catch {
      // A socket whose bind failed is closed already.
      resolve()
    }
  })
