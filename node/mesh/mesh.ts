import { type Pace, pace } from '../core/pace.ts'
import type { Address, Dial, Fault, Link, LinkEvents, TakeLink } from '../core/ports.ts'
import type { GrownLog } from '../core/share/standing.ts'
import type { SyncView } from '../core/share/sync.ts'
import {
  ADDRESSES_MAX,
  decodeWhereabouts,
  encodeWhereabouts,
  type PeerAddress,
  type Whereabouts
} from '../wire/beacon.ts'
import { Malformed } from '../wire/canonical.ts'
import { type AddressBook, type Candidate, openAddressBook } from './addresses.ts'
import { type Discovery, type DiscoveryView, openDiscovery, type Sighting } from './discover.ts'
import type { OpenLan } from './lan.ts'
import { choose, staysOld } from './links.ts'
import { type LinkEnd, type MeshSync, type MeshSyncOptions, openMeshSync } from './sync.ts'

/**
 * The market as one edge of a stall: hears who is there, keeps links to some of them, and keeps in
 * step over those. Whatever happens only changes what is known; `evaluate` alone decides.
 */
export interface Mesh {
  /** A frame of this stall's own is durable. */
  readonly wrote: (frame: GrownLog) => void
  /** Another list of members is in force: links of who is shut out end now. */
  readonly membersChanged: () => void
  readonly view: () => MeshView
  /** Where peers were reached; worth keeping for the next start, and no more than that. */
  readonly reached: () => readonly PeerAddress[]
  readonly close: () => Promise<void>
}

export interface MeshView {
  readonly links: readonly {
    readonly peer: string
    readonly host: string | undefined
    readonly isDialled: boolean
    readonly ageMs: number
  }[]
  readonly sync: SyncView
  readonly discovery: DiscoveryView | undefined
  /** Why there is no link to an address that was tried of late. */
  readonly faults: readonly { readonly address: Address; readonly fault: Fault }[]
  /** Runs of a stall of this very name, elsewhere: its card was copied, or its name taken. */
  readonly copies: readonly Address[]
}

/** Where peers dial in. */
export interface Door {
  readonly port: number
  readonly recheck: () => void
  readonly close: () => Promise<unknown>
}

/** Ways out to peers. */
export interface Ways {
  readonly dial: Dial
  readonly recheck: () => void
  readonly close: () => Promise<unknown>
}

export interface MeshOptions extends MeshSyncOptions {
  readonly self: { readonly market: string; readonly stall: string }
  /** Drawn at each start. */
  readonly run: number
  readonly openDoor: (take: TakeLink) => Promise<Door>
  readonly ways: Ways
  /** Undefined where the configuration turns beacons off. */
  readonly openLan: OpenLan | undefined
  /** From the configuration. */
  readonly peers: readonly Address[]
  readonly remembered: readonly PeerAddress[]
  /** All that was heard on the network, other markets too. */
  readonly onSighting?: (sighting: Sighting) => void
}

/** The kind of message that carries addresses. */
const WHEREABOUTS = 'peers'
const TELL_MS = 10_000
/** Nobody needs to be told more often. */
const TOLD_MS_MIN = 1_000
/** How long a stall without any link waits before it asks around again. */
const LONELY_MS = 5_000
const LOOK_MS = 1_000
/** Beacons come in crowds, and one look at all of them is enough. */
const LOOK_MS_MIN = 50
const FAULTS_MAX = 32
const COPY_MS = 30_000

interface Running extends MeshOptions {
  readonly book: AddressBook
  readonly sync: MeshSync
  readonly links: Map<string, Linked>
  readonly dialling: Map<string, { readonly stall: string | null; readonly callOff: () => void }>
  readonly faults: Map<string, { readonly address: Address; readonly fault: Fault }>
  readonly copies: Map<string, { readonly address: Address; readonly at: number }>
  readonly look: Pace
  discovery: Discovery | undefined
  port: number
  askedAt: number
  toldAt: number
  stopTimer: () => void
  isClosed: boolean
}

interface Linked {
  readonly link: Link
  readonly peer: string
  readonly isDialled: boolean
  readonly since: number
  heardAt: number
  /** What it was told last; undefined before that. */
  told: string | undefined
  end: LinkEnd | undefined
}

/** Rejects with the `Fault` of a door that cannot be opened. */
export async function openMesh(options: MeshOptions): Promise<Mesh> {
  const { now, random, startTimer, peers, remembered, openDoor, openLan, self, run } = options
  const step = () => evaluate(running)
  const running: Running = {
    ...options,
    book: openAddressBook({ configured: peers, remembered, now, random }),
    sync: openMeshSync(options),
    links: new Map(),
    dialling: new Map(),
    faults: new Map(),
    copies: new Map(),
    look: pace({ ms: LOOK_MS_MIN, after: startTimer, step }),
    discovery: undefined,
    port: 0,
    askedAt: now(),
    toldAt: now(),
    stopTimer: () => {},
    isClosed: false
  }
  const door = await openDoor(link => take(running, link, undefined))
  running.port = door.port
  running.discovery =
    openLan &&
    openDiscovery({
      ...options,
      openLan,
      self: { ...self, port: door.port, run },
      found: sighting => found(running, sighting)
    })
  running.look.ask()
  return {
    wrote: running.sync.wrote,
    membersChanged: () => {
      door.recheck()
      running.ways.recheck()
    },
    view: () => viewOf(running),
    reached: running.book.reached,
    close: async () => {
      running.isClosed = true
      running.look.stop()
      running.stopTimer()
      for (const { callOff } of running.dialling.values()) callOff()
      await running.discovery?.close()
      // Links say goodbye while their sockets are still there.
      await running.sync.close()
      await Promise.all([door.close(), running.ways.close()])
    }
  }
}

/** The one place where dials and ends are decided. */
function evaluate(running: Running): void {
  const { self, links, dialling, book, now, random, startTimer, discovery } = running
  if (running.isClosed) return
  running.stopTimer()
  const candidates = book.candidates()
  const choice = choose(
    {
      self: self.stall,
      links: [...links.values()].map(each => ({ ...each, ageMs: now() - each.since })),
      dialling: [...dialling.values()].map(({ stall }) => stall),
      candidates: candidates.now.filter(({ address }) => !dialling.has(keyOf(address)))
    },
    random
  )
  for (const { link, why } of choice.end) link.link.close(why)
  for (const candidate of choice.dial) dial(running, candidate)
  if (links.size === 0 && now() - running.askedAt >= LONELY_MS) {
    running.askedAt = now()
    discovery?.ask()
  }
  if (now() - running.toldAt >= TELL_MS) {
    running.toldAt = now()
    for (const linked of links.values()) tell(running, linked)
  }
  running.stopTimer = startTimer(LOOK_MS, running.look.ask)
}

function dial(running: Running, { address, stall }: Candidate): void {
  const { dialling, book, ways, faults } = running
  const key = keyOf(address)
  const callOff = ways.dial(address, {
    up: link => {
      dialling.delete(key)
      faults.delete(key)
      return take(running, link, address)
    },
    failed: fault => {
      dialling.delete(key)
      book.failed(address, !fault.isRetryable)
      remember(faults, key, { address, fault })
      running.look.ask()
    }
  })
  dialling.set(key, { stall, callOff })
}

/** Takes a link that is up, whoever made it; of two to one peer only one is used. */
function take(running: Running, link: Link, dialled: Address | undefined): LinkEvents {
  const { self, links, book, now, sync } = running
  const { peer } = link
  const isDialled = dialled !== undefined
  if (running.isClosed) return refuse(running, link, 'The stall stops.')
  if (peer === self.stall) {
    if (dialled) book.isMe(dialled)
    return refuse(running, link, 'It is this very stall.')
  }
  if (dialled) book.proved({ ...dialled, stall: peer })
  const old = links.get(peer)
  const rule = { self: self.stall, peer, isNewDialled: isDialled }
  if (old && staysOld({ ...rule, isOldDialled: old.isDialled })) {
    return refuse(running, link, 'There is a link to this peer already.')
  }
  const linked: Linked = {
    link,
    peer,
    isDialled,
    since: now(),
    heardAt: Number.NEGATIVE_INFINITY,
    told: undefined,
    end: undefined
  }
  links.set(peer, linked)
  // Ends the old link, if there is one.
  linked.end = sync.link(link)
  tell(running, linked)
  running.look.ask()
  const isCurrent = () => links.get(peer) === linked
  return {
    receive: (kind, bytes) => {
      if (!isCurrent()) return
      if (kind === WHEREABOUTS) hearWhereabouts(running, linked, bytes)
      else linked.end?.receive(kind, bytes)
    },
    down: () => {
      linked.end?.down()
      if (dialled) book.failed(dialled, false)
      if (!isCurrent()) return
      links.delete(peer)
      running.look.ask()
    }
  }
}

/** A moment later, for it is not up for its maker before this returns. */
function refuse({ startTimer }: Running, link: Link, why: string): LinkEvents {
  startTimer(0, () => link.close(why))
  return { receive: () => {}, down: () => {} }
}

function found(running: Running, sighting: Sighting): void {
  const { self, book, copies, now, onSighting } = running
  const { market, stall, run, address } = sighting
  onSighting?.(sighting)
  if (market !== self.market) return
  if (stall === self.stall) {
    remember(copies, keyOf(address), { address, at: now() })
    return
  }
  if (book.heard({ ...address, stall }, run)) running.look.ask()
}

/** Where others were reached, to who has not heard the same before; and only at first hand. */
function tell({ book, port, self }: Running, linked: Linked): void {
  // The address of one network's own means nothing elsewhere.
  const isUseful = ({ stall, host }: PeerAddress) =>
    stall !== linked.peer && stall !== self.stall && !host.includes('%')
  const peers = book.reached().filter(isUseful).slice(0, ADDRESSES_MAX)
  const told = peers
    .map(each => `${each.stall} ${keyOf(each)}`)
    .toSorted()
    .join()
  if (told === linked.told) return
  linked.told = told
  linked.link.send(WHEREABOUTS, encodeWhereabouts({ port, peers }))
}

function hearWhereabouts(running: Running, linked: Linked, bytes: Uint8Array): void {
  const { book, now } = running
  if (now() - linked.heardAt < TOLD_MS_MIN) return
  linked.heardAt = now()
  const told = read(bytes)
  if (!told) {
    linked.link.close('It sends addresses that nobody can read.')
    return
  }
  const { host } = linked.link
  if (host) book.proved({ stall: linked.peer, host, port: told.port })
  book.told(told.peers)
  running.look.ask()
}

function read(bytes: Uint8Array): Whereabouts | undefined {
  try {
    return decodeWhereabouts(bytes)
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

function viewOf({ links, sync, discovery, faults, copies, now }: Running): MeshView {
  return {
    links: [...links.values()].map(({ peer, link, isDialled, since }) => ({
      peer,
      host: link.host,
      isDialled,
      ageMs: now() - since
    })),
    sync: sync.view(),
    discovery: discovery?.view(),
    faults: [...faults.values()],
    copies: [...copies.values()]
      .filter(({ at }) => now() - at < COPY_MS)
      .map(({ address }) => address)
  }
}

const keyOf = ({ host, port }: Address): string => `${host} ${port}`

/** The newest few of what people may want to know. */
function remember<Value>(all: Map<string, Value>, key: string, value: Value): void {
  all.delete(key)
  all.set(key, value)
  const [oldest] = all.keys()
  if (all.size > FAULTS_MAX && oldest !== undefined) all.delete(oldest)
}
