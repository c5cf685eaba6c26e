import type { Address } from '../core/ports.ts'
import type { PeerAddress } from '../wire/beacon.ts'

/**
 * All places where peers might be reached, with what came of trying. Nothing in here is believed:
 * a lie costs a dial that fails, and then longer and longer nothing.
 */
export interface AddressBook {
  /**
   * Somebody on the network said to be this stall. A new `run`, and a voice after a silence, are
   * worth a dial at once. Gives whether it is such news.
   */
  readonly heard: (peer: PeerAddress, run: number) => boolean
  /** A peer said where it reached others. */
  readonly told: (peers: readonly PeerAddress[]) => void
  /** A certificate was shown there. */
  readonly proved: (peer: PeerAddress) => void
  /** It answered as this very stall. */
  readonly isMe: (address: Address) => void
  readonly failed: (address: Address, isHopeless: boolean) => void
  /** Where a dial may be tried now, and when the next one may. */
  readonly candidates: () => { readonly now: readonly Candidate[]; readonly at: number }
  /** Where peers were reached, the newest first: for other peers, and for the next start. */
  readonly reached: () => readonly PeerAddress[]
}

export interface Candidate {
  readonly address: Address
  /** Who is said to be there; null where only an address is configured. */
  readonly stall: string | null
  readonly sinceMs: number
}

export interface AddressBookOptions {
  /** From the configuration: never forgotten. */
  readonly configured: readonly Address[]
  /** Reached in an earlier run. */
  readonly remembered: readonly PeerAddress[]
  readonly now: () => number
  readonly random: () => number
}

const ADDRESSES_MAX = 512
/** A liar may claim many places for one stall; the newest claims count. */
const PER_STALL_MAX = 4
/** Claims of one host: a machine holds a few stalls, a flood is one machine. */
const PER_HOST_MAX = 64
const FAILURES_MAX = 10

/** Decorrelated jitter: each pause is by chance, up to three times the last one. */
const BACKOFF_MS = 500
const BACKOFF_MS_MAX = 30_000
/** Who showed the wrong certificate will hardly have the right one in a minute. */
const HOPELESS_MS = 300_000
/** A link that held so long had nothing wrong with its address. */
const GOOD_MS = 10_000

/** Beacons of a big market are seldom; longer than this the way was gone. */
const SILENCE_MS = 30_000

interface Entry {
  readonly address: Address
  stall: string | null
  readonly isConfigured: boolean
  run: number | undefined
  heardAt: number
  readonly since: number
  provedAt: number
  failures: number
  pauseMs: number
  retryAt: number
}

export function openAddressBook(options: AddressBookOptions): AddressBook {
  const { configured, remembered, now, random } = options
  const entries = new Map<string, Entry>()
  const add = (address: Address, stall: string | null, isConfigured = false): Entry => {
    const key = keyOf(address)
    const known = entries.get(key)
    if (known) {
      // The newest claim counts, unless a certificate spoke.
      if (stall !== null && known.provedAt < 0) known.stall = stall
      return known
    }
    makeRoom(entries, { address, stall })
    const entry = { ...NEW, address, stall, isConfigured, since: now() }
    entries.set(key, entry)
    return entry
  }
  for (const address of configured) add(address, null, true)
  for (const peer of remembered) add(placeOf(peer), peer.stall)
  return {
    heard: (peer, run) => {
      const entry = add(placeOf(peer), peer.stall)
      const isBack = entry.run !== run || now() - entry.heardAt > SILENCE_MS
      const isNews = isBack || entry.stall !== peer.stall
      if (isBack) Object.assign(entry, { pauseMs: 0, retryAt: now() })
      // Another stall has the address now.
      if (entry.stall !== peer.stall) Object.assign(entry, { stall: peer.stall, provedAt: -1 })
      Object.assign(entry, { run, heardAt: now() })
      return isNews
    },
    told: peers => {
      for (const peer of peers) add(placeOf(peer), peer.stall)
    },
    proved: peer => {
      const entry = add(placeOf(peer), peer.stall)
      Object.assign(entry, { stall: peer.stall, provedAt: now(), failures: 0 })
    },
    isMe: address => {
      Object.assign(add(address, null), { retryAt: Number.POSITIVE_INFINITY })
    },
    failed: (address, isHopeless) => {
      const entry = entries.get(keyOf(address))
      if (!entry) return
      if (entry.provedAt >= 0 && now() - entry.provedAt > GOOD_MS) entry.pauseMs = 0
      entry.failures += 1
      entry.pauseMs = isHopeless ? HOPELESS_MS : nextPause(entry.pauseMs, random)
      entry.retryAt = now() + entry.pauseMs
      const isWorthless = entry.failures >= FAILURES_MAX && entry.provedAt < 0
      if (isWorthless && !entry.isConfigured) entries.delete(keyOf(address))
    },
    candidates: () => {
      const ready: Candidate[] = []
      let at = Number.POSITIVE_INFINITY
      for (const { address, stall, since, retryAt } of entries.values()) {
        if (retryAt <= now()) ready.push({ address, stall, sinceMs: now() - since })
        else at = Math.min(at, retryAt)
      }
      return { now: ready, at }
    },
    reached: () =>
      [...entries.values()]
        .filter(({ provedAt }) => provedAt >= 0)
        .sort((a, b) => b.provedAt - a.provedAt)
        .flatMap(({ address, stall }) => (stall === null ? [] : [{ ...address, stall }]))
  }
}

const NEW = { run: undefined, heardAt: 0, provedAt: -1, failures: 0, pauseMs: 0, retryAt: 0 }

const keyOf = ({ host, port }: Address): string => `${host} ${port}`
const placeOf = ({ host, port }: PeerAddress): Address => ({ host, port })

function nextPause(lastMs: number, random: () => number): number {
  const upTo = Math.max(BACKOFF_MS, 3 * lastMs)
  return Math.min(BACKOFF_MS_MAX, BACKOFF_MS + random() * (upTo - BACKOFF_MS / 2))
}

/** Of claims without proof the oldest goes, and those of one stall or host come first. */
function makeRoom(
  entries: Map<string, Entry>,
  { address, stall }: { readonly address: Address; readonly stall: string | null }
): void {
  const forget = (max: number, isOfThese: (each: Entry) => boolean) => {
    let count = 0
    let oldest: readonly [key: string, entry: Entry] | undefined
    for (const pair of entries) {
      if (pair[1].isConfigured || !isOfThese(pair[1])) continue
      count += 1
      if (!oldest || isBefore(pair[1], oldest[1])) oldest = pair
    }
    if (count >= max && oldest) entries.delete(oldest[0])
  }
  if (stall !== null) forget(PER_STALL_MAX, each => each.stall === stall)
  forget(PER_HOST_MAX, each => each.address.host === address.host)
  forget(ADDRESSES_MAX, () => true)
}

const isBefore = (a: Entry, b: Entry): boolean =>
  a.provedAt < b.provedAt || (a.provedAt === b.provedAt && a.since < b.since)
