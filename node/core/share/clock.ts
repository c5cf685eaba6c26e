/**
 * What time it is, as far as a stall without a battery clock can know: its own source if it has
 * one, or else what its peers know, with a bound on the error that is honest about the way there.
 * Times are milliseconds: `mono` by the stall's own monotonic clock, all others since 1970.
 */
export interface ClockKnowledge {
  /** This stall's name, so that it never learns from a peer what the peer learned from it. */
  readonly self: string
  readonly own: OwnSource | null
  readonly samplesByPeer: ReadonlyMap<string, readonly Sample[]>
}

/** A source of this stall itself. */
export interface OwnSource {
  readonly kind: 'ntp' | 'gnss' | 'rtc'
  /** What to add to the monotonic clock. */
  readonly offsetMs: number
  readonly boundMs: number
  readonly monoMs: number
}

/** One question to a peer and its answer (RFC 5905 8, the four timestamps). */
export interface Exchange {
  readonly peer: string
  /** T1 and T4, by our monotonic clock. */
  readonly askedMono: number
  readonly answeredMono: number
  /** T2 and T3, by what the peer takes for the time. */
  readonly peerHeardAt: number
  readonly peerSentAt: number
  /** What the peer says of its own time. */
  readonly stratum: number
  readonly boundMs: number
  readonly parent: string | null
}

interface Sample {
  readonly offsetMs: number
  readonly rttMs: number
  readonly monoMs: number
  readonly stratum: number
  readonly boundMs: number
}

export interface ClockEstimate {
  /** 1 beside a true source, 2 by a battery clock, one more with each peer on the way; 16: none. */
  readonly stratum: number
  readonly offsetMs: number
  /** The true time is no further from the estimate than this. */
  readonly boundMs: number
  /** Whose time it is; null for a source of our own, or none. */
  readonly parent: string | null
}

export type ExchangeRefusal =
  /** It takes its time from us. */
  | 'loop'
  /** It does not know the time itself. */
  | 'no-time'
  /** Stamps in an impossible order: answered before it was asked. */
  | 'impossible'

const STRATA = { ntp: 1, gnss: 1, rtc: 2 } as const
export const NO_STRATUM = 16
const SAMPLES_MAX = 8
/** Crystals of such boards are off by 10 to 60 ppm. */
const DRIFT = 100e-6

export const startKnowledge = (self: string): ClockKnowledge => ({
  self,
  own: null,
  samplesByPeer: new Map()
})

export const withOwnSource = (
  knowledge: ClockKnowledge,
  own: OwnSource | null
): ClockKnowledge => ({
  ...knowledge,
  own
})

/** Adds what a peer answered; of each peer the newest eight answers are kept. */
export function withExchange(
  knowledge: ClockKnowledge,
  exchange: Exchange
): ClockKnowledge | { readonly refused: ExchangeRefusal } {
  const { peer, askedMono, answeredMono, peerHeardAt, peerSentAt, stratum, boundMs } = exchange
  if (exchange.parent === knowledge.self) return { refused: 'loop' }
  if (!(stratum >= 1 && stratum < NO_STRATUM - 1)) return { refused: 'no-time' }
  const rttMs = answeredMono - askedMono - (peerSentAt - peerHeardAt)
  // The two clocks run at two speeds, which may make a very short way less than nothing.
  const isOrdered = peerSentAt >= peerHeardAt && rttMs > -1
  const isPossible = isOrdered && boundMs >= 0 && boundMs < Number.POSITIVE_INFINITY
  if (!isPossible) return { refused: 'impossible' }
  const sample = {
    offsetMs: (peerHeardAt - askedMono + (peerSentAt - answeredMono)) / 2,
    rttMs: Math.max(0, rttMs),
    monoMs: askedMono,
    stratum: stratum + 1,
    boundMs
  }
  const samples = [...(knowledge.samplesByPeer.get(peer) ?? []), sample].slice(-SAMPLES_MAX)
  return { ...knowledge, samplesByPeer: new Map(knowledge.samplesByPeer).set(peer, samples) }
}

/** A peer that is gone is no source any more. */
export function withoutPeer(knowledge: ClockKnowledge, peer: string): ClockKnowledge {
  const samplesByPeer = new Map(knowledge.samplesByPeer)
  samplesByPeer.delete(peer)
  return { ...knowledge, samplesByPeer }
}

/** The estimate with the least bound at a moment: a short way beats a new one, until it ages. */
export function estimateAt({ own, samplesByPeer }: ClockKnowledge, monoMs: number): ClockEstimate {
  let best: ClockEstimate = own
    ? {
        stratum: STRATA[own.kind],
        offsetMs: own.offsetMs,
        boundMs: aged(own.boundMs, monoMs - own.monoMs),
        parent: null
      }
    : NO_ESTIMATE
  for (const [parent, samples] of samplesByPeer) {
    for (const { offsetMs, rttMs, stratum, ...sample } of samples) {
      const boundMs = aged(rttMs / 2 + sample.boundMs, monoMs - sample.monoMs)
      if (boundMs < best.boundMs) best = { stratum, offsetMs, boundMs, parent }
    }
  }
  return best
}

const NO_ESTIMATE: ClockEstimate = {
  stratum: NO_STRATUM,
  offsetMs: 0,
  boundMs: Number.POSITIVE_INFINITY,
  parent: null
}

const aged = (boundMs: number, ageMs: number): number => boundMs + Math.abs(ageMs) * DRIFT
