import { deflateRawSync } from 'node:zlib'
import type { Entry } from '../../node/core/entry.ts'
import type { LogId } from '../../node/core/id.ts'
import type { Link, LogSize } from '../../node/core/ports.ts'
import { encode } from '../../node/wire/codec.ts'
import { decodeFrame, encodeFrame } from '../../node/wire/frame.ts'
import { decodeMessage, encodeMessage, encodePiece } from '../../node/wire/message.ts'
import {
  type Author,
  author,
  bytesFrom,
  framesOf,
  OPENED_AT,
  type TestMarket
} from '../mesh/author.ts'
import type { Member } from './network.ts'
import type { WorldTime } from './time.ts'

/**
 * A member with a true certificate that tries everything to upset its peers. It hears what they
 * say, and does one trick after the other on every link.
 */
export function openLiar(options: {
  readonly name: string
  readonly market: TestMarket
  readonly abroad: TestMarket
  readonly time: WorldTime
  readonly random: () => number
}): Member & { readonly log: LogId } {
  const { name, market, abroad, random } = options
  const own = author({ market, stall: name })
  const [ownFrame = Buffer.of()] = framesOf(own, 2)
  const foreign = author({ market: abroad, stall: name })
  const liar: Liar = {
    ...options,
    own,
    ownFrame,
    branches: [1, 2].map(length => forkOf(own, length)),
    foreignFrame: framesOf(foreign, 2)[0] ?? Buffer.of(),
    session: 0,
    heard: new Map(),
    newest: undefined,
    links: new Set()
  }
  return {
    name,
    log: own.log,
    link: link => {
      let isUp = true
      const act = () => {
        if (!isUp) return
        const trick = TRICKS[Math.floor(random() * TRICKS.length)]
        trick?.(liar, link)
        options.time.startTimer(200 + 600 * random(), act)
      }
      liar.links.add(link)
      link.send('note', note([{ log: own.log, size: 1 }]))
      greet(liar, link)
      options.time.startTimer(500 * random(), act)
      return {
        receive: (kind, bytes) => {
          listen(liar, link, { kind, bytes })
          return undefined
        },
        down: () => {
          isUp = false
          liar.links.delete(link)
        }
      }
    }
  }
}

/** How a log might go on; with another length it is another past. */
function forkOf(own: Author, length: number): Uint8Array {
  const { log } = own
  const entries = Array.from({ length }, (_, index): Entry => {
    const seq = own.end().size + index
    return { log, seq, at: OPENED_AT + seq, type: 'itemWithdrawn', sku: `fork ${length}` }
  })
  return own.copy().write(entries)
}

interface Liar {
  readonly time: WorldTime
  readonly random: () => number
  readonly own: Author
  readonly ownFrame: Uint8Array
  /** How its own log goes on, told to each as it likes: both are signed. */
  readonly branches: readonly Uint8Array[]
  readonly foreignFrame: Uint8Array
  session: number
  /** Logs of others, and how long they are. */
  readonly heard: Map<LogId, number>
  /** A frame that it may pass on changed. */
  newest: Uint8Array | undefined
  readonly links: Set<Link>
}

/** Remembers what it hears, and passes fresh news on at once, with other entries in them. */
function listen(
  liar: Liar,
  from: Link,
  { kind, bytes }: { readonly kind: string; readonly bytes: Uint8Array }
): void {
  if (kind !== 'note' && kind !== 'data' && kind !== 'digest') return
  const message = decodeMessage(kind, bytes)
  if (message.kind === 'data') {
    liar.newest = message.frames.at(-1)
    for (const link of liar.links) {
      if (link !== from) link.send('data', data(message.frames.map(tampered)))
    }
  } else if ('sizes' in message) {
    for (const { log, size } of (message.sizes ?? []).slice(0, 50)) liar.heard.set(log, size)
  }
}

type Trick = (liar: Liar, link: Link) => void

function greet(liar: Liar, link: Link, session = ++liar.session): void {
  const digest = bytesFrom('digest', session)
  link.send('hello', encodeMessage({ kind: 'hello', oldest: 1, newest: 1, session, digest }))
}

const VERSION = 1
const data = (frames: readonly Uint8Array[], answers: number | null = null) =>
  encodeMessage({ kind: 'data', version: VERSION, answers, frames })
const note = (sizes: readonly LogSize[]) => encodeMessage({ kind: 'note', version: VERSION, sizes })
const want = (id: number, sizes: readonly LogSize[]) =>
  encodeMessage({ kind: 'want', version: VERSION, id, sizes })

/** Logs that there are not. */
const madeUp = (from: number, count: number): LogSize[] =>
  Array.from({ length: count }, (_, at) => ({
    log: bytesFrom('made up', from + at).toString('hex', 0, 8) as LogId,
    size: 1 + ((from + at) % 1_000)
  }))

/** Made once, for they are long and every liar says them. */
const FLOOD = [0, 2_000, 4_000].map(from => note(madeUp(from, 2_000)))

const withoutSignature = (frame: Uint8Array): Uint8Array =>
  encodeFrame({ ...decodeFrame(frame), signature: Buffer.alloc(64, 9) })

function tampered(bytes: Uint8Array): Uint8Array {
  const frame = decodeFrame(bytes)
  const entries = frame.entries.map(entry => Buffer.from(entry).fill(1, entry.length - 4))
  return encodeFrame({ ...frame, entries })
}

const BOMB = encode([1, null, deflateRawSync(Buffer.alloc(8 << 20))])
const OVERSIZED = Buffer.alloc(900_000, 0x80)

const TRICKS: readonly Trick[] = [
  /** Its own log, forked: at one moment some peers hear this and others that. */
  ({ ownFrame, branches, links }) => {
    for (const [index, link] of [...links].entries()) {
      link.send('data', data([ownFrame, branches[index % branches.length] ?? ownFrame]))
    }
  },
  /** Nothing behind it but a head that nobody signed. */
  ({ own }, link) => {
    const twin = own.copy()
    link.send('data', data(framesOf(twin, 1).map(withoutSignature)))
  },
  /** Another market's log. */
  ({ foreignFrame }, link) => link.send('data', data([foreignFrame])),
  /** A lying vector: more than there is of each log, and logs that are not. */
  (liar, link) => {
    const sizes = [...liar.heard].map(([log, size]) => ({ log, size: size + 1_000 }))
    const digest = bytesFrom('digest', liar.random())
    const all = [...sizes, ...madeUp(Math.floor(10_000 * liar.random()), 10)]
    link.send('digest', encodeMessage({ kind: 'digest', version: VERSION, digest, sizes: all }))
  },
  /** A vector that says it has nothing: everything would be sent again. */
  (liar, link) => {
    const digest = bytesFrom('digest', liar.random())
    link.send('digest', encodeMessage({ kind: 'digest', version: VERSION, digest, sizes: [] }))
  },
  /** Hellos that were heard before. */
  (liar, link) => {
    for (let count = 0; count < 5; count++) greet(liar, link, liar.session)
  },
  /** New hellos, many. */
  (liar, link) => {
    for (let count = 0; count < 5; count++) greet(liar, link)
  },
  /** More claims than anybody remembers. */
  (_, link) => {
    for (const claims of FLOOD) link.send('note', claims)
  },
  /** Everything from the start, again and again. */
  ({ heard }, link) => {
    const sizes = [...heard.keys()].map(log => ({ log, size: 0 }))
    for (let id = 0; id < 20; id++) link.send('want', want(id, sizes))
  },
  /** Bytes that are no message. */
  ({ random }, link) => {
    link.send('data', bytesFrom('garbage', random()))
    link.send('gossip', bytesFrom('garbage', random()))
    link.send('want', BOMB)
    link.send('data', BOMB)
  },
  /** Too long, whole and in pieces. */
  (_, link) => {
    link.send('data', OVERSIZED)
    const bytes = OVERSIZED.subarray(0, 1_000)
    link.send('chunk', encodePiece({ kind: 'data', id: 1, index: 0, count: 1e6, bytes }))
  },
  /** A true head with other entries under it. */
  ({ newest }, link) => {
    if (newest) link.send('data', data([tampered(newest)]))
  },
  /** An answer that nobody asked for, with nothing in it. */
  (_, link) => link.send('data', data([], 7))
]
