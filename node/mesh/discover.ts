import type { Address } from '../core/ports.ts'
import type { StartTimer } from '../core/time.ts'
import { BEACON_BYTES_MAX, type Beacon, decodeBeacon, encodeBeacon } from '../wire/beacon.ts'
import { Malformed } from '../wire/canonical.ts'
import type { Lan, Network, OpenLan } from './lan.ts'

/**
 * Says on all networks that this stall is here and hears who else is. It only proposes addresses:
 * whether somebody belongs here is for certificates to say, and whether they live, for links.
 */
export interface Discovery {
  /** Asks everybody to answer now, for instance when no peer is left. */
  readonly ask: () => void
  readonly view: () => DiscoveryView
  readonly close: () => Promise<void>
}

/** Somebody said to be a stall. */
export interface Sighting {
  readonly market: string
  readonly stall: string
  readonly run: number
  readonly address: Address
}

export interface DiscoveryView {
  readonly networks: readonly Network[]
  /** Who was heard of late, of any market, each run of a stall once. */
  readonly sightings: readonly (Sighting & { readonly ageMs: number })[]
  /** Datagrams that were no beacons, or too many. */
  readonly ignored: number
}

export interface DiscoveryOptions {
  readonly openLan: OpenLan
  readonly self: Pick<Beacon, 'market' | 'stall' | 'port' | 'run'>
  readonly now: () => number
  readonly startTimer: StartTimer
  readonly random: () => number
  /** Once for each beacon that counts, also from a copy of this very stall. */
  readonly found: (sighting: Sighting) => void
}

/** The pace of beacons in a small market; 200 stalls say theirs an eighth as often. */
const BEAT_MS = 2_000
const STALLS_PER_BEAT = 25
/** Who just came asks a few times, for a first word is easily lost. */
const ASKS = 3
const ASK_MS = 300
/** The answers to one question are spread over this time, and about so many give one. */
const ANSWER_MS = 100
const ANSWERS = 20
const ANSWERS_PER_S_MAX = 50
/** More are not looked at: a flood costs this much and no more. */
const HEARD_PER_S_MAX = 500
const SIGHTINGS_MAX = 512
const SIGHTING_MS = 60_000

export function openDiscovery(options: DiscoveryOptions): Discovery {
  const { openLan, startTimer, random, now } = options
  const state: State = {
    ...options,
    sightings: new Map(),
    heard: openQuota({ now, perSecond: HEARD_PER_S_MAX }),
    answers: openQuota({ now, perSecond: ANSWERS_PER_S_MAX }),
    timers: new Set(),
    ignored: 0,
    asksLeft: ASKS,
    isClosed: false
  }
  let stopBeat = () => {}
  const beat = () => {
    stopBeat()
    const isAsking = state.asksLeft > 0
    lan.shout(encodeBeacon({ ...options.self, isAsking }))
    if (isAsking) state.asksLeft -= 1
    forgetOld(state)
    const crowd = Math.max(1, state.sightings.size / STALLS_PER_BEAT)
    const ms = state.asksLeft > 0 ? ASK_MS : BEAT_MS * crowd
    stopBeat = startTimer(ms * (0.75 + 0.5 * random()), beat)
  }
  const ask = () => {
    if (state.isClosed) return
    state.asksLeft = ASKS
    stopBeat()
    stopBeat = startTimer(0, beat)
  }
  const lan: Lan = openLan({
    grown: ask,
    heard: (bytes, from) => hear(state, { bytes, from, lan })
  })
  ask()
  return {
    ask,
    view: () => viewOf(state, lan),
    close: async () => {
      state.isClosed = true
      stopBeat()
      for (const stop of state.timers) stop()
      await lan.close()
    }
  }
}

interface State extends DiscoveryOptions {
  readonly sightings: Map<string, Sighting & { readonly at: number }>
  readonly heard: Quota
  readonly answers: Quota
  readonly timers: Set<() => void>
  ignored: number
  asksLeft: number
  isClosed: boolean
}

function hear(state: State, datagram: { bytes: Uint8Array; from: Address; lan: Lan }): void {
  const { self, sightings, now, found, isClosed } = state
  const { bytes, from } = datagram
  if (isClosed) return
  const beacon = state.heard.take() ? read(bytes) : undefined
  if (!beacon) {
    state.ignored += 1
    return
  }
  if (beacon.run === self.run && beacon.stall === self.stall) return
  const { market, stall, run, port } = beacon
  const sighting = { market, stall, run, address: { host: from.host, port } }
  const key = `${stall} ${run}`
  if (!sightings.has(key) && sightings.size >= SIGHTINGS_MAX) forgetOldest(sightings)
  // Kept in the order of their age.
  sightings.delete(key)
  sightings.set(key, { ...sighting, at: now() })
  if (beacon.isAsking) answer(state, datagram)
  found(sighting)
}

/** In a big market not everybody answers everybody. */
function answer(state: State, { from, lan }: { readonly from: Address; readonly lan: Lan }): void {
  const { random, startTimer, timers, sightings, self } = state
  if (random() * sightings.size > ANSWERS || !state.answers.take()) return
  const stop = startTimer(ANSWER_MS * random(), () => {
    timers.delete(stop)
    lan.answer(encodeBeacon({ ...self, isAsking: false }), from)
  })
  timers.add(stop)
}

function read(bytes: Uint8Array): Beacon | undefined {
  if (bytes.length > BEACON_BYTES_MAX) return undefined
  try {
    return decodeBeacon(bytes)
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

function forgetOld({ sightings, now }: State): void {
  for (const [key, { at }] of sightings) {
    if (now() - at < SIGHTING_MS) return
    sightings.delete(key)
  }
}

function forgetOldest(sightings: State['sightings']): void {
  const [oldest] = sightings.keys()
  if (oldest !== undefined) sightings.delete(oldest)
}

const viewOf = ({ sightings, now, ignored }: State, lan: Lan): DiscoveryView => ({
  networks: lan.networks(),
  sightings: [...sightings.values()].map(({ at, ...sighting }) => ({
    ...sighting,
    ageMs: now() - at
  })),
  ignored
})

interface Quota {
  readonly take: () => boolean
}

/** So many in each second, and the next second anew. */
function openQuota(options: { readonly now: () => number; readonly perSecond: number }): Quota {
  const { now, perSecond } = options
  let second = Number.NEGATIVE_INFINITY
  let taken = 0
  return {
    take: () => {
      if (now() - second >= 1_000) {
        second = now()
        taken = 0
      }
      taken += 1
      return taken <= perSecond
    }
  }
}
