import type { Id } from './id.ts'
import type { Refusal } from './refusal.ts'
import type { Place } from './time.ts'

/** The newest wishes that the state keeps: a lost answer is asked for within a few minutes. */
export const WISHES_MAX = 500

/**
 * Names one wish of one person. Whoever lost the answer wishes the same again under the same name,
 * and it comes true once. Sales and parked baskets need none: they have ids of their own.
 */
export interface Wished {
  readonly wish?: Id
}

export interface WishState {
  /** Oldest first; at most WISHES_MAX. */
  readonly wishes: readonly KnownWish[]
}

/** A wish that came true, and the place of its first entry. */
export interface KnownWish extends Place {
  readonly wish: Id
}

/** Null for a wish that is new, or has no name. */
export function refuseKnownWish({ wishes }: WishState, named: Nameable): Refusal | null {
  const known = named.wish && wishes.find(({ wish }) => wish === named.wish)
  return known ? { refused: 'already-done', place: { log: known.log, seq: known.seq } } : null
}

/** The name alone, for the first fact that comes of a wish. */
export const nameOf = ({ wish }: Nameable): Wished => (wish === undefined ? {} : { wish })

/** Null for a wish that an entry carried before: after a failed write two logs may hold it. */
export function foldWish(
  { wishes }: WishState,
  { wish, log, seq }: Nameable & Place
): readonly KnownWish[] | null {
  if (wish === undefined) return wishes
  if (wishes.some(known => known.wish === wish)) return null
  return [...wishes, { wish, log, seq }].slice(-WISHES_MAX)
}

/** Every command and every fact, as far as this file looks at them. */
interface Nameable extends Wished {
  readonly type: string
}
