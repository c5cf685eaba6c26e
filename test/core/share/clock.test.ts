import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { chance } from '../../../drivers/sim/chance.ts'
import {
  type ClockKnowledge,
  type Exchange,
  estimateAt,
  NO_STRATUM,
  startKnowledge,
  withExchange,
  withOwnSource,
  withoutPeer
} from '../../../node/core/share/clock.ts'
import { suite } from '../../harness.ts'

/** A peer beside the hub answers after 4 ms there and 6 ms back, knowing the time to 1 ms. */
const answer: Exchange = {
  peer: 'hub',
  askedMono: 1_000,
  answeredMono: 1_012,
  peerHeardAt: 5_004,
  peerSentAt: 5_006,
  stratum: 1,
  boundMs: 1,
  parent: null
}

function learned(knowledge: ClockKnowledge, exchange: Exchange): ClockKnowledge {
  const next = withExchange(knowledge, exchange)
  if ('refused' in next) throw new Error(next.refused)
  return next
}

suite('clock', test => {
  test('who knows nothing says so', () => {
    const { stratum, boundMs, parent } = estimateAt(startKnowledge('a'), 1_000)
    assert.equal(
      { stratum, boundMs, parent },
      { stratum: NO_STRATUM, boundMs: Infinity, parent: null }
    )
  })

  test('an answer gives the time of its middle, off by half the way at most', () => {
    const { offsetMs, boundMs, stratum, parent } = estimateAt(
      learned(startKnowledge('a'), answer),
      1_000
    )
    assert.is(offsetMs, 3_999)
    assert.is(boundMs, 6)
    assert.is(stratum, 2)
    assert.is(parent, 'hub')
  })

  test('the bound grows by 100 ppm of its age', () => {
    const knowledge = learned(startKnowledge('a'), answer)
    assert.is(estimateAt(knowledge, 1_000 + 3_600_000).boundMs, 6 + 360)
  })

  test('the shortest of the last eight ways is believed, and forgotten after eight more', () => {
    const slow = { ...answer, answeredMono: 1_212, peerHeardAt: 5_104, peerSentAt: 5_106 }
    let knowledge = learned(startKnowledge('a'), answer)
    for (let count = 0; count < 7; count++) knowledge = learned(knowledge, slow)
    assert.is(estimateAt(knowledge, 1_000).boundMs, 6)
    assert.is(estimateAt(learned(knowledge, slow), 1_000).boundMs, 106)
  })

  test('a source of its own is taken before a peer that knows less', () => {
    const own = { kind: 'rtc', offsetMs: 4_100, boundMs: 2, monoMs: 1_000 } as const
    const knowledge = withOwnSource(learned(startKnowledge('a'), answer), own)
    const { stratum, parent, offsetMs } = estimateAt(knowledge, 1_000)
    assert.equal({ stratum, parent, offsetMs }, { stratum: 2, parent: null, offsetMs: 4_100 })
  })

  test('a peer that is gone is no source any more', () => {
    const knowledge = withoutPeer(learned(startKnowledge('a'), answer), 'hub')
    assert.is(estimateAt(knowledge, 1_000).stratum, NO_STRATUM)
  })

  test('refuses what it told itself, who knows nothing, and what cannot be', () => {
    const refused = (change: Partial<Exchange>) => {
      const next = withExchange(startKnowledge('a'), { ...answer, ...change })
      return 'refused' in next ? next.refused : 'taken'
    }
    assert.is(refused({}), 'taken')
    assert.is(refused({ parent: 'a' }), 'loop')
    assert.is(refused({ stratum: 16 }), 'no-time')
    assert.is(refused({ stratum: 0 }), 'no-time')
    assert.is(refused({ answeredMono: 1_001 }), 'impossible')
    assert.is(refused({ peerSentAt: 5_000 }), 'impossible')
    assert.is(refused({ boundMs: -1 }), 'impossible')
    assert.is(refused({ boundMs: Number.NaN }), 'impossible')
  })

  test('the true time is within the bound, whatever the delays and the drift (seed 21)', () => {
    const ms = fc.double({ min: 0, max: 5_000, noNaN: true })
    fc.assert(
      fc.property(
        ms,
        ms,
        ms,
        fc.double({ min: -1, max: 1, noNaN: true }),
        (there, here, age, part) => {
          // A true clock beside ours, which runs up to 60 ppm too fast or too slow.
          const mono = (trueMs: number) => trueMs * (1 + part * 60e-6)
          const asked = 10_000
          const knowledge = learned(startKnowledge('a'), {
            ...answer,
            askedMono: mono(asked),
            peerHeardAt: asked + there,
            peerSentAt: asked + there + 2,
            answeredMono: mono(asked + there + 2 + here),
            boundMs: 0
          })
          const now = asked + there + here + 2 + age * 100
          const { offsetMs, boundMs } = estimateAt(knowledge, mono(now))
          const error = Math.abs(mono(now) + offsetMs - now)
          assert.ok(error <= boundMs + ROUNDING_MS, `${error} over ${boundMs}`)
        }
      ),
      { seed: 21 }
    )
  })
})

/** Of numbers with 53 bits. */
const ROUNDING_MS = 1e-6

interface Node {
  readonly name: string
  readonly ppm: number
  /** How wrong the wall clock of a board without battery is. */
  readonly wallOffsetMs: number
  knowledge: ClockKnowledge
}

suite('clock: a night of 12 stalls', test => {
  test('only a hub knows the time, four hops away all agree with it (seed 42)', () => {
    const nodes = night(chance(42))
    const errors = nodes.slice(1).map(node => {
      const mono = monoAt(node, HOUR_MS)
      const { offsetMs, boundMs, stratum } = estimateAt(node.knowledge, mono)
      return { error: Math.abs(mono + offsetMs - HOUR_MS), boundMs, stratum }
    })
    const sorted = errors.map(({ error }) => error).sort((a, b) => a - b)
    assert.ok(errors.every(({ error, boundMs }) => error <= boundMs))
    assert.ok((sorted[5] ?? 99) < 5, `median error ${sorted[5]} ms`)
    assert.ok((sorted.at(-1) ?? 99) < 40, `largest error ${sorted.at(-1)} ms`)
    assert.ok(errors.every(({ boundMs }) => boundMs < 120))
    assert.ok(errors.every(({ stratum }) => stratum >= 2 && stratum <= 8))
    // Their own wall clocks are off by weeks.
    const walls = nodes
      .slice(1)
      .map(({ wallOffsetMs }) => Math.abs(wallOffsetMs))
      .sort((a, b) => a - b)
    assert.ok((walls[5] ?? 0) > 7 * 24 * HOUR_MS)
  })
})

const HOUR_MS = 3_600_000
const NODES = 12
/** A stall hears the three on either side. */
const REACH = 3

const monoAt = ({ ppm }: Node, trueMs: number): number => trueMs * (1 + ppm * 1e-6)

/** Every stall asks each neighbour each 30 s for an hour; delays are log-normal around 8 ms. */
function night(random: () => number): readonly Node[] {
  const delayMs = () => 8 * Math.exp(0.9 * normal(random))
  const nodes = Array.from({ length: NODES }, (_, index) => openNode(index, random))
  for (let second = 0; second <= 3_600; second++) {
    for (const [index, node] of nodes.entries()) {
      if (index === 0 || (second + index * 7) % 30 !== 0) continue
      const near = nodes.filter((_, at) => at !== index && Math.abs(at - index) <= REACH)
      for (const peer of near) ask(node, peer, { trueMs: second * 1_000, delayMs })
    }
  }
  return nodes
}

function openNode(index: number, random: () => number): Node {
  const name = `s${index}`
  const knowledge = startKnowledge(name)
  const hub = { kind: 'ntp', offsetMs: 0, boundMs: 1, monoMs: 0 } as const
  return {
    name,
    ppm: index === 0 ? 0 : (10 + 50 * random()) * (random() < 0.5 ? -1 : 1),
    wallOffsetMs: index === 0 ? 0 : -(60_000 + random() * 86_400_000 * 60),
    knowledge: index === 0 ? withOwnSource(knowledge, hub) : knowledge
  }
}

function ask(
  node: Node,
  peer: Node,
  { trueMs, delayMs }: { readonly trueMs: number; readonly delayMs: () => number }
): void {
  const heard = trueMs + delayMs()
  const sent = heard + 2
  const answered = sent + delayMs()
  // NTP holds on its hub; its bound does not age while it does.
  const theirs =
    peer.knowledge.own !== null
      ? { stratum: 1, offsetMs: 0, boundMs: 1, parent: null }
      : estimateAt(peer.knowledge, monoAt(peer, heard))
  const next = withExchange(node.knowledge, {
    peer: peer.name,
    askedMono: monoAt(node, trueMs),
    answeredMono: monoAt(node, answered),
    peerHeardAt: monoAt(peer, heard) + theirs.offsetMs,
    peerSentAt: monoAt(peer, sent) + theirs.offsetMs,
    stratum: theirs.stratum,
    boundMs: theirs.boundMs,
    parent: theirs.parent
  })
  if (!('refused' in next)) node.knowledge = next
}

/** Box and Muller. */
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random())
