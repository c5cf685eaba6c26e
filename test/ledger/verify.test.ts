import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { recordOf, scan } from '../../node/ledger/record.ts'
import { segmentName } from '../../node/ledger/segment.ts'
import { decode, encode } from '../../node/wire/codec.ts'
import { decodeFrame, encodeFrame, type Frame } from '../../node/wire/frame.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { dataDir, machineIn, openTill, sale, terms, verify, within } from './stall.ts'

/** Two boots: log 1 with terms and six sales, log 2 with one sale. */
async function makeLedger(dir: string) {
  for (const boot of ['boot-1', 'boot-2']) {
    const till = await openTill(machineIn(dir, boot))
    if (boot === 'boot-1') {
      await till.turn(terms)
      for (let number = 0; number < 6; number++) await till.turn(sale(number))
    } else await till.turn(sale(99))
    await till.close()
  }
  const path = join(dataDir(machineIn(dir)), 'own', segmentName(1))
  const bytes = await readFile(path)
  return { path, bytes, records: scan(bytes).found }
}

suite('verify', test => {
  test('says in a line what was checked', () =>
    inFolder(async dir => {
      await makeLedger(dir)
      const verdict = await verify(machineIn(dir))
      assert.equal(verdict.problems, [])
      assert.is(verdict.logs, 2)
      assert.is(verdict.entries, 1 + 1 + 1 + 6 + 1 + 1)
      assert.match(verdict.sentence, /^All is true: 2 logs, 11 entries, 20\S+Z to 20\S+Z\.$/)
    }))

  test('does not call a folder true that holds no ledger', () =>
    inFolder(async dir => {
      const { isGood, sentence } = await verify(machineIn(dir))
      assert.not(isGood)
      assert.match(sentence, 'There is no ledger here')
    }))

  test('names the entry that lies where a byte was changed', () =>
    inFolder(async dir => {
      const { path, bytes, records } = await makeLedger(dir)
      const at = records[4]?.offset ?? 0
      bytes[at + 200] = (bytes[at + 200] ?? 0) ^ 1
      await writeFile(path, bytes)
      const { problems } = await verify(machineIn(dir))
      assert.is(problems.length, 1)
      const where = `own/00000001.seg at byte ${at}: Entry 5 of log `
      assert.match(problems[0] ?? '', where)
      assert.match(problems[0] ?? '', 'changed (the checksum does not match)')
    }))

  test('finds a change that somebody covered up with a true checksum', () =>
    inFolder(async dir => {
      const { path, bytes, records } = await makeLedger(dir)
      const at = records[4]?.offset ?? 0
      const frame = decodeFrame(records[4]?.bytes ?? new Uint8Array())
      const entries = frame.entries.map(entry => Uint8Array.from(entry))
      const last = entries.at(-1)
      if (last) last[last.length - 1] = (last.at(-1) ?? 0) ^ 1
      recordOf(encodeFrame({ ...frame, entries })).copy(bytes, at)
      await writeFile(path, bytes)
      const { sentence } = await verify(machineIn(dir))
      assert.match(sentence, `own/00000001.seg at byte ${at}: Entry 5 of log ${frame.log} changed`)
      assert.match(sentence, 'not those that the head was made of')
    }))

  test('finds a sale that was cut out without a trace, at the end of a log as well', () =>
    inFolder(async dir => {
      const { path, bytes, records } = await makeLedger(dir)
      for (const [index, words] of [
        [4, /Entry 5 of log \S+ went missing/],
        [7, /Entry 8 of log \S+ went missing/]
      ] as const) {
        const [from, to] = [records[index]?.offset ?? 0, records[index + 1]?.offset ?? 0]
        const rest = [bytes.subarray(0, from), bytes.subarray(to), Buffer.alloc(to - from)]
        await writeFile(path, Buffer.concat(rest))
        const { sentence, isGood } = await verify(machineIn(dir))
        assert.not(isGood)
        assert.match(sentence, words)
      }
    }))

  test('finds a signature of another key, and a ledger of another market', () =>
    inFolder(async dir => {
      const { path, bytes, records } = await makeLedger(dir)
      const frame = decodeFrame(records[4]?.bytes ?? new Uint8Array())
      const signature = Uint8Array.from(frame.signature).reverse()
      recordOf(encodeFrame({ ...frame, signature })).copy(bytes, records[4]?.offset)
      await writeFile(path, bytes)
      assert.match((await verify(machineIn(dir))).sentence, "not signed by the log's key")
      await writeFile(path, bytes)
      await within({ ...machineIn(join(dir, 'other')) }, async () => undefined)
      await cp(join(dir, 'other/keys'), join(dir, 'keys'), { recursive: true })
      assert.not((await verify(machineIn(dir))).isGood)
    }))

  test('finds whatever is done to a frame, its checksum repaired (every frame)', () =>
    inFolder(async dir => {
      const { path, bytes, records } = await makeLedger(dir)
      const frames: readonly Uint8Array[] = records.map(record => Buffer.from(record.bytes))
      const isGood = async (changed: readonly Uint8Array[]) => {
        const file = Buffer.alloc(bytes.length)
        changed.reduce((at, frame) => at + recordOf(frame).copy(file, at), 0)
        await writeFile(path, file)
        return (await verify(machineIn(dir))).isGood
      }
      assert.ok(await isGood(frames))
      for (const [index, frame] of frames.entries()) {
        for (const [name, change] of Object.entries(mutations)) {
          const others = change(frame, frames[index + 1])
          if (others) {
            const changed = frames.toSpliced(index, others.replaced, ...others.frames)
            assert.not(await isGood(changed), `${name} of frame ${index}`)
          }
        }
      }
    }))

  test('goes on checking behind a frame that lies there twice', () =>
    inFolder(async dir => {
      const { path, bytes, records } = await makeLedger(dir)
      const frames = records.map(({ bytes: frame }) => Buffer.from(frame))
      const [first, ...rest] = frames
      const forged = rest.map(frame => {
        const { entries, ...head } = decodeFrame(frame)
        return encodeFrame({ ...head, entries, signature: new Uint8Array(64) })
      })
      const file = Buffer.alloc(bytes.length)
      const all = [first, first, ...forged].flatMap(frame => (frame ? [recordOf(frame)] : []))
      Buffer.concat(all).copy(file)
      await writeFile(path, file)
      const { problems } = await verify(machineIn(dir))
      assert.ok(problems.length >= forged.length + 1, problems.join('\n'))
      assert.match(problems[0] ?? '', 'Entry 0 of log')
      assert.match(problems[0] ?? '', 'lies here once more')
    }))
})

type Mutation = (
  frame: Uint8Array,
  next: Uint8Array | undefined
) => { readonly replaced: number; readonly frames: readonly Uint8Array[] } | undefined

/** Changes one field of a frame. */
const changing =
  (change: (frame: Frame) => Partial<Frame>): Mutation =>
  bytes => {
    const frame = decodeFrame(bytes)
    return { replaced: 1, frames: [encodeFrame({ ...frame, ...change(frame) })] }
  }

const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.with(at, (bytes.at(at) ?? 0) ^ 1)

/** Another time in the place of the first entry's: `[log, seq, type, at, …]`. */
function atAnotherTime(bytes: Uint8Array): Uint8Array {
  const entry = decode(bytes)
  if (!Array.isArray(entry)) throw new TypeError('An entry is an array')
  return encode(entry.with(3, 1))
}

const mutations: Readonly<Record<string, Mutation>> = {
  'another body': changing(({ entries }) => ({
    entries: entries.map(entry => flipped(entry, entry.length - 1))
  })),
  'another time': changing(({ entries }) => ({ entries: entries.map(atAnotherTime) })),
  'another root': changing(({ root }) => ({ root: flipped(root, 7) })),
  'another signature': changing(({ signature }) => ({ signature: flipped(signature, 40) })),
  'no entries': changing(({ size }) => ({ entries: [], from: size })),
  'a place further on': changing(({ from, size }) => ({ from: from + 1, size: size + 1 })),
  twice: bytes => ({ replaced: 1, frames: [bytes, bytes] }),
  // Without its last frame a ledger is what a power cut leaves behind: nobody can tell.
  dropped: (_, next) => (next ? { replaced: 1, frames: [] } : undefined),
  swapped: (bytes, next) => (next ? { replaced: 2, frames: [next, bytes] } : undefined)
}
