import * as assert from 'uvu/assert'
import type { Entry, Fact } from '../../node/core/entry.ts'
import type { Store } from '../../node/core/ports.ts'
import { money } from '../../node/core/sell/money.ts'
import { suite } from '../harness.ts'

const AT = Date.UTC(2030, 10, 22, 18)

const stepped: Fact = { type: 'clockStepped', monoMs: 5, stepMs: 60_000 }
const iced: Fact = { type: 'cashMoved', session: 1, amount: money(-500), reason: 'Ice' }

/** What the loop relies on, of a store in memory as of one on a disk. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  suite(`store: ${name}`, test => {
    test('what was appended stands at its place, and the end moves on', async () => {
      const store = await open()
      const entries = await append(store, [stepped, iced])
      for (const entry of entries) assert.equal(await store.read(entry), entry)
      const [first, last] = entries
      assert.is(last?.seq, (first?.seq ?? 0) + 1)
      assert.equal(store.end(), { log: last?.log, seq: (last?.seq ?? 0) + 1 })
      await store.close()
    })

    test('nothing is where nothing was written', async () => {
      const store = await open()
      assert.is(await store.read(store.end()), undefined)
      assert.is(await store.read({ ...store.end(), seq: 1_000 }), undefined)
      await store.close()
    })

    test('a new log begins with its own first entry, and the old one can be read', async () => {
      const store = await open()
      const before = await append(store, [iced])
      const opened = await store.renew()
      assert.is(opened.seq, 0)
      assert.is.not(opened.log, before[0]?.log)
      assert.equal(store.end(), { log: opened.log, seq: 1 })
      const after = await append(store, [iced])
      for (const entry of [...before, ...after]) assert.equal(await store.read(entry), entry)
      assert.is((await store.read(opened))?.type, 'logOpened')
      await store.close()
    })

    test('turns that follow one another keep their order', async () => {
      const store = await open()
      const { seq } = store.end()
      for (let turn = 0; turn < 20; turn++) await append(store, [iced])
      assert.is(store.end().seq, seq + 20)
      await store.close()
    })
  })
}

async function append(store: Store, facts: readonly Fact[]): Promise<readonly Entry[]> {
  const { log, seq } = store.end()
  const entries = facts.map((fact, index) => ({ log, seq: seq + index, at: AT, ...fact }))
  await store.append(entries)
  return entries
}
