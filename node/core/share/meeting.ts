/** A market, as two stalls tell each other of theirs when they meet. */
export interface MarketSeen {
  readonly market: string
  /** Whether anything was ever sold in it, as far as that stall knows. */
  readonly hasSales: boolean
}

/** `join` leaves the own market for the other; `apart` is for ever, as far as two stalls know. */
export type Meeting = 'same' | 'join' | 'stay' | 'apart'

/**
 * What a stall does that meets another. Only markets of developers ever merge, and never two that
 * sold something: nobody's books may be left behind. Of two without sales the one whose name comes
 * first stays, so that exactly one of them moves.
 */
export function meet(own: MarketSeen, met: MarketSeen): Meeting {
  if (own.market === met.market) return 'same'
  if (!isDevelopment(own.market) || !isDevelopment(met.market)) return 'apart'
  if (own.hasSales) return met.hasSales ? 'apart' : 'stay'
  if (met.hasSales) return 'join'
  return own.market < met.market ? 'stay' : 'join'
}

export const isDevelopment = (market: string): boolean => market.startsWith('dev.')
