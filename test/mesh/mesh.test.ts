import * as assert from 'uvu/assert'
import { chance } from '../../drivers/sim/chance.ts'
import type { Address } from '../../node/core/ports.ts'
import type { OpenLan } from '../../node/mesh/lan.ts'
import { DIALLED } from '../../node/mesh/links.ts'
import { suite } from '../harness.ts'
import { openTime, type WorldTime } from '../world/time.ts'
import { type AlleyStall, openAlleyStall } from './alley.ts'
import { memoryLan } from './memory-lan.ts'
import { memoryLinks } from './memory-links.ts'

/** Stalls in simulated time: what holds for names, links and addresses, without a network. */
function openWorld(seed: number) {
  const time = openTime()
  const random = chance(seed)
  const lan = memoryLan(time.startTimer)
  const links = memoryLinks({ startTimer: time.startTimer, delayMs: 5 })
  const stalls = new Map<string, AlleyStall>()
  const open = async (stall: string, options: Options = {}) => {
    const { openLan = lan.openLan(stall), peers = [] } = options
    let dial: Parameters<typeof openAlleyStall>[0]['ways']['dial'] = () => () => {}
    const opened = await openAlleyStall({
      stall,
      now: time.now,
      startTimer: time.startTimer,
      random,
      openLan: openLan ?? undefined,
      peers,
      ways: { dial: (to, call) => dial(to, call), recheck: () => {}, close: async () => {} },
      openDoor: async take => {
        const side = await links.open(stall, take)
        dial = side.dial
        return { port: side.address.port, recheck: () => {}, close: side.die }
      }
    })
    stalls.set(stall, opened)
    return opened
  }
  return { time, lan, links, stalls, open }
}

interface Options {
  readonly openLan?: OpenLan | null
  readonly peers?: readonly Address[]
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `s${n + 1}`)

const isConnected = (stalls: ReadonlyMap<string, AlleyStall>): boolean => {
  const reached = new Set<string>()
  const visit = (name: string) => {
    if (reached.has(name)) return
    reached.add(name)
    for (const { peer } of stalls.get(name)?.mesh.view().links ?? []) visit(peer)
  }
  for (const [first] of stalls) {
    visit(first)
    break
  }
  return reached.size === stalls.size
}

/** Each stall knows as much as all others. */
const agree = (stalls: ReadonlyMap<string, AlleyStall>): boolean => {
  const told = [...stalls.values()].map(({ sizes }) =>
    [...sizes()]
      .map(([log, size]) => `${log} ${size}`)
      .sort()
      .join()
  )
  return new Set(told).size === 1
}

const within = async (time: WorldTime, ms: number, isTrue: () => boolean): Promise<number> => {
  const start = time.now()
  while (!isTrue()) {
    if (time.now() - start > ms) throw new Error(`not within ${ms} ms`)
    await time.pass(50)
  }
  return time.now() - start
}

suite('mesh', test => {
  test('two stalls find each other and keep one link, the smaller name dialling', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { time, open } = openWorld(seed)
      const [one, two] = [await open('s1'), await open('s2')]
      await time.pass(3_000)
      const seen = [one, two].map(({ mesh }) =>
        mesh.view().links.map(({ peer, isDialled }) => [peer, isDialled])
      )
      assert.equal(seen, [[['s2', true]], [['s1', false]]], `seed ${seed}`)
    }
  })

  test('fifty stalls started together are one market in seconds, with few links each', async () => {
    const { time, open, stalls } = openWorld(7)
    for (const name of names(50)) await open(name)
    const ms = await within(time, 5_000, () => isConnected(stalls))
    assert.ok(ms <= 1_500, `connected after ${ms} ms`)
    await time.pass(60_000)
    const views = [...stalls.values()].map(({ mesh }) => mesh.view().links)
    for (const links of views) {
      const dialled = links.filter(each => each.isDialled)
      assert.ok(dialled.length <= DIALLED + 2, `${dialled.length} dialled`)
      assert.is(new Set(links.map(({ peer }) => peer)).size, links.length, 'one link a peer')
    }
    const degree = views.reduce((all, links) => all + links.length, 0) / views.length
    assert.ok(degree > 4 && degree < 10, `${degree} links each`)
    const ring = names(50).sort()
    for (const [index, name] of ring.entries()) {
      const next = ring[(index + 1) % ring.length]
      assert.ok(
        stalls
          .get(name)
          ?.mesh.view()
          .links.some(({ peer }) => peer === next)
      )
    }
  })

  test('what one writes all others hold, also who comes later', async () => {
    const { time, open, stalls } = openWorld(8)
    for (const name of names(10)) await open(name)
    await time.pass(2_000)
    for (const { write } of stalls.values()) write(3)
    await within(time, 2_000, () => agree(stalls) && stalls.get('s1')?.sizes().size === 10)
    const late = await open('s99')
    late.write(2)
    const ms = await within(time, 3_000, () => agree(stalls) && late.sizes().size === 11)
    assert.ok(ms <= 1_000, `in step after ${ms} ms`)
  })

  test('two halves without a way between them go on, and are one market again after', async () => {
    const { time, open, stalls, lan, links } = openWorld(9)
    for (const name of names(20)) await open(name)
    await time.pass(5_000)
    const half = (name: string) => Number(name.slice(1)) % 2
    links.part((a, b) => half(a) !== half(b))
    lan.part((a, b) => half(a) !== half(b))
    await time.pass(60_000)
    for (const [name, { mesh }] of stalls) {
      assert.ok(mesh.view().links.length > 0)
      assert.ok(mesh.view().links.every(({ peer }) => half(peer) === half(name)))
    }
    for (const { write } of stalls.values()) write(4)
    await time.pass(3_000)
    assert.not(agree(stalls))
    links.part(() => false)
    lan.part(() => false)
    const ms = await within(time, 40_000, () => agree(stalls))
    assert.ok(ms <= 4_000, `agree after ${ms} ms`)
  })

  test('a peer that dies is replaced, and found again when it is back', async () => {
    const { time, open, stalls, links } = openWorld(10)
    for (const name of names(12)) await open(name)
    await time.pass(3_000)
    const gone = stalls.get('s5')
    await gone?.mesh.close()
    stalls.delete('s5')
    await time.pass(1_000)
    assert.ok(isConnected(stalls))
    for (const { mesh } of stalls.values()) {
      assert.not(mesh.view().links.some(({ peer }) => peer === 's5'))
    }
    const back = await open('s5')
    await time.pass(1_000)
    assert.ok(back.mesh.view().links.length >= 3)
    assert.ok(isConnected(stalls))
    await links.close()
  })

  test('without beacons one configured address is enough to meet everybody', async () => {
    const { time, open, stalls } = openWorld(11)
    const peers = [{ host: 'hub', port: 8883 }]
    await open('hub', { openLan: null })
    for (const name of names(6)) await open(name, { openLan: null, peers })
    await time.pass(30_000)
    for (const name of names(6)) {
      const seen =
        stalls
          .get(name)
          ?.mesh.view()
          .links.map(({ peer }) => peer) ?? []
      assert.ok(seen.length >= 3, `${name} sees ${seen}`)
    }
  })

  test('finds out that an address is its own, and leaves it alone', async () => {
    const { time, open } = openWorld(12)
    const one = await open('s1', { openLan: null, peers: [{ host: 's1', port: 8883 }] })
    await time.pass(60_000)
    assert.equal(one.mesh.view().links, [])
  })

  test('shows a second stall of its own name, and keeps no link with itself', async () => {
    const { time, open, lan } = openWorld(13)
    const one = await open('s1')
    await time.pass(2_000)
    await open('s1', { openLan: lan.openLan('elsewhere') })
    await time.pass(1_000)
    assert.equal(one.mesh.view().copies, [{ host: 'elsewhere', port: 8883 }])
    assert.equal(one.mesh.view().links, [])
  })

  test('is quiet once it is closed', async () => {
    const { time, open, stalls } = openWorld(14)
    for (const name of names(3)) await open(name)
    await time.pass(2_000)
    for (const { mesh } of stalls.values()) await mesh.close()
    await time.pass(10_000)
    const before = time.events()
    await time.pass(600_000)
    assert.is(time.events(), before)
  })
})
