import { Fault } from '../core/ports.ts'

/** How many may wait for their turn. */
const WAITING_MAX = 8

/**
 * Does costly work one call at a time, so that a crowd that asks for it cannot slow the till.
 * Rejects with a `Fault` when too many wait already.
 */
export function inTurn<In, Out>(work: (input: In) => Promise<Out>): typeof work {
  let last: Promise<unknown> = Promise.resolve()
  let count = 0
  return async input => {
    if (count > WAITING_MAX) throw busy()
    count += 1
    const turn = last
      .then(() => work(input))
      .finally(() => {
        count -= 1
      })
    last = turn.catch(() => undefined)
    return turn
  }
}

const busy = () =>
  new Fault({
    code: 'too-many-proofs',
    message: 'Many devices ask for proofs at once.',
    fix: 'Wait a few seconds and try again.',
    isRetryable: true
  })
