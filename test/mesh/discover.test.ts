import * as assert from 'uvu/assert'
import type { Address } from '../../node/core/ports.ts'
import { type Discovery, openDiscovery, type Sighting } from '../../node/mesh/discover.ts'
import type { LanEvents, OpenLan } from '../../node/mesh/lan.ts'
import { encodeBeacon } from '../../node/wire/beacon.ts'
import { type HandTime, handTime } from '../drivers/hand.ts'
import { suite } from '../harness.ts'
import { memoryLan } from './memory-lan.ts'

interface Stall {
  readonly discovery: Discovery
  readonly found: Sighting[]
  readonly stalls: () => string[]
}

const openStall = (
  time: HandTime,
  openLan: OpenLan,
  self: { stall: string; run?: number; market?: string }
): Stall => {
  const found: Sighting[] = []
  const discovery = openDiscovery({
    openLan,
    self: { market: 'market.example', port: 8883, run: 1, ...self },
    now: time.now,
    startTimer: time.startTimer,
    random: () => 0.5,
    found: sighting => found.push(sighting)
  })
  return { discovery, found, stalls: () => [...new Set(found.map(({ stall }) => stall))].sort() }
}

suite('discovery', test => {
  test('who comes is known to all, and knows all, before the next beat', async () => {
    const time = handTime()
    const lan = memoryLan(time.startTimer)
    const there = ['s1', 's2', 's3'].map(stall => openStall(time, lan.openLan(stall), { stall }))
    await time.pass(10_000)
    const late = openStall(time, lan.openLan('s4'), { stall: 's4' })
    await time.pass(150)
    assert.equal(late.stalls(), ['s1', 's2', 's3'])
    assert.equal(late.found[0]?.address, { host: 's1', port: 8883 })
    for (const stall of there) assert.ok(stall.stalls().includes('s4'))
  })

  test('a plug pulled and put back: found again at once, from both sides', async () => {
    const time = handTime()
    const lan = memoryLan(time.startTimer)
    const [one, two] = ['s1', 's2'].map(stall => openStall(time, lan.openLan(stall), { stall }))
    await time.pass(5_000)
    lan.unplug('s1')
    await time.pass(65_000)
    for (const stall of [one, two]) stall?.found.splice(0)
    assert.equal(two?.discovery.view().sightings, [], 'forgotten after a minute')
    lan.plug('s1')
    await time.pass(150)
    assert.equal([one?.stalls(), two?.stalls()], [['s2'], ['s1']])
  })

  test('tells of a copy of this very stall, never of its own echo', async () => {
    const time = handTime()
    const lan = memoryLan(time.startTimer)
    const one = openStall(time, lan.openLan('a'), { stall: 's1', run: 1 })
    await time.pass(5_000)
    assert.equal(one.found, [])
    openStall(time, lan.openLan('b'), { stall: 's1', run: 2 })
    await time.pass(500)
    assert.equal([one.found[0]?.stall, one.found[0]?.run], ['s1', 2])
  })

  test('takes no notice of what is no beacon', async () => {
    const time = handTime()
    const { openLan, say } = quietLan()
    const one = openStall(time, openLan, { stall: 's1' })
    const real = encodeBeacon({ market: 'm', stall: 's2', port: 1, run: 1, isAsking: false })
    const junk = [
      Buffer.alloc(0),
      Buffer.from('M-SEARCH * HTTP/1.1'),
      Buffer.alloc(2_000),
      real.subarray(0, -1)
    ]
    for (const bytes of junk) say(bytes)
    assert.equal([one.found.length, one.discovery.view().ignored], [0, junk.length])
    say(real)
    assert.is(one.found.length, 1)
  })

  test('a flood costs a second 500 looks, 512 places and 50 answers at the most', async () => {
    const time = handTime()
    const { openLan, say, answered } = quietLan()
    const one = openStall(time, openLan, { stall: 's1' })
    for (let second = 0; second < 3; second++) {
      for (let n = 0; n < 2_000; n++) {
        const stall = `x${second}-${n}`
        say(encodeBeacon({ market: 'm', stall, port: 1, run: n, isAsking: true }))
      }
      await time.pass(1_000)
    }
    assert.is(one.found.length, 1_500)
    const { sightings, ignored } = one.discovery.view()
    assert.equal([sightings.length, ignored], [512, 4_500])
    assert.ok(answered.length > 0 && answered.length <= 150, `${answered.length} answers`)
  })

  test('the more stalls there are, the rarer each one speaks', async () => {
    const time = handTime()
    const { openLan, say, shouted } = quietLan()
    openStall(time, openLan, { stall: 's1' })
    await time.pass(60_000)
    const alone = shouted.splice(0).length
    for (let n = 0; n < 200; n++) {
      say(encodeBeacon({ market: 'm', stall: `x${n}`, port: 1, run: n, isAsking: false }))
    }
    await time.pass(59_000)
    assert.ok(alone >= 30 && shouted.length <= alone / 6, `${alone} alone, ${shouted.length}`)
  })

  test('says nothing more once it is closed', async () => {
    const time = handTime()
    const { openLan, shouted, say } = quietLan()
    const one = openStall(time, openLan, { stall: 's1' })
    await time.pass(1_000)
    await one.discovery.close()
    shouted.splice(0)
    one.discovery.ask()
    say(encodeBeacon({ market: 'm', stall: 's2', port: 1, run: 1, isAsking: true }))
    await time.pass(60_000)
    assert.equal([shouted.length, one.found.length], [0, 0])
  })
})

/** A network on which nobody else is; the test says what is heard. */
function quietLan() {
  const shouted: Uint8Array[] = []
  const answered: Address[] = []
  let events: LanEvents | undefined
  const openLan: OpenLan = given => {
    events = given
    return {
      shout: bytes => shouted.push(bytes),
      answer: (_bytes, to) => answered.push(to),
      networks: () => [],
      close: async () => {}
    }
  }
  const say = (bytes: Uint8Array) => events?.heard(bytes, { host: '10.0.0.9', port: 40_000 })
  return { openLan, say, shouted, answered }
}
