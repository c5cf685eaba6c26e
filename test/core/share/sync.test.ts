import * as assert from 'uvu/assert'
import { chance } from '../../../drivers/sim/chance.ts'
import type { LogId } from '../../../node/core/id.ts'
import type { Verdict } from '../../../node/core/ports.ts'
import { INBOX_BYTES_MAX } from '../../../node/core/share/hear.ts'
import type { Message } from '../../../node/core/share/message.ts'
import { CLAIMS_MAX } from '../../../node/core/share/neighbour.ts'
import { type Effect, openSync, type Sync } from '../../../node/core/share/sync.ts'
import { digestOf } from '../../../node/core/share/vector.ts'
import { sha256 } from '../../../node/wire/hash.ts'
import { suite } from '../../harness.ts'

const BAO = '0000000000000b40' as LogId
const TEA = '00000000000007ea' as LogId
const OWN = '0000000000000017' as LogId

const digest = (...rows: readonly [LogId, number][]) => digestOf(new Map(rows), sha256)
const frame = (log: LogId, from: number, size: number) => ({
  log,
  from,
  size,
  bytes: Buffer.alloc(300, size)
})

function open(
  rows: readonly [LogId, number][] = [],
  versions?: { readonly oldest: number; readonly newest: number }
): Sync {
  return openSync({
    sizes: new Map(rows),
    isOwn: log => log === OWN,
    hash: sha256,
    random: chance(1),
    session: 0,
    ...(versions && { versions })
  })
}

const hello = (session: number, holds: Uint8Array = digest()): Message => ({
  kind: 'hello',
  oldest: 1,
  newest: 1,
  session,
  digest: holds
})
const note = (...rows: readonly [LogId, number][]): Message => ({
  kind: 'note',
  version: 1,
  sizes: rows.map(([log, size]) => ({ log, size }))
})
const want = (id: number, ...rows: readonly [LogId, number][]): Message => ({
  ...(note(...rows) as Extract<Message, { kind: 'note' }>),
  kind: 'want',
  id
})
const data = (answers: number | null, count = 1): Message => ({
  kind: 'data',
  version: 1,
  answers,
  frames: Array.from({ length: count }, () => Buffer.alloc(300))
})

/** A link whose hellos are said, with nothing to repair. */
function linked(sync: Sync, peer: string, holds = digest(...sync.sizes())): void {
  sync.linked(peer, 0)
  sync.heard(peer, hello(1, holds), 0)
  sync.due(0)
}

const said = (sync: Sync, now: number): string[] => sync.due(now).effects.map(wordsOf)

/** An effect in few words. */
function wordsOf(effect: Effect): string {
  if (effect.type === 'keep') return `keep ${effect.batch.length}`
  if (effect.type === 'serve') return `serve ${effect.peer} ${rowsOf(effect.wanted)}`
  if (effect.type === 'drop') return `drop ${effect.peer}: ${effect.reason}`
  const { peer, message } = effect
  if (message.kind === 'hello') return `${peer}: hello`
  if (message.kind === 'data') return `${peer}: data ${message.frames.length}`
  return `${peer}: ${message.kind} ${message.sizes ? rowsOf({ sizes: message.sizes }) : '?'}`
}

const rowsOf = ({ sizes }: { sizes: readonly { log: LogId; size: number }[] }) =>
  sizes.map(({ log, size }) => `${log.slice(-3)}:${size}`).join(' ')

const kept = (log: LogId, from: number, size: number): Verdict => ({ kept: frame(log, from, size) })

/** Stores what waits, and tells sync so. */
function store(sync: Sync, now: number, ...verdicts: readonly Verdict[]): void {
  for (const effect of sync.due(now).effects) {
    if (effect.type === 'keep') sync.kept(effect.batch, verdicts, now)
  }
}

suite('sync', test => {
  test('who holds the same says no more than hello', () => {
    const sync = open([[BAO, 3]])
    sync.linked('b', 0)
    assert.equal(said(sync, 0), ['b: hello'])
    assert.is(sync.heard('b', hello(1, digest([BAO, 3])), 10), undefined)
    assert.equal(said(sync, 10), [])
  })

  test('who holds something else hears all that is held here, and is asked for the rest', () => {
    const sync = open([[BAO, 3]])
    linked(sync, 'b', digest([BAO, 3]))
    const theirs = { digest: digest([BAO, 5]), version: 1, kind: 'digest' } as const
    sync.heard('b', { ...theirs, sizes: null }, 100)
    assert.equal(said(sync, 100), ['b: digest b40:3'])
    sync.heard('b', { ...theirs, sizes: [{ log: BAO, size: 5 }] }, 120)
    assert.equal(said(sync, 120), [])
    // A frame might come by itself; after a moment it is asked for.
    assert.equal(said(sync, 200), ['b: want b40:3'])
  })

  test('a hello that is not answered is said again each second', () => {
    const sync = open()
    sync.linked('b', 0)
    assert.equal(
      [0, 500, 1_000, 1_500, 2_000].map(at => said(sync, at).length),
      [1, 0, 1, 0, 1]
    )
  })

  test('small news go whole and at once on a quiet link', () => {
    const sync = open([[OWN, 4]])
    linked(sync, 'b')
    sync.wrote(frame(OWN, 4, 5))
    assert.equal(said(sync, 1_000), ['b: data 1'])
    assert.equal(said(sync, 1_001), [])
  })

  test('news on a busy link wait for one another, 250 ms at the most', () => {
    const sync = open([[OWN, 0]])
    linked(sync, 'b')
    const times: number[] = []
    let size = 0
    for (let now = 1_000; now < 3_000; now += 10) {
      sync.wrote(frame(OWN, size, ++size))
      if (said(sync, now).length > 0) times.push(now)
    }
    // The first two go out at once.
    const gaps = times.slice(3).map((at, index) => at - (times[index + 2] ?? 0))
    assert.equal([...new Set(gaps)], [250])
  })

  test('a link on which a frame came twice gets notes, until a want says it is needed', () => {
    const sync = open([[BAO, 0]])
    for (const peer of ['b', 'c']) linked(sync, peer)
    sync.heard('b', data(null), 1_000)
    store(sync, 1_000, kept(BAO, 0, 1))
    sync.heard('c', data(null), 1_005)
    const again = { refused: 'known', reason: '', claim: { log: BAO, size: 1 } } as const
    store(sync, 1_005, again)
    const eager = () => sync.view().peers.map(({ isEager }) => isEager)
    assert.equal(eager(), [true, false])
    sync.wrote(frame(OWN, 0, 1))
    assert.equal(said(sync, 2_000), ['b: data 1', 'c: note 017:1'])
    sync.heard('c', want(1, [OWN, 0]), 2_100)
    assert.equal(eager(), [true, true])
    assert.equal(said(sync, 2_100), ['serve c 017:0'])
  })

  test('nothing is passed on, or said to be held, before it is stored', () => {
    const sync = open()
    for (const peer of ['b', 'c']) linked(sync, peer)
    sync.heard('b', data(null), 1_000)
    const keep = sync.due(1_000).effects
    assert.equal(keep.map(wordsOf), ['keep 1'])
    assert.equal(said(sync, 1_300), [])
    assert.is(sync.sizes().size, 0)
    for (const effect of keep) {
      if (effect.type === 'keep') sync.kept(effect.batch, [kept(BAO, 0, 1)], 1_400)
    }
    assert.equal(said(sync, 1_400), ['c: data 1'])
  })

  test('each log is asked of one peer, and of the next one if no answer comes', () => {
    const sync = open()
    for (const peer of ['b', 'c']) linked(sync, peer)
    for (const peer of ['b', 'c']) sync.heard(peer, note([BAO, 2], [TEA, 1]), 1_000)
    assert.equal(said(sync, 1_080), ['b: want b40:0 7ea:0'])
    assert.equal(said(sync, 1_500), [])
    assert.equal(said(sync, 1_580), ['c: want b40:0 7ea:0'])
    assert.is(sync.view().refusals['empty-promise'], 1)
  })

  test('an answer is not asked for anew while it waits for the disk', () => {
    const sync = open()
    for (const peer of ['b', 'c']) linked(sync, peer)
    for (const peer of ['b', 'c']) sync.heard(peer, note([BAO, 2]), 1_000)
    assert.equal(said(sync, 1_080), ['b: want b40:0'])
    sync.heard('b', data(1), 1_100)
    assert.equal(said(sync, 1_100), ['keep 1'])
    assert.equal(
      said(sync, 9_000).filter(words => words.includes('want')),
      []
    )
  })

  test('an answer that comes twice breaks no promise', () => {
    const sync = open()
    linked(sync, 'b')
    sync.heard('b', note([BAO, 1]), 1_000)
    assert.equal(said(sync, 1_080), ['b: want b40:0'])
    for (let copy = 0; copy < 2; copy++) sync.heard('b', data(1), 1_100)
    const known = { refused: 'known', reason: '', claim: { log: BAO, size: 1 } } as const
    store(sync, 1_100, kept(BAO, 0, 1), known)
    assert.is(sync.view().refusals['empty-promise'], undefined)
  })

  test('a peer that never gives what it says to have is left alone for a while', () => {
    const sync = open()
    linked(sync, 'b')
    let wants = 0
    for (let now = 1_000; now < 11_000; now += 20) {
      sync.heard('b', note([BAO, 1_000]), now)
      wants += said(sync, now).filter(words => words.includes('want')).length
    }
    assert.is(wants, 4)
    assert.is(sync.view().refusals['empty-promise'], 4)
  })

  test("a peer has no say in this stall's own log", () => {
    const sync = open([[OWN, 2]])
    linked(sync, 'b')
    sync.heard('b', note([OWN, 9]), 1_000)
    assert.equal(said(sync, 1_200), [])
  })

  test('a disk that takes nothing is left in peace for two seconds', () => {
    const sync = open()
    linked(sync, 'b')
    sync.heard('b', data(null), 1_000)
    assert.equal(said(sync, 1_000), ['keep 1'])
    sync.keptNone(1_010)
    assert.is(sync.heard('b', data(null), 1_500), 'disk')
    sync.heard('b', note([BAO, 1]), 1_500)
    assert.equal(said(sync, 2_000), [])
    assert.equal(said(sync, 3_010), ['b: want b40:0'])
  })

  test('a digest goes to one neighbour every five to ten seconds', () => {
    const sync = open([[BAO, 1]])
    for (const peer of ['b', 'c', 'd']) linked(sync, peer)
    const times: number[] = []
    for (let now = 0; now < 100_000; now += 50) if (said(sync, now).length > 0) times.push(now)
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
    assert.ok(gaps.length >= 9 && gaps.every(gap => gap >= 5_000 && gap <= 10_050), String(gaps))
  })
})

suite('sync: what is refused', test => {
  test('everything before a hello, and from nobody', () => {
    const sync = open()
    assert.is(sync.heard('b', note([BAO, 1]), 0), 'no-hello')
    sync.linked('b', 0)
    assert.is(sync.heard('b', note([BAO, 1]), 0), 'no-hello')
  })

  test('a hello that was heard before, and many new ones', () => {
    const sync = open()
    linked(sync, 'b')
    assert.is(sync.heard('b', hello(1), 10), 'replayed')
    assert.is(sync.heard('b', hello(2), 20), undefined)
    assert.equal(said(sync, 20), ['b: hello'])
    assert.is(sync.heard('b', hello(3), 30), 'too-often')
    assert.equal(said(sync, 30), [])
  })

  for (const [name, theirs, version] of [
    ['one version newer', { oldest: 1, newest: 2 }, 1],
    ['one version older', { oldest: 0, newest: 1 }, 1],
    ['newer by too much', { oldest: 2, newest: 3 }, undefined]
  ] as const) {
    test(`a program that is ${name} speaks ${version ?? 'no'} version with us`, () => {
      const [ours, other] = [open(), open([], theirs)]
      for (const sync of [ours, other]) sync.linked('peer', 0)
      const greetings = [ours, other].map(sync => sync.due(0).effects)
      for (const [index, sync] of [other, ours].entries()) {
        for (const effect of greetings[index] ?? []) {
          if (effect.type === 'send') sync.heard('peer', effect.message, 10)
        }
        assert.is(sync.view().peers[0]?.version, version)
        assert.equal(said(sync, 10), version ? [] : ['drop peer: no-common-version'])
      }
      if (version === undefined) return
      assert.is(
        ours.heard('peer', { ...note([BAO, 1]), version: 2 } as Message, 20),
        'other-version'
      )
      assert.is(ours.heard('peer', note([BAO, 1]), 20), undefined)
    })
  }

  test('more logs of one peer than a market can have', () => {
    const sync = open([[BAO, 3]])
    linked(sync, 'b', digest())
    const rows = Array.from({ length: CLAIMS_MAX + 1 }, (_, at): [LogId, number] => [
      at.toString(16).padStart(16, '0') as LogId,
      1
    ])
    assert.is(sync.heard('b', note(...rows.slice(0, CLAIMS_MAX)), 0), undefined)
    assert.is(sync.heard('b', note(...rows.slice(CLAIMS_MAX)), 0), 'too-many-logs')
    assert.is(sync.view().claims, CLAIMS_MAX)
    sync.heard('b', want(1, [BAO, 0]), 0)
    assert.is(sync.view().claims, CLAIMS_MAX)
  })

  test('more wants than are being answered', () => {
    const sync = open([[BAO, 3]])
    linked(sync, 'b')
    const answers = Array.from({ length: 20 }, (_, id) => sync.heard('b', want(id, [BAO, 0]), 0))
    assert.is(answers.filter(answer => answer === undefined).length, 8)
    assert.is(answers.at(-1), 'busy')
    assert.is(said(sync, 0).filter(words => words.startsWith('serve')).length, 1)
  })

  test('more frames than the disk can be behind', () => {
    const sync = open()
    linked(sync, 'b')
    let taken = 0
    while (sync.heard('b', data(null, 100), 0) === undefined) taken += 100 * 300
    assert.ok(taken <= INBOX_BYTES_MAX && taken > INBOX_BYTES_MAX - 31_000)
    assert.is(sync.view().refusals.busy, 1)
  })

  test('a peer whose frames are not true, for an honest one checks what it passes on', () => {
    for (const refused of ['untrue', 'uncertified', 'malformed'] as const) {
      const sync = open()
      linked(sync, 'b')
      sync.heard('b', data(null), 0)
      store(sync, 0, { refused, reason: '' })
      assert.equal(said(sync, 0), ['drop b: false-frames'])
    }
  })

  test('a log of which two pasts are signed, but not the peer that holds the other', () => {
    const sync = open([[BAO, 3]])
    linked(sync, 'b')
    sync.heard('b', note([BAO, 5]), 0)
    assert.equal(said(sync, 100), ['b: want b40:3'])
    sync.heard('b', data(1), 150)
    store(sync, 150, { refused: 'split', reason: '', claim: { log: BAO, size: 5 } })
    assert.equal(said(sync, 2_000), [])
    assert.is(sync.view().refusals['split-log'], 1)
  })
})
