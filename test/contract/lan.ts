import * as assert from 'uvu/assert'
import type { Address } from '../../node/core/ports.ts'
import type { Lan, OpenLan } from '../../node/mesh/lan.ts'
import { suite } from '../harness.ts'
import { comes, until } from '../wait.ts'

interface Heard {
  readonly text: string
  readonly from: Address
}

/** What discovery relies on, of networks in memory as of real ones. */
export function lanContract(name: string, openWorld: () => (host: string) => OpenLan): void {
  suite(`lan: ${name}`, test => {
    let at: (host: string) => Promise<{ lan: Lan; heard: Heard[] }>
    const open: Lan[] = []
    test.before(async () => {
      const world = openWorld()
      at = async host => {
        const heard: Heard[] = []
        let grown = 0
        const lan = world(host)({
          heard: (bytes, from) => heard.push({ text: Buffer.from(bytes).toString(), from }),
          grown: () => {
            grown += 1
          }
        })
        open.push(lan)
        await until(() => grown > 0)
        return { lan, heard }
      }
    })
    test.after(async () => {
      for (const lan of open.splice(0)) await lan.close()
    })

    test('what one shouts all others hear', async () => {
      const [a, b, c] = [await at('a'), await at('b'), await at('c')]
      a.lan.shout(Buffer.from('here'))
      for (const { heard } of [b, c]) await until(() => heard.some(({ text }) => text === 'here'))
    })

    test('an answer reaches who asked, and nobody else', async () => {
      const [a, b, c] = [await at('a'), await at('b'), await at('c')]
      a.lan.shout(Buffer.from('who?'))
      await until(() => b.heard.length > 0)
      const [question] = b.heard
      if (!question) throw new Error('heard before')
      b.lan.answer(Buffer.from('me'), question.from)
      await until(() => a.heard.some(({ text }) => text === 'me'))
      assert.not(c.heard.some(({ text }) => text === 'me'))
      // A shout after it proves that nothing is still on its way.
      b.lan.shout(Buffer.from('end'))
      await until(() => c.heard.some(({ text }) => text === 'end'))
      assert.not(c.heard.some(({ text }) => text === 'me'))
    })

    test('says which networks there are', async () => {
      const { lan } = await at('a')
      assert.ok(lan.networks().length > 0)
      for (const { name, address } of lan.networks()) assert.ok(name !== '' && address !== '')
    })

    test('hears nothing once it is closed, and closes twice', async () => {
      const [a, b] = [await at('a'), await at('b')]
      await a.lan.close()
      await a.lan.close()
      const before = a.heard.length
      b.lan.shout(Buffer.from('late'))
      await until(() => b.heard.some(({ text }) => text === 'late') || b.heard.length === 0)
      assert.not(await comes(() => a.heard.length > before, 100))
      a.lan.shout(Buffer.from('from the dead'))
      assert.not(await comes(() => b.heard.some(({ text }) => text === 'from the dead'), 100))
    })
  })
}
