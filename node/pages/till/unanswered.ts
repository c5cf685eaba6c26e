import { type Id, isId } from '../../core/id.ts'
import { mintId } from './counter.ts'
import { readNote } from './noted.ts'
import { field } from './paid.ts'
import type { Ask, Notebook, Now } from './ports.ts'

const NAME = 'unanswered'
/** Who asks for the same after this long means it anew. */
const KEPT_MS_MAX = 10 * 60_000
const KEPT_MAX = 20

interface Unanswered {
  readonly request: string
  readonly key: Id
  readonly at: number
}

/**
 * Asks with a key that stays the same until there is an answer: a second tap, even after a reload,
 * moves no second cash. What has a key of its own keeps it.
 */
export function openAskOnce(ports: {
  readonly ask: Ask
  readonly notebook: Notebook
  readonly now: Now
  readonly chance: (count: number) => Uint8Array
}): Ask {
  const { ask, notebook, now, chance } = ports
  let kept = readNote(notebook.read(NAME), isUnanswered) ?? []
  const keep = (next: readonly Unanswered[]) => {
    kept = next.filter(({ at }) => now() - at <= KEPT_MS_MAX).slice(-KEPT_MAX)
    notebook.write(NAME, kept.length === 0 ? null : JSON.stringify(kept))
  }
  return async asked => {
    if (asked.method !== 'POST' || asked.key !== undefined) return ask(asked)
    const request = JSON.stringify([asked.path, asked.body])
    const others = () => kept.filter(each => each.request !== request)
    keep(kept)
    const key = kept.find(each => each.request === request)?.key ?? mintId(chance)
    keep([...others(), { request, key, at: now() }])
    const reply = await ask({ ...asked, key })
    if (reply.state === 'done' || reply.state === 'refused') keep(others())
    return reply
  }
}

const isUnanswered = (value: unknown): value is readonly Unanswered[] =>
  Array.isArray(value) &&
  value.every(
    each =>
      typeof field(each, 'request') === 'string' &&
      isId(field(each, 'key')) &&
      Number.isFinite(field(each, 'at'))
  )
