/**
 * Finds who listens to a topic and tells them at once.
 *
 * aedes' own emitter (mqemitter) lets a hundred messages at most be under way, counting those that
 * wait for a slow socket: one frozen subscriber therefore stops every topic for a minute
 * (aedes #88, #553). This one counts nothing, for the listeners here never wait.
 */
interface Matcher<Message extends { readonly topic: string }> {
  readonly on: (filter: string, listener: Listener<Message>, done?: () => void) => void
  readonly removeListener: (filter: string, listener: Listener<Message>, done?: () => void) => void
  readonly emit: (message: Message, done?: (error?: Error) => void) => void
  readonly close: (done: () => void) => void
}
export type Listener<Message> = (message: Message, done: () => void) => void

/** Topics whose listeners are remembered. A stall has some thousands of them. */
const CACHE_MAX = 4_096

interface Level<Message> {
  readonly next: Map<string, Level<Message>>
  readonly listeners: Set<Listener<Message>>
}

export function createMatcher<Message extends { readonly topic: string }>(): Matcher<Message> {
  const root: Level<Message> = { next: new Map(), listeners: new Set() }
  const found = new Map<string, readonly Listener<Message>[]>()
  const waiting: Message[] = []
  let isEmitting = false

  const listenersOf = (topic: string) => {
    const known = found.get(topic)
    if (known) return known
    if (found.size >= CACHE_MAX) found.clear()
    const fresh = collect({ level: root, levels: topic.split('/'), at: 0 })
    found.set(topic, fresh)
    return fresh
  }
  return {
    on(filter, listener, done) {
      add(root, filter.split('/')).listeners.add(listener)
      found.clear()
      if (done) setImmediate(done)
    },
    removeListener(filter, listener, done) {
      remove({ level: root, levels: filter.split('/'), listener })
      found.clear()
      if (done) setImmediate(done)
    },
    emit(message, done) {
      waiting.push(message)
      if (!isEmitting) {
        isEmitting = true
        try {
          // A listener that publishes waits its turn here, so that everybody hears both messages
          // in the same order [MQTT-4.6.0-6] and a client hears all copies of one in a row.
          for (let next = waiting.shift(); next; next = waiting.shift()) {
            for (const listener of listenersOf(next.topic)) listener(next, noop)
          }
        } finally {
          isEmitting = false
          waiting.length = 0
        }
      }
      done?.()
    },
    close: done => void setImmediate(done)
  }
}

function add<Message>(root: Level<Message>, levels: readonly string[]): Level<Message> {
  let level = root
  for (const name of levels) {
    const next = level.next.get(name) ?? { next: new Map(), listeners: new Set() }
    level.next.set(name, next)
    level = next
  }
  return level
}

/** Takes the listener out and every level that nothing hangs on any more. */
function remove<Message>(options: {
  level: Level<Message>
  levels: readonly string[]
  listener: Listener<Message>
}): void {
  const { level, levels, listener } = options
  const [name, ...rest] = levels
  if (name === undefined) return void level.listeners.delete(listener)
  const next = level.next.get(name)
  if (!next) return
  remove({ level: next, levels: rest, listener })
  if (next.listeners.size === 0 && next.next.size === 0) level.next.delete(name)
}

function collect<Message>(options: {
  level: Level<Message>
  levels: readonly string[]
  at: number
}): Listener<Message>[] {
  const { level, levels, at } = options
  // [MQTT-4.7.2-1] A filter that begins with a wildcard does not match topics that begin with $.
  const isHidden = at === 0 && (levels[0] ?? '').startsWith('$')
  const many = isHidden ? undefined : level.next.get('#')
  const all = many ? [...many.listeners] : []
  const name = levels[at]
  if (name === undefined) return [...all, ...level.listeners]
  for (const next of [level.next.get(name), isHidden ? undefined : level.next.get('+')]) {
    if (next) all.push(...collect({ level: next, levels, at: at + 1 }))
  }
  return all
}

const noop = () => {}
