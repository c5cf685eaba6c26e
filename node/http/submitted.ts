import type { Entry } from '../core/entry.ts'
import type { Outcome } from '../core/ports.ts'
import { isRefusal } from '../core/refusal.ts'
import type { Place } from '../core/time.ts'
import { placeOf } from './json.ts'
import { faultProblem } from './problem.ts'
import { refusalProblem } from './refusals.ts'
import type { Answer } from './route.ts'
import type { Shop } from './shop.ts'

/** Answers a wish: with what `say` makes of its entries, or with why nothing became of it. */
export function submitted(
  outcome: Outcome,
  { stall }: Pick<Shop, 'stall'>,
  say: (entries: readonly Entry[]) => Answer
): Answer {
  if ('fault' in outcome) return faultProblem(outcome.fault)
  if (isRefusal(outcome)) return refusalProblem(outcome, stall().terms.currency)
  return say(outcome.entries)
}

/** Where a fact of this kind was written; null when the wish changed nothing. */
export function placeIn(entries: readonly Entry[], type: Entry['type']): Place | null {
  const entry = entries.find(each => each.type === type)
  return entry ? placeOf(entry) : null
}
