/** What a counter says that only ever counts up, since it was switched on. */
export interface Totals {
  readonly in: number
  readonly out: number
}

/** What a line of it is worth. */
export interface Counted extends Totals {
  /** Quarantined: nobody believes them, and nobody forgets them. */
  readonly unsure: number
  readonly what: 'first' | 'counted' | 'doubted' | 'reset' | 'jump'
}

/** A counter that is quiet for longer has no more people to tell of at once. */
const CATCH_UP_MINUTES = 5

/**
 * Makes counts of totals. A total that goes backwards or leaps is believed only when the next line
 * goes on from it: bytes get lost on a cable, and 12 becomes 2 or 512. Then backwards means that
 * the device began again, so all that it has is new; and a leap is quarantined.
 */
export function totalsCounter(options: {
  readonly perMinuteMax: number
}): (totals: Totals, monoMs: number) => Counted {
  const roomMax = options.perMinuteMax * CATCH_UP_MINUTES
  let base: Totals | undefined
  let doubted: Totals | undefined
  /** How many more people are plausible by now. */
  let room = roomMax
  let lastMs = 0
  const accept = (totals: Totals, used: number) => {
    base = totals
    doubted = undefined
    room = Math.max(0, room - used)
  }
  return (totals, monoMs) => {
    room = Math.min(roomMax, room + ((monoMs - lastMs) * options.perMinuteMax) / 60_000)
    lastMs = monoMs
    if (base === undefined) {
      accept(totals, 0)
      return { ...NOBODY, what: 'first' }
    }
    const more = isAhead(totals, base) ? sum(totals) - sum(base) : undefined
    if (more !== undefined && more <= room) {
      const counted = { in: totals.in - base.in, out: totals.out - base.out, unsure: 0 }
      accept(totals, more)
      return { ...counted, what: 'counted' }
    }
    const isConfirmed =
      doubted !== undefined && isAhead(totals, doubted) && sum(totals) - sum(doubted) <= room
    if (!isConfirmed) {
      doubted = totals
      return { ...NOBODY, what: 'doubted' }
    }
    const isReset = more === undefined
    const came = more ?? sum(totals)
    const isPlausible = isReset && came <= room
    accept(totals, came)
    return {
      ...(isPlausible ? { ...totals, unsure: 0 } : { ...NOBODY, unsure: came }),
      what: isReset ? 'reset' : 'jump'
    }
  }
}

const NOBODY = { in: 0, out: 0, unsure: 0 }

const sum = (totals: Totals): number => totals.in + totals.out

const isAhead = (totals: Totals, base: Totals): boolean =>
  totals.in >= base.in && totals.out >= base.out
