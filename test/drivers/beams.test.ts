import * as assert from 'uvu/assert'
import { type Beam, type BeamPassage, beamCounter } from '../../drivers/footfall/beams.ts'
import { chance } from '../../drivers/sim/chance.ts'
import { suite } from '../harness.ts'

suite('two beams', test => {
  test('outer first, inner last: in; the other way: out', () => {
    assert.equal(counted('0+ 1+300 0-200 1-300'), ['in'])
    assert.equal(counted('1+ 0+300 1-200 0-300'), ['out'])
  })

  test('back out of the beam that was blocked first: turned back, also after both', () => {
    assert.equal(counted('0+ 0-300'), ['turned-back'])
    assert.equal(counted('0+ 1+300 1-200 0-300'), ['turned-back'])
  })

  test('a swinging bag lets light through for under 60 ms and ends nothing', () => {
    assert.equal(counted('0+ 0-100 0+50 1+100 1-30 1+50 0-200 1-200'), ['in'])
  })

  test('light for 60 ms is the end', () => {
    assert.equal(counted('0+ 1+100 0-100 1-200 0+61 1+100 0-100 1-200'), ['in', 'in'])
  })

  test('a body too thin for both beams at once is one passage', () => {
    assert.equal(counted('0+ 0-100 1+300 1-100'), ['in'])
    assert.equal(counted('1+ 1-100 0+600 0-100'), ['out'])
  })

  test('two bodies too far apart to be one are two who turned back', () => {
    assert.equal(counted('0+ 0-100 1+800 1-100'), ['turned-back', 'turned-back'])
  })

  test('blocked for 30 s: stuck; then everybody is unsure until both are clear', () => {
    const counter = beamCounter()
    assert.equal(counter.edge({ beam: 0, isBlocked: true, monoUs: 0 }), [])
    assert.is(counter.dueUs(), 30_000_000)
    assert.equal(counter.pass(29_999_999), [])
    assert.equal(counter.stuck(), [])
    assert.equal(counter.pass(30_000_000), ['unsure'])
    assert.equal(counter.stuck(), [0])
    assert.equal(feed(counter, '1+ 1-300 1+700 1-300 0-900', 31_000_000), ['unsure', 'unsure'])
    assert.equal(counter.stuck(), [])
    assert.equal(feed(counter, '0+ 1+300 0-200 1-300', 50_000_000), ['in'])
  })

  test('after lost edges nothing is told until both beams are clear', () => {
    const counter = beamCounter()
    assert.equal(counter.edge({ beam: 0, isBlocked: true, monoUs: 0 }), [])
    assert.equal(counter.resume([false, true], 200_000), ['unsure'])
    assert.equal(feed(counter, '1-100', 300_000), [])
    assert.equal(feed(counter, '0+ 1+300 0-200 1-300', 2_000_000), ['in'])
  })

  test('nothing is due while nobody is there', () => {
    const counter = beamCounter()
    assert.is(counter.dueUs(), undefined)
    feed(counter, '0+ 1+300 0-200 1-300', 0)
    assert.is(counter.dueUs(), undefined)
  })

  for (const spacing of [0.06, 0.1, 0.3]) {
    test(`${spacing * 100} cm apart: 4000 people without an error, unlike the naive way`, () => {
      const { edges, truth } = evening({ people: 4_000, spacing, seed: 7 })
      assert.equal(tally(counting(edges)), truth)
      assert.ok(errorPercent(tally(naive(edges)), truth) > 2)
    })
  }
})

interface Edge {
  readonly beam: Beam
  readonly isBlocked: boolean
  readonly monoUs: number
}

/** `0+ 1-300`: beam 0 is blocked, 300 ms later beam 1 clears. */
function feed(counter: ReturnType<typeof beamCounter>, story: string, startUs: number) {
  let monoUs = startUs
  const passages = story.split(' ').flatMap(word => {
    monoUs += Number(word.slice(2)) * 1_000
    return counter.edge({ beam: word[0] === '0' ? 0 : 1, isBlocked: word[1] === '+', monoUs })
  })
  return [...passages, ...counter.pass(monoUs + 5_000_000)]
}

const counted = (story: string) => feed(beamCounter(), story, 0)

type Tally = Readonly<Record<BeamPassage, number>>

function tally(passages: readonly BeamPassage[]): Tally {
  const count = (kind: BeamPassage) => passages.filter(passage => passage === kind).length
  return {
    in: count('in'),
    out: count('out'),
    'turned-back': count('turned-back'),
    unsure: count('unsure')
  }
}

const errorPercent = (counted: Tally, truth: Tally): number =>
  ((Math.abs(counted.in - truth.in) + Math.abs(counted.out - truth.out)) * 100) /
  (truth.in + truth.out)

function counting(edges: readonly Edge[]): readonly BeamPassage[] {
  const counter = beamCounter()
  return [...edges.flatMap(counter.edge), ...counter.pass(Number.MAX_SAFE_INTEGER)]
}

/** What most tutorials do: the beam that is blocked first says which way. */
function naive(edges: readonly Edge[]): readonly BeamPassage[] {
  const passages: BeamPassage[] = []
  let first: Edge | undefined
  for (const edge of edges.filter(({ isBlocked }) => isBlocked)) {
    if (first === undefined || edge.monoUs - first.monoUs > 2_000_000) first = edge
    else if (edge.beam !== first.beam) {
      passages.push(first.beam === 0 ? 'in' : 'out')
      first = undefined
    }
  }
  return passages
}

/** People one after the other, whose arms and bags let the light through now and then. */
function evening(options: { people: number; spacing: number; seed: number }): {
  readonly edges: readonly Edge[]
  readonly truth: Tally
} {
  const random = chance(options.seed)
  const between = (low: number, high: number) => low + (high - low) * random()
  const edges: Edge[] = []
  const truth = { ...tally([]) }
  const cover = (beam: Beam, fromUs: number, toUs: number) => {
    const add = (isBlocked: boolean, monoUs: number) => edges.push({ beam, isBlocked, monoUs })
    add(true, fromUs)
    let atUs = fromUs
    while (random() < 0.5 && toUs - atUs > 90_000) {
      atUs += between(8_000, 30_000)
      add(false, atUs)
      atUs += between(2_000, 25_000)
      add(true, atUs)
    }
    add(false, toUs)
  }
  let atUs = 0
  for (let person = 0; person < options.people; person++) {
    atUs += between(4, 8.5) * 1e6
    const way = random() < 0.55 ? 'in' : 'out'
    const [near, far]: readonly [Beam, Beam] = way === 'in' ? [0, 1] : [1, 0]
    const speed = between(0.3, 1.8)
    const laterUs = (options.spacing / speed) * 1e6
    const coverUs = (between(0.18, 0.45) / speed) * 1e6
    if (random() < 0.06) {
      truth['turned-back'] += 1
      const isHalfWay = random() < 0.5
      const stayUs = laterUs * 2 + between(0.3, 1.5) * 1e6
      cover(near, atUs, atUs + stayUs)
      if (!isHalfWay) cover(far, atUs + laterUs, atUs + stayUs - laterUs)
    } else {
      truth[way] += 1
      cover(near, atUs, atUs + coverUs)
      cover(far, atUs + laterUs, atUs + laterUs + coverUs)
    }
  }
  return { edges: edges.toSorted((a, b) => a.monoUs - b.monoUs), truth }
}
