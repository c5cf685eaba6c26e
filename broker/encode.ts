import type { Packet, QoS } from './inside.ts'

interface Encoded {
  readonly topic: string
  readonly qos: QoS
  readonly isRetained: boolean
  readonly bytes: Buffer
  /** Where the packet identifier stands; only with QoS 1 and 2 [MQTT-2.3.1-5]. */
  readonly idAt: number
}

/**
 * Writes PUBLISH packets (MQTT 3.1.1, 3.3). aedes encodes a message anew for every subscriber;
 * here the subscribers of one message share its bytes, and with QoS above 0 all but two of them.
 */
export function createEncoder(): (
  packet: Packet,
  options: { qos: QoS; isRetained: boolean; id: number }
) => Buffer {
  const known = new WeakMap<Buffer, Encoded>()
  return (packet, { qos, isRetained, id }) => {
    const { topic, payload } = packet
    let encoded = known.get(payload)
    if (encoded?.topic !== topic || encoded.qos !== qos || encoded.isRetained !== isRetained) {
      encoded = encode({ topic, payload, qos, isRetained })
      known.set(payload, encoded)
    }
    if (qos === 0) return encoded.bytes
    const bytes = Buffer.from(encoded.bytes)
    bytes.writeUInt16BE(id, encoded.idAt)
    return bytes
  }
}

function encode(options: {
  topic: string
  payload: Buffer
  qos: QoS
  isRetained: boolean
}): Encoded {
  const { topic, payload, qos, isRetained } = options
  const name = Buffer.from(topic)
  const length = lengthOf(2 + name.length + (qos > 0 ? 2 : 0) + payload.length)
  const nameAt = 1 + length.length
  const idAt = nameAt + 2 + name.length
  const payloadAt = qos > 0 ? idAt + 2 : idAt
  const bytes = Buffer.alloc(payloadAt + payload.length)
  bytes[0] = 0x30 | (qos << 1) | (isRetained ? 1 : 0)
  bytes.set(length, 1)
  bytes.writeUInt16BE(name.length, nameAt)
  bytes.set(name, nameAt + 2)
  bytes.set(payload, payloadAt)
  return { topic, qos, isRetained, bytes, idAt }
}

/** The "remaining length": seven bits a byte, lowest first; the top bit says more follow. */
function lengthOf(rest: number): number[] {
  const bytes: number[] = []
  for (let left = rest; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left]
    bytes.push((left % 128) | 0x80)
  }
}
