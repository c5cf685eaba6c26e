import * as assert from 'uvu/assert'
import type { Address, Dial, Fault, Link, LinkEvents, TakeLink } from '../../node/core/ports.ts'
import { type Suite, suite } from '../harness.ts'
import { comes, until } from '../wait.ts'

/** One stall of a contract: dials, is dialled, and notes what happens on its links. */
export interface Side {
  readonly name: string
  readonly address: Address
  readonly dial: Dial
  /** Ends all links without a goodbye, and takes no more until it is opened anew. */
  readonly die: () => Promise<void>
}

export interface Held {
  readonly link: Link
  readonly heard: { readonly kind: string; readonly bytes: Uint8Array }[]
  readonly downs: string[]
}

export interface LinkWorld {
  /** Links that others make to it are given to `take`. */
  readonly open: (name: string, take: TakeLink) => Promise<Side>
  readonly close: () => Promise<void>
}

/** A link as it is held by a test. */
export function hold(link: Link): Held & LinkEvents {
  const heard: { kind: string; bytes: Uint8Array }[] = []
  const downs: string[] = []
  return {
    link,
    heard,
    downs,
    receive: (kind, bytes) => heard.push({ kind, bytes: Uint8Array.from(bytes) }),
    down: why => downs.push(why)
  }
}

/** What sync relies on, of links in memory as of real ones. */
export function linkContract(name: string, openWorld: () => Promise<LinkWorld>): void {
  suite(`link: ${name}`, test => {
    let world: LinkWorld
    test.before(async () => {
      world = await openWorld()
    })
    test.after(() => world.close())

    aboutMessages(test, () => world)
    aboutEnds(test, () => world)
  })
}

function aboutMessages(test: Suite, world: () => LinkWorld): void {
  test('each end knows who the other is', async () => {
    const { near, far } = await linkTwo(world())
    assert.equal([near.link.peer, far.link.peer], ['b', 'a'])
  })

  test('messages of both ends arrive whole and in order', async () => {
    const { near, far } = await linkTwo(world())
    const count = 200
    for (let n = 0; n < count; n++) {
      assert.ok(near.link.send('note', Buffer.alloc(n, n)))
      assert.ok(far.link.send('want', Buffer.alloc(n, n)))
    }
    await until(() => near.heard.length === count && far.heard.length === count)
    for (const [held, kind] of [
      [near, 'want'],
      [far, 'note']
    ] as const) {
      for (const [n, message] of held.heard.entries()) {
        assert.is(message.kind, kind)
        assert.ok(Buffer.alloc(n, n).equals(message.bytes))
      }
    }
  })

  test('what is sent in the moment of taking a link arrives', async () => {
    const take = (link: Link) => {
      assert.ok(link.send('hello', Buffer.from('from the taker')))
      const held = hold(link)
      taken.push(held)
      return held
    }
    const taken: Held[] = []
    const [a, b] = [await world().open('a', take), await world().open('b', take)]
    const near = await dialled(a, b, 'from the dialler')
    await until(() => near.heard.length === 1 && taken[0]?.heard.length === 1)
    assert.is(String(Buffer.from(near.heard[0]?.bytes ?? [])), 'from the taker')
    assert.is(String(Buffer.from(taken[0]?.heard[0]?.bytes ?? [])), 'from the dialler')
  })

  test('the caller may use its buffer anew', async () => {
    const { near, far } = await linkTwo(world())
    const buffer = Buffer.from('first')
    far.link.send('note', buffer)
    await until(() => near.heard.length === 1)
    buffer.write('wrong')
    assert.is(String(Buffer.from(near.heard[0]?.bytes ?? [])), 'first')
  })

  test('says no when its buffer is full, and goes on when there is room', async () => {
    const { near, far } = await linkTwo(world())
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      let sent = 0
      const bytes = Buffer.alloc(100_000)
      while (sent < 1_000 && from.link.send('data', bytes)) sent += 1
      assert.ok(sent >= 10 && sent < 100, `${sent} pieces of 100,000 bytes`)
      await until(() => to.heard.length === sent)
      await until(() => from.link.send('note', Buffer.from('again')))
      await until(() => to.heard.length === sent + 1)
      assert.equal(from.downs, [])
    }
  })
}

function aboutEnds(test: Suite, world: () => LinkWorld): void {
  for (const isNear of [true, false]) {
    test(`closed by who ${isNear ? 'dialled' : 'was dialled'}, both ends go down`, async () => {
      const { near, far } = await linkTwo(world())
      const [here, there] = isNear ? [near, far] : [far, near]
      here.link.close('Enough.')
      here.link.close('Enough.')
      await until(() => here.downs.length > 0 && there.downs.length > 0)
      assert.equal([here.downs, there.downs.length], [['Enough.'], 1])
      assert.not(here.link.send('note', Buffer.from('late')))
      assert.not(there.link.send('note', Buffer.from('late')))
    })
  }

  test('a peer that dies takes its link down', async () => {
    const { b, near } = await linkTwo(world())
    await b.die()
    await until(() => near.downs.length === 1)
    assert.not(near.link.send('note', Buffer.from('late')))
  })

  test('a new link of the same peer takes the place of its old one', async () => {
    const { a, b, far, taken } = await linkTwo(world())
    const again = await dialled(a, b)
    await until(() => taken.length === 2 && far.downs.length === 1)
    again.link.send('note', Buffer.from('new'))
    await until(() => taken[1]?.heard.length === 1)
    assert.equal([far.heard.length, again.downs.length], [0, 0])
  })

  test('names what failed where nobody answers', async () => {
    const { a, b } = await linkTwo(world())
    await b.die()
    const failed = await new Promise<Fault>((resolve, reject) => {
      const up = (link: Link) => {
        reject(new Error('linked to nobody'))
        return hold(link)
      }
      a.dial(b.address, { up, failed: resolve })
    })
    assert.ok(failed.isRetryable && failed.fix.length > 0)
  })

  test('a dial that was called off stays silent', async () => {
    const { a, b } = await linkTwo(world())
    let calls = 0
    const count = () => {
      calls += 1
    }
    const callOff = a.dial(b.address, {
      up: link => {
        count()
        return hold(link)
      },
      failed: count
    })
    callOff()
    assert.not(await comes(() => calls > 0, 200))
  })
}

/** Two stalls with one link between them, both of its ends. */
async function linkTwo(world: LinkWorld) {
  const taken: Held[] = []
  const take = (link: Link) => {
    const held = hold(link)
    taken.push(held)
    return held
  }
  const [a, b] = [await world.open('a', take), await world.open('b', take)]
  const near = await dialled(a, b)
  await until(() => taken.length === 1)
  const [far] = taken
  if (!far) throw new Error('gone')
  return { a, b, near, far, taken }
}

const dialled = (from: Side, to: Side, first?: string): Promise<Held> =>
  new Promise((resolve, reject) => {
    from.dial(to.address, {
      up: link => {
        const held = hold(link)
        if (first !== undefined) link.send('hello', Buffer.from(first))
        resolve(held)
        return held
      },
      failed: reject
    })
  })
