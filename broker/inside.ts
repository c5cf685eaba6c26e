import { Duplex } from 'node:stream'
import type { Aedes } from 'aedes'

/** What the seams touch inside aedes 1.2.0: none of it is promised, so all of it is checked. */
export interface ClientInside {
  readonly id: string
  readonly clean: boolean
  readonly closed: boolean
  readonly connackSent: boolean
  readonly subscriptions: Readonly<Record<string, { readonly qos: QoS }>>
  readonly _parser: ParserInside
  _nextId: number
  deliver0: Deliver
  deliverQoS: Deliver
}

export interface ParserInside {
  parse: (bytes: Buffer) => number
  /** The packet being read; its length is -1 until the fixed header is whole. */
  readonly packet: { readonly length: number }
}

export type QoS = 0 | 1 | 2
type Deliver = (packet: Packet, done: () => void) => void

/** A PUBLISH as aedes carries it about (aedes-packet). */
export interface Packet {
  readonly cmd: string
  readonly topic: string
  readonly payload: Buffer
  readonly qos: QoS
  readonly retain: boolean
  /** Null for a retained message that answers a SUBSCRIBE. */
  readonly brokerId: string | null
  readonly brokerCounter: number
  readonly messageId?: number
  readonly dup?: boolean
  readonly clientId?: string
  /** The subscriber does not want its own messages: bridges ask for that. */
  readonly nl?: boolean
}

export const lesserQos = (a: QoS, b: QoS): QoS => (a < b ? a : b)

/** Looks at a client of this very aedes, so that a changed one stops the start and not a sale. */
export function checkInside(aedes: Aedes): void {
  const nowhere = new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() })
  const client = aedes.handle(nowhere)
  try {
    insideOf(client)
  } finally {
    nowhere.destroy()
  }
}

/** Throws a bug that names the part which this aedes does not have. */
export function insideOf(client: unknown): ClientInside {
  for (const [path, type] of PARTS) {
    const part = path.reduce<unknown>((whole, key) => Object(whole)[key], client)
    if (typeof part !== type) {
      throw new TypeError(
        `aedes has changed: client.${path.join('.')} should be a ${type}, and is ${typeof part}. ` +
          'The seams in broker/ are written for aedes 1.2.0; install exactly that version, or ' +
          'read its new client.js and run the tests of test/broker.'
      )
    }
  }
  return client as ClientInside
}

const PARTS: readonly (readonly [path: readonly string[], type: string])[] = [
  [['clean'], 'boolean'],
  [['closed'], 'boolean'],
  [['connackSent'], 'boolean'],
  [['subscriptions'], 'object'],
  [['_parser', 'parse'], 'function'],
  [['_parser', 'packet', 'length'], 'number'],
  [['_nextId'], 'number'],
  [['deliver0'], 'function'],
  [['deliverQoS'], 'function']
]
