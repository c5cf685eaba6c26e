import * as v from 'valibot'
import type { Command } from '../core/command.ts'
import type { Entry, Fact } from '../core/entry.ts'
import type { Wished } from '../core/wish.ts'
import { isProblem, type Problem, problem } from './problem.ts'
import type { Answer, JsonAnswer } from './route.ts'
import * as shapes from './shapes.ts'
import type { Shop } from './shop.ts'
import { submitted } from './submitted.ts'

/** Bad news of every row that answers with `wished`. */
export const WISH_ERRORS = [
  'idempotency-key-malformed',
  'different-wish',
  'entry-unreadable'
] as const

/**
 * Answers a wish that the `Idempotency-Key` names. Sent again, it gets its first answer, made from
 * its first entry, with `Idempotency-Replayed`. Without a key it is done each time it is sent.
 */
export async function wished(
  { idempotencyKey }: { readonly idempotencyKey: string | undefined },
  shop: Shop,
  wish: {
    readonly command: Extract<Command, Wished>
    /** What of the request stands in the first entry: so a key's second use is told apart. */
    readonly asked: Part<Fact>
    readonly say: (entries: readonly Entry[]) => JsonAnswer | Problem
  }
): Promise<Answer> {
  const { command, asked, say } = wish
  const key = v.safeParse(v.optional(shapes.SaleId), idempotencyKey)
  if (!key.success) return problem('idempotency-key-malformed')
  const named = key.output === undefined ? command : { ...command, wish: key.output }
  const outcome = await shop.submit(named)
  const isKnown = 'refused' in outcome && outcome.refused === 'already-done'
  if (!isKnown) return submitted(outcome, shop, say)
  const entry = await shop.read(outcome.place)
  if (!entry) return problem('entry-unreadable')
  if (!says(entry, asked)) return problem('different-wish')
  const answer = say([entry])
  if (isProblem(answer)) return answer
  return { ...answer, status: 200, headers: { 'Idempotency-Replayed': 'true' } }
}

type Part<Whole> = Whole extends string | number | boolean | Uint8Array
  ? Whole
  : { readonly [Key in keyof Whole]?: Part<Whole[Key]> }

/** Whether everything in `part` is in `whole`. */
const says = (whole: unknown, part: unknown): boolean =>
  typeof part === 'object' && part !== null
    ? Object.entries(part).every(([name, value]) => says(Object(whole)[name], value))
    : whole === part
