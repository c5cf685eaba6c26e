import type { Duplex } from 'node:stream'

/** What a client still has to be sent. Takes everything at once; its users look at `bytes`. */
export interface Outbound {
  readonly write: (bytes: Uint8Array) => void
  /** Bytes that were taken and that the kernel has not taken yet. */
  readonly bytes: () => number
  readonly flush: () => void
}

/** Larger ones are not worth copying into a bigger piece. */
const COPY_BYTES_MAX = 8_192

/**
 * Gathers what one turn of the event loop writes to a socket into one write.
 *
 * aedes writes each PUBLISH as about five tiny buffers, and nearly half of its time in a fan-out
 * goes into `writev`. Its writers wait for a full socket; here they do so only past `bytesMax`,
 * which is what stops a client that sends and never reads its acknowledgements. The socket itself
 * says `drain` only if the kernel did not take a write at once, so it is said here as well.
 */
export function createCoalescer(): (socket: Duplex, bytesMax: number) => Outbound {
  let dirty: Outbound[] = []
  const flushAll = () => {
    const now = dirty
    dirty = []
    for (const outbound of now) outbound.flush()
  }
  return (socket, bytesMax) => {
    const write = socket.write.bind(socket)
    const destroy = socket.destroy.bind(socket)
    const end = socket.end.bind(socket)
    let parts: Uint8Array[] = []
    let pending = 0
    let wasFull = false
    const taken = () => {
      if (!wasFull || outbound.bytes() > bytesMax / 2) return
      wasFull = false
      socket.emit('drain')
    }
    const outbound: Outbound = {
      write(bytes) {
        if (bytes.length > COPY_BYTES_MAX) outbound.flush()
        if (pending === 0 && dirty.push(outbound) === 1) setImmediate(flushAll)
        parts.push(bytes)
        pending += bytes.length
        if (outbound.bytes() > bytesMax) wasFull = true
        if (bytes.length > COPY_BYTES_MAX) outbound.flush()
      },
      bytes: () => pending + socket.writableLength,
      flush() {
        if (pending === 0) return
        const [first, second] = parts
        const bytes = first && !second ? first : Buffer.concat(parts, pending)
        parts = []
        pending = 0
        if (socket.writable) write(bytes, taken)
      }
    }
    Object.assign(socket, {
      cork: noop,
      uncork: noop,
      write(data: Uint8Array | string, encoding?: BufferEncoding) {
        outbound.write(typeof data === 'string' ? Buffer.from(data, encoding) : data)
        return outbound.bytes() <= bytesMax
      },
      end(done?: () => void) {
        outbound.flush()
        return end(done)
      },
      // A refusing CONNACK is written and the connection closed in one breath [MQTT-3.2.2-5].
      destroy(error?: Error) {
        outbound.flush()
        return destroy(error)
      }
    })
    return outbound
  }
}

const noop = () => {}
