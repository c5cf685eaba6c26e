import * as assert from 'uvu/assert'
import type { LogId } from '../../node/core/id.ts'
import type { FrameRefusal, Frames } from '../../node/core/ports.ts'
import { decodeFrame, encodeFrame, type Frame } from '../../node/wire/frame.ts'
import { type Suite, suite } from '../harness.ts'
import { author, framesOf, testMarket } from '../mesh/author.ts'

/** The frames of a stall in `testMarket('here')`, which writes the log `own` itself. */
export interface OpenFrames {
  readonly frames: Frames
  /** The same once more, as after a restart. */
  readonly reopen: () => Promise<Frames>
  readonly close: () => Promise<void>
}

const market = testMarket('here')
const abroad = testMarket('abroad')
export const own = author({ market, stall: 'own' })

/** What sync relies on, of peers' frames on a disk as of those on a simulated one. */
export function framesContract(name: string, open: () => Promise<OpenFrames>): void {
  suite(`frames: ${name}`, test => {
    readsBack(test, open)
    counts(test, open)
    refuses(test, open)
  })
}

type Open = () => Promise<OpenFrames>

function readsBack(test: Suite, open: Open): void {
  test('what was kept is read back as one frame, from any entry on', async () => {
    const { frames, close } = await open()
    const bao = author({ market, stall: 'bao' })
    await keepAll(frames, framesOf(bao, 2, 1, 3))
    assert.equal([...frames.sizes()], [[bao.log, 6]])
    for (let from = 0; from < 6; from++) {
      const frame = decodeFrame((await readFrom(frames, bao.log, from)) ?? Buffer.of())
      assert.is(frame.from, from)
      assert.is(frame.size, 6)
      assert.equal(Buffer.from(frame.root), Buffer.from(bao.head().root))
    }
    assert.is(await readFrom(frames, bao.log, 6), undefined)
    assert.is(await readFrom(frames, own.log, 0), undefined)
    await close()
  })

  test('a frame is as long as was asked, but holds one that was signed at least', async () => {
    const { frames, close } = await open()
    const bao = author({ market, stall: 'bao' })
    await keepAll(frames, framesOf(bao, 1, 1, 1, 1, 1))
    const few = await frames.read({ log: bao.log, from: 1, bytesMax: 400 })
    assert.is(decodeFrame(few ?? Buffer.of()).size, 3)
    const one = await frames.read({ log: bao.log, from: 1, bytesMax: 1 })
    assert.is(decodeFrame(one ?? Buffer.of()).size, 2)
    await close()
  })

  test('a restart gives back all that was kept, and goes on', async () => {
    const { frames, reopen, close } = await open()
    const bao = author({ market, stall: 'bao' })
    const all = framesOf(bao, 1, 2, 3, 4)
    await keepAll(frames, all.slice(0, 3))
    const again = await reopen()
    assert.equal(new Map(again.sizes()), sizes([bao.log, 6]))
    await keepAll(again, all.slice(3))
    const frame = decodeFrame((await readFrom(again, bao.log, 0)) ?? Buffer.of())
    assert.is(frame.entries.length, 10)
    await close()
  })
}

function counts(test: Suite, open: Open): void {
  test('a batch of many logs counts in its order', async () => {
    const { frames, close } = await open()
    const bao = author({ market, stall: 'bao' })
    const tea = author({ market, stall: 'tea' })
    const [first, second] = [framesOf(bao, 1, 1), framesOf(tea, 2, 2)]
    await keepAll(frames, [...second.slice(0, 1), ...first, ...second.slice(1)])
    assert.equal(new Map(frames.sizes()), sizes([bao.log, 2], [tea.log, 4]))
    await close()
  })

  test('of a frame that overlaps, only what is new is kept', async () => {
    const { frames, close } = await open()
    const bao = author({ market, stall: 'bao' })
    const parts = framesOf(bao, 2, 2)
    const other = await open()
    await keepAll(other.frames, parts)
    const whole = (await readFrom(other.frames, bao.log, 0)) ?? Buffer.of()
    await keepAll(frames, parts.slice(0, 1))
    const [verdict] = await frames.keep([whole])
    assert.is(verdict && 'kept' in verdict && verdict.kept.from, 2)
    assert.is(frames.sizes().get(bao.log), 4)
    await close()
    await other.close()
  })
}

function refuses(test: Suite, open: Open): void {
  for (const { word, why, reason, make } of [...unknown(), ...untrue(), ...forked()]) {
    test(`refuses as "${word}" what ${why}, and keeps nothing of it`, async () => {
      const { frames, reopen, close } = await open()
      const { before, bad } = make()
      await keepAll(frames, before)
      const held = new Map(frames.sizes())
      const [verdict] = await frames.keep([bad])
      assert.ok(verdict && 'refused' in verdict, 'it was kept')
      assert.is(verdict.refused, word)
      assert.match(verdict.reason, reason)
      assert.equal(new Map(frames.sizes()), held)
      assert.equal(new Map((await reopen()).sizes()), held)
      await close()
    })
  }
}

interface Case {
  readonly word: FrameRefusal
  readonly why: string
  readonly reason: RegExp
  readonly make: () => { readonly before: readonly Uint8Array[]; readonly bad: Uint8Array }
}

const bao = () => author({ market, stall: 'bao' })

/** The first frame of a log, and the next one changed. */
const changed = (change: (frame: Frame) => object) => () => {
  const [first = Buffer.of(), next = Buffer.of()] = framesOf(bao(), 2, 2)
  const frame = decodeFrame(next)
  return { before: [first], bad: encodeFrame({ ...frame, ...change(frame) }) }
}

/** What was never a part of what is held. */
function unknown(): readonly Case[] {
  return [
    {
      word: 'known',
      why: 'is here already',
      reason: /here already/,
      make: () => {
        const [first = Buffer.of(), second = Buffer.of()] = framesOf(bao(), 1, 1)
        return { before: [first, second], bad: first }
      }
    },
    {
      word: 'gap',
      why: 'comes too early',
      reason: /starts at entry 2, and 1 is next/,
      make: () => {
        const [first = Buffer.of(), , third = Buffer.of()] = framesOf(bao(), 1, 1, 1)
        return { before: [first], bad: third }
      }
    },
    {
      word: 'malformed',
      why: 'is cut off',
      reason: /longer than the bytes/,
      make: () => ({ before: [], bad: (framesOf(bao(), 2)[0] ?? Buffer.of()).slice(0, -1) })
    },
    {
      word: 'uncertified',
      why: 'another market admitted',
      reason: /signature does not match/,
      make: () => ({
        before: [],
        bad: framesOf(author({ market: abroad, stall: 'bao' }), 2)[0] ?? Buffer.of()
      })
    },
    {
      word: 'uncertified',
      why: 'begins without an opening',
      reason: /does not begin with its opening/,
      make: () => {
        const by = bao()
        const entry = { log: by.log, seq: 0, at: 1, type: 'itemWithdrawn', sku: 'tea' } as const
        return { before: [], bad: by.write([entry]) }
      }
    }
  ]
}

/** What nobody signed, or not so. */
function untrue(): readonly Case[] {
  return [
    {
      word: 'untrue',
      why: 'has another signature',
      reason: /not signed by the log's key/,
      make: changed(() => ({ signature: Buffer.alloc(64, 7) }))
    },
    {
      word: 'split',
      why: 'has another entry',
      reason: /not those that the head was made of/,
      make: changed(({ entries }) => ({ entries: entries.map(flipped) }))
    },
    {
      word: 'split',
      why: 'has its entries in another order',
      reason: /out of its place/,
      make: changed(({ entries }) => ({ entries: entries.toReversed() }))
    }
  ]
}

/** What somebody signed twice, or who must not. */
function forked(): readonly Case[] {
  return [
    {
      word: 'forked',
      why: 'is a second head of one size',
      reason: /two heads of size 3/,
      make: () => {
        const by = bao()
        const [first = Buffer.of()] = framesOf(by, 2)
        const twin = by.copy()
        const entry = { log: by.log, seq: 2, at: 9e12, type: 'itemWithdrawn', sku: 'tea' } as const
        return { before: [first, ...framesOf(by, 1)], bad: twin.write([entry]) }
      }
    },
    {
      word: 'untrue',
      why: 'claims another root of the size that is held',
      reason: /not signed/,
      make: () => {
        const [first = Buffer.of()] = framesOf(bao(), 2)
        return { before: [first], bad: encodeFrame({ ...decodeFrame(first), root: sha(9) }) }
      }
    },
    {
      word: 'own',
      why: 'this stall writes itself',
      reason: /written here/,
      make: () => ({ before: [], bad: framesOf(own.copy(), 1)[0] ?? Buffer.of() })
    }
  ]
}

const sha = (fill: number) => Buffer.alloc(32, fill)

/** One bit of the sealed box, where no reader without the key can see it. */
function flipped(entry: Uint8Array): Uint8Array {
  const bytes = Buffer.from(entry)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  return bytes
}

const sizes = (...rows: readonly [LogId, number][]) => new Map(rows)

const readFrom = (frames: Frames, log: LogId, from: number) =>
  frames.read({ log, from, bytesMax: 64 << 10 })

async function keepAll(frames: Frames, all: readonly Uint8Array[]): Promise<void> {
  for (const verdict of await frames.keep(all)) {
    assert.ok('kept' in verdict, 'refused' in verdict ? verdict.reason : '')
  }
}
