import { readFile, rename, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { chance } from '../../drivers/sim/chance.ts'
import { RECORD_HEADER_BYTES, recordOf, scan } from '../../node/ledger/record.ts'
import {
  AHEAD_BYTES,
  openSeries,
  SEGMENT_BYTES,
  type Spot,
  scanSegments,
  segmentName
} from '../../node/ledger/segment.ts'
import { FRAME_BYTES_MAX } from '../../node/wire/frame.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'

const START: Spot = { segment: 1, offset: 0 }
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

async function readAll(dir: string) {
  const texts: string[] = []
  const damaged: number[] = []
  let end = START
  let tail: { from: number; to: number } | undefined
  for await (const found of scanSegments(dir)) {
    texts.push(...found.found.map(record => text(record.bytes)))
    damaged.push(...found.damaged.map(range => range.from))
    end = { segment: found.segment, offset: found.end }
    tail = found.tail
  }
  return { texts, damaged, end, tail }
}

async function writeAll(dir: string, texts: readonly string[]): Promise<Spot[]> {
  const { end, tail } = await readAll(dir)
  const series = await openSeries({ dir, end, tail })
  const spots: Spot[] = []
  for (const each of texts) spots.push(await series.append(Buffer.from(each)))
  await series.close()
  return spots
}

suite('segment', test => {
  test('gives back what was appended, over restarts', () =>
    inFolder(async dir => {
      await writeAll(dir, ['one', 'two'])
      await writeAll(dir, ['three'])
      assert.equal((await readAll(dir)).texts, ['one', 'two', 'three'])
    }))

  test('lays zeros ahead, so that an append does not lengthen the file', () =>
    inFolder(async dir => {
      const series = await openSeries({ dir, end: START })
      await series.append(Buffer.from('one'))
      assert.is((await stat(join(dir, segmentName(1)))).size, AHEAD_BYTES)
      await series.append(Buffer.alloc(AHEAD_BYTES / 2, 1))
      await series.close()
      assert.is((await stat(join(dir, segmentName(1)))).size, 2 * AHEAD_BYTES)
    }))

  test('goes on in a next segment when one is full', () =>
    inFolder(async dir => {
      const series = await openSeries({ dir, end: START })
      const frames = Math.floor(SEGMENT_BYTES / (FRAME_BYTES_MAX + RECORD_HEADER_BYTES))
      for (let at = 0; at < frames; at++) await series.append(Buffer.alloc(FRAME_BYTES_MAX, 1))
      assert.equal(await series.append(Buffer.alloc(FRAME_BYTES_MAX, 2)), {
        segment: 2,
        offset: 0
      })
      await series.close()
      assert.is((await readAll(dir)).texts.length, frames + 1)
      assert.is((await stat(join(dir, segmentName(1)))).size, SEGMENT_BYTES)
    }))

  test('drops a record that was cut off at any byte, and writes on behind the last good one', () =>
    inFolder(async dir => {
      const [, last] = await writeAll(dir, ['kept', 'cut off'])
      const whole = await readFile(join(dir, segmentName(1)))
      const from = last?.offset ?? Number.NaN
      for (let cut = from; cut < from + RECORD_HEADER_BYTES + 'cut off'.length; cut++) {
        await writeFile(join(dir, segmentName(1)), Buffer.from(whole).fill(0, cut))
        await writeAll(dir, ['next'])
        assert.equal(await readAll(dir).then(all => [all.texts, all.damaged]), [
          ['kept', 'next'],
          []
        ])
      }
    }))

  test('reads on behind a changed byte, wherever it lies in a record', () =>
    inFolder(async dir => {
      const spots = await writeAll(dir, ['first', 'second', 'third'])
      const whole = await readFile(join(dir, segmentName(1)))
      for (let at = spots[1]?.offset ?? 0; at < (spots[2]?.offset ?? 0); at++) {
        const changed = Buffer.from(whole)
        changed[at] = (changed[at] ?? 0) ^ 0x40
        const { found, damaged } = scan(changed)
        assert.equal(
          found.map(record => text(record.bytes)),
          ['first', 'third'],
          `byte ${at}`
        )
        assert.equal(damaged, [{ from: spots[1]?.offset, to: spots[2]?.offset }])
      }
    }))

  test('reads on behind 4 KiB of zeros', () =>
    inFolder(async dir => {
      const texts = Array.from({ length: 200 }, (_, at) => `record ${at} `.padEnd(100, '.'))
      const spots = await writeAll(dir, texts)
      const bytes = await readFile(join(dir, segmentName(1)))
      const { found, damaged, end } = scan(Buffer.from(bytes.fill(0, 4_096, 8_192)))
      const kept = texts.filter((_, at) => {
        const from = spots[at]?.offset ?? 0
        return from + RECORD_HEADER_BYTES + 100 <= 4_096 || from >= 8_192
      })
      assert.equal(
        found.map(record => text(record.bytes)),
        kept
      )
      assert.is(damaged.length, 1)
      assert.is(end, (spots.at(-1)?.offset ?? 0) + RECORD_HEADER_BYTES + 100)
    }))

  test('opens a truncated file and a folder with a segment missing', () =>
    inFolder(async dir => {
      const spots = await writeAll(dir, ['one', 'two', 'three'])
      await truncate(join(dir, segmentName(1)), (spots[2]?.offset ?? 0) + 3)
      await writeAll(dir, ['four'])
      assert.equal((await readAll(dir)).texts, ['one', 'two', 'four'])
      await rename(join(dir, segmentName(1)), join(dir, segmentName(3)))
      await writeAll(dir, ['six'])
      assert.equal((await readAll(dir)).texts, ['one', 'two', 'four', 'six'])
    }))

  test('scan loses to random damage only records that it touches (seed 7, 300 rounds)', () => {
    const random = chance(7)
    const below = (max: number) => Math.floor(random() * max)
    for (let round = 0; round < 300; round++) {
      const records = Array.from({ length: 1 + below(20) }, () =>
        recordOf(Buffer.from(Array.from({ length: 1 + below(300) }, () => below(256))))
      )
      const bytes = Buffer.concat([...records, Buffer.alloc(below(2_000))])
      const from = below(bytes.length)
      const to = Math.min(bytes.length, from + 1 + below(600))
      const kinds = [() => 0, () => below(256), () => 0xff, (at: number) => bytes[to - at] ?? 1]
      const kind = kinds[below(kinds.length)] ?? (() => 0)
      for (let at = from; at < to; at++) bytes[at] = kind(at - from)
      let offset = 0
      const offsets = new Set(scan(bytes).found.map(record => record.offset))
      for (const record of records) {
        const isTouched = offset < to && offset + record.length > from
        if (!isTouched) assert.ok(offsets.has(offset), `round ${round}, record at ${offset}`)
        offset += record.length
      }
    }
  })

  test('scan reads whatever bytes there are, without a throw, in bounded time (seed 8)', () => {
    const random = chance(8)
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.from(
        Array.from({ length: Math.floor(random() * 5_000) }, () =>
          random() < 0.7 ? 0 : Math.floor(random() * 256)
        )
      )
      const { found, end, tail } = scan(bytes)
      assert.ok(end <= bytes.length && (tail?.to ?? 0) <= bytes.length)
      for (const { offset, bytes: inner } of found) {
        assert.ok(recordOf(inner).equals(bytes.subarray(offset, offset + 8 + inner.length)))
      }
    }
    const headers = Buffer.alloc(SEGMENT_BYTES)
    for (let at = 0; at < headers.length; at += 4) headers.writeUInt32LE(FRAME_BYTES_MAX, at)
    assert.equal(scan(headers).found, [])
  })
})
