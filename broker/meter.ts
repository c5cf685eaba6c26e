/** Measures how much comes, in a bucket that leaks: bursts pass, a flood does not. */
export function openMeter(options: {
  /** Milliseconds of a clock that never runs back. */
  readonly now: () => number
  readonly perSecond: number
}): { readonly isTooMuch: (amount: number) => boolean } {
  const { now, perSecond } = options
  let held = 0
  let at = now()
  return {
    isTooMuch: amount => {
      held = Math.max(0, held - ((now() - at) / 1_000) * perSecond) + amount
      at = now()
      return held > BURST_S * perSecond
    }
  }
}

/** A bucket holds what may come in so many seconds. */
const BURST_S = 3
