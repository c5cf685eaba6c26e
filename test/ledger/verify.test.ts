import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { recordOf, scan } from '../../node/ledger/record.ts'
import { segmentName } from '../../node/ledger/segment.ts'
import { decodeFrame, encodeFrame } from '../../node/wire/frame.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { dataDir, machineIn, openTill, sale, terms, verify } from './stall.ts'

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
      await rm(join(dir, 'keys'), { recursive: true })
      assert.not((await verify(machineIn(dir))).isGood)
    }))
})
