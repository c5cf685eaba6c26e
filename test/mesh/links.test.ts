import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { Candidate } from '../../node/mesh/addresses.ts'
import { choose, DIALLED, type Linked, staysOld } from '../../node/mesh/links.ts'
import { suite } from '../harness.ts'

const candidate = (stall: string | null, sinceMs = 10_000): Candidate => ({
  address: { host: stall ?? '10.0.0.1', port: 8883 },
  stall,
  sinceMs
})

const dialled = (peer: string, ageMs = 0): Linked => ({ peer, isDialled: true, ageMs })
const theirs = (peer: string): Linked => ({ peer, isDialled: false, ageMs: 0 })

const first = () => 0
const nobody = { self: 's5', links: [], dialling: [], candidates: [] }
const stallsOf = ({ dial }: ReturnType<typeof choose>) => dial.map(({ stall }) => stall).sort()

suite('the choice of links', test => {
  test('dials the neighbour in the ring, and three more', () => {
    const candidates = ['s1', 's2', 's3', 's4', 's6', 's7'].map(name => candidate(name))
    const chosen = stallsOf(choose({ ...nobody, candidates }, first))
    assert.is(chosen.length, DIALLED + 1)
    assert.ok(chosen.includes('s6'))
  })

  test('after the last name comes the first', () => {
    const links = [dialled('s1'), dialled('s2'), dialled('s3')]
    const candidates = ['s0', 's4'].map(name => candidate(name))
    assert.equal(stallsOf(choose({ ...nobody, self: 's9', links, candidates }, first)), ['s0'])
  })

  test('dials nobody twice, nor who dialled here, nor itself', () => {
    const links = [theirs('s6'), dialled('s1')]
    const candidates = ['s1', 's2', 's5', 's6'].map(name => candidate(name))
    const dialling = ['s2']
    assert.equal(choose({ ...nobody, links, dialling, candidates }, first).dial, [])
  })

  test('one of the smaller name is waited for a moment', () => {
    assert.equal(choose({ ...nobody, candidates: [candidate('s1', 50)] }, first).dial, [])
    assert.is(choose({ ...nobody, candidates: [candidate('s1', 250)] }, first).dial.length, 1)
    assert.is(choose({ ...nobody, candidates: [candidate('s9', 0)] }, first).dial.length, 1)
  })

  test('an address without a name is tried, one at a time', () => {
    const candidates = [candidate(null), candidate(null)]
    assert.is(choose({ ...nobody, candidates }, first).dial.length, 1)
    assert.is(choose({ ...nobody, candidates, dialling: [null] }, first).dial.length, 0)
  })

  test('ends the oldest of too many, never a young one or a neighbour in the ring', () => {
    const names = ['s1', 's2', 's3', 's4', 's6', 's7', 's8']
    const links = names.map((name, index) => dialled(name, 40_000 + index))
    const { end } = choose({ ...nobody, links }, first)
    assert.equal(
      end.map(({ link }) => link.peer),
      ['s8']
    )
    const young = links.map(link => ({ ...link, ageMs: 1_000 }))
    assert.equal(choose({ ...nobody, links: young }, first).end, [])
    // s4 has this stall for its neighbour and s6 is this stall's own.
    const few = ['s1', 's2', 's3', 's4', 's6', 's7'].map(name => dialled(name, 50_000))
    assert.equal(choose({ ...nobody, links: few }, first).end, [])
  })

  test('both ends of two links choose the same one to keep', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.boolean(), (a, b, isFirstByA) => {
        fc.pre(a !== b)
        const stays = staysOld({
          self: a,
          peer: b,
          isOldDialled: isFirstByA,
          isNewDialled: !isFirstByA
        })
        const there = staysOld({
          self: b,
          peer: a,
          isOldDialled: !isFirstByA,
          isNewDialled: isFirstByA
        })
        assert.is(stays, there)
        assert.is(stays, isFirstByA === a < b)
      })
    )
  })
})
