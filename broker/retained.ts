import { covers } from '../node/wire/topics.ts'
import type { Packet } from './inside.ts'

/** The newest retained message of each topic [MQTT-3.3.1-5]. */
export interface Retained {
  /** False when there is no room; an empty payload clears the topic [MQTT-3.3.1-10]. */
  readonly store: (packet: Packet) => boolean
  readonly get: (topic: string) => Packet | undefined
  /** What a new subscription hears [MQTT-3.3.1-6]; read as it goes, so that nothing is copied. */
  readonly match: (filters: readonly string[]) => Iterable<Packet>
  readonly size: () => number
}

export interface RetainedLimits {
  readonly retained: number
  readonly retainedBytes: number
}

/**
 * aedes' memory keeps as many as anybody sends, and looks for one topic by trying them all:
 * 200 ms of a stopped loop among 10,000.
 */
export function createRetained(limits: RetainedLimits): Retained {
  const packets = new Map<string, Packet>()
  let bytes = 0

  function* matching(filter: string): Generator<Packet> {
    const wildcardAt = filter.search(/[+#]/)
    if (wildcardAt < 0) {
      const exact = packets.get(filter)
      if (exact) yield exact
      return
    }
    // `a/#` covers `a` itself too, so the slash is not part of what a topic must begin with.
    const prefix = filter.slice(0, Math.max(0, wildcardAt - 1))
    for (const [topic, packet] of packets) {
      if (topic.startsWith(prefix) && covers(filter, topic)) yield packet
    }
  }
  return {
    store(packet) {
      const { topic, payload } = packet
      const old = packets.get(topic)
      const others = bytes - (old ? bytesOf(old) : 0)
      const hasRoom =
        (old !== undefined || packets.size < limits.retained) &&
        others + bytesOf(packet) <= limits.retainedBytes
      // Without room the old value goes too, for it is no longer true [MQTT-3.3.1-7].
      if (payload.length === 0 || !hasRoom) packets.delete(topic)
      else packets.set(topic, { ...packet })
      bytes = packets.has(topic) ? others + bytesOf(packet) : others
      return payload.length === 0 || hasRoom
    },
    get: topic => packets.get(topic),
    *match(filters) {
      for (const filter of filters) yield* matching(filter)
    },
    size: () => packets.size
  }
}

const bytesOf = ({ topic, payload }: Packet): number => topic.length + payload.length
