/**
 * Names of MQTT topics. What a program outside may call a thing (a SKU, a device) becomes one
 * level of a topic, and every level leads back to exactly one name.
 */
export interface StallTopics {
  readonly state: string
  readonly sale: string
  readonly voided: string
  readonly footfall: string
  readonly stock: (sku: string) => string
  readonly price: (sku: string) => string
  readonly device: (name: string) => string
}

/** The local tree, `stall/<id>/…`: read by every program on the machine, written by the node. */
export function stallTopics(id: string): StallTopics {
  const root = `${TREE}/${toLevel(id)}`
  return {
    state: `${root}/$state`,
    sale: `${root}/sale`,
    voided: `${root}/voided`,
    footfall: `${root}/footfall`,
    stock: sku => `${root}/stock/${toLevel(sku)}`,
    price: sku => `${root}/price/${toLevel(sku)}`,
    device: name => `${root}/device/${toLevel(name)}`
  }
}

/** One message on a link: who it is from or for, and what kind it is. */
export interface MeshTopic {
  readonly peer: string
  readonly kind: string
}

/**
 * The mesh's own topics. A peer writes into its own inbox at this stall and reads its own outbox;
 * nothing is ever passed on from topic to topic, so no loop can be.
 */
export const inboxOf = ({ peer, kind }: MeshTopic): string =>
  `${MESH}/in/${toLevel(peer)}/${toLevel(kind)}`
export const outboxOf = ({ peer, kind }: MeshTopic): string =>
  `${MESH}/to/${toLevel(peer)}/${toLevel(kind)}`

/** All inboxes: only this stall's own process subscribes to them. */
export const INBOXES = 'm1/in/+/+'
/** The one filter that a peer may subscribe to. */
export const outboxFilter = (peer: string): string => `${MESH}/to/${toLevel(peer)}/+`

export const readInbox = (topic: string): MeshTopic | undefined => readMesh('in', topic)
export const readOutbox = (topic: string): MeshTopic | undefined => readMesh('to', topic)

/** Peers and kinds that need escapes are nobody's here. */
function readMesh(box: 'in' | 'to', topic: string): MeshTopic | undefined {
  const [root, which, peer, kind, ...more] = topic.split('/')
  if (root !== MESH || which !== box || !peer || !kind || more.length > 0) return undefined
  return { peer, kind }
}

/** Whether a topic name lies in the local tree. */
export const isInTree = (topic: string): boolean => topic === TREE || topic.startsWith(`${TREE}/`)

/**
 * A topic name has no wildcards [MQTT-3.3.2-2], no NUL [MQTT-1.5.3-2], no lone surrogates
 * [MQTT-1.5.3-1] and at least one character [MQTT-4.7.3-1].
 */
export const isTopicName = (text: string): boolean =>
  text.length > 0 && !/[+#\0]/.test(text) && isWellFormed(text)

/** A filter's `+` fills a whole level [MQTT-4.7.1-3], its `#` the whole last one [MQTT-4.7.1-2]. */
export function isTopicFilter(text: string): boolean {
  if (text.length === 0 || text.includes('\0') || !isWellFormed(text)) return false
  const levels = text.split('/')
  return levels.every(
    (level, index) =>
      level === '+' || (level === '#' && index === levels.length - 1) || !/[+#]/.test(level)
  )
}

/** Whether a filter covers a topic; one that begins with a wildcard covers no $… [MQTT-4.7.2-1]. */
export function covers(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false
  const wanted = filter.split('/')
  const given = topic.split('/')
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true
    if (index >= given.length || (level !== '+' && level !== given[index])) return false
  }
  return wanted.length === given.length
}

/**
 * Any text as one level of a topic: `%`, `+`, `#`, `/` and control characters become `%` and two
 * hex digits; lone surrogates and non-characters, which UTF-8 in MQTT must or should not hold
 * [MQTT-1.5.3-1], become `%u` and four. Everything else stands for itself.
 */
export const toLevel = (text: string): string =>
  text.replace(UNSAFE, unit => {
    const hex = unit.charCodeAt(0).toString(16).toUpperCase()
    return hex.length > 2 ? `%u${hex}` : `%${hex.padStart(2, '0')}`
  })

const TREE = 'stall'
const MESH = 'm1'

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what this is for.
const UNSAFE = /[\0-\x1f%+#/\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]|\p{Surrogate}/gu

/** ES2024's `isWellFormed`, which the types of ES2023 do not know yet. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)
