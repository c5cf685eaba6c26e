import fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { DeviceKey, LogId } from '../../node/core/id.ts'
import { isRefusal } from '../../node/core/refusal.ts'
import { meet } from '../../node/core/share/meeting.ts'
import {
  acceptedSize,
  decideMembers,
  type ListRefusal,
  listRefusal,
  MEMBERS_MAX,
  type Members,
  type MembersCommand,
  nextMembers,
  noMembers,
  REVOKED_LOGS_MAX,
  REVOKED_MAX,
  REVOKED_WHY
} from '../../node/core/share/members.ts'
import { fitsLeaf } from '../../node/core/size.ts'
import { decide, emptyStall, fold } from '../../node/core/stall.ts'
import type { Stall } from '../../node/core/state.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import { signMembers, verifyMembers } from '../../node/wire/members.ts'
import { suite } from '../harness.ts'
import { marketKey } from '../wire/given.ts'

const device = (n: number) => n.toString(16).padStart(64, '0') as DeviceKey
const log = (n: number) => n.toString(16).padStart(16, '0') as LogId
const member = (n: number, stall = `stall-${n}`) => ({
  device: device(n),
  stall,
  roles: ['stall'] as const
})
const admit = (n: number, stall?: string): MembersCommand => ({
  type: 'admitDevice',
  member: member(n, stall)
})
const revoke = (n: number, logs: readonly { log: LogId; size: number }[] = []): MembersCommand => ({
  type: 'revokeDevice',
  device: device(n),
  why: 'lost',
  logs
})

const listOf = (...commands: readonly MembersCommand[]): Members =>
  commands.reduce((list, command) => {
    const next = nextMembers(list, command)
    if ('refused' in next) throw new Error(`Refused: ${next.refused}`)
    return next
  }, noMembers('market.example'))

const refusal = (list: Members, command: MembersCommand) => {
  const decided = decideMembers(list, command)
  return 'refused' in decided ? decided.refused : undefined
}

suite('members', test => {
  test('a stall is admitted, renamed, and shut out for ever', () => {
    const two = listOf(admit(1), admit(2))
    const renamed = listOf(admit(1), admit(2), { type: 'renameStall', stall: 'stall-1', to: 'bao' })
    assert.equal(
      renamed.members.map(({ stall }) => stall),
      ['bao', 'stall-2']
    )
    assert.is(renamed.epoch, two.epoch + 1)
    const out = listOf(admit(1), admit(2), revoke(1))
    assert.equal(out.members, [member(2)])
    assert.is(refusal(out, admit(1, 'another-name')), 'revoked')
    assert.is(refusal(out, revoke(1)), 'revoked')
    // Its name is free, for the board that comes in its place.
    assert.is(refusal(out, admit(3, 'stall-1')), undefined)
  })

  test('each name has one device, and each device one name', () => {
    const one = listOf(admit(1), admit(2))
    assert.is(refusal(one, admit(3, 'stall-1')), 'name-taken')
    assert.is(refusal(one, admit(1, 'other')), 'already-member')
    assert.is(refusal(one, { type: 'renameStall', stall: 'stall-1', to: 'stall-2' }), 'name-taken')
    assert.is(refusal(one, { type: 'renameStall', stall: 'x', to: 'y' }), 'unknown-stall')
  })

  test('a new board takes over name and roles; of the old logs counts what is named', () => {
    const logs = [{ log: log(7), size: 40 }]
    const list = listOf(admit(1), {
      ...{ type: 'replaceDevice', stall: 'stall-1', device: device(2) },
      logs
    })
    assert.equal(list.members, [member(2, 'stall-1')])
    const sizeOf = (n: number, of: number) =>
      acceptedSize(list, { device: device(n), log: log(of) })
    assert.equal([sizeOf(1, 7), sizeOf(1, 8), sizeOf(2, 8)], [40, 0, Number.POSITIVE_INFINITY])
    const again = { type: 'replaceDevice', stall: 'stall-1', logs: [] } as const
    assert.is(refusal(list, { ...again, device: device(1) }), 'revoked')
    assert.is(refusal(list, { ...again, device: device(2) }), 'revoked')
    assert.is(refusal(list, { ...again, stall: 'none', device: device(3) }), 'unknown-stall')
  })

  test('the longest list fits in one entry of a log', () => {
    const members = Array.from({ length: MEMBERS_MAX }, (_, n) =>
      member(n, `stall-${n}`.padEnd(32, 'x'))
    )
    const revoked = Array.from({ length: REVOKED_MAX }, (_, n) => ({
      ...{ device: device(1_000 + n), stall: 'x'.repeat(32), why: 'replaced' as const },
      logs: Array.from({ length: REVOKED_LOGS_MAX / REVOKED_MAX }, (_, at) => ({
        log: log(at),
        size: 100_000
      }))
    }))
    const full = { market: 'm'.repeat(253), epoch: 2 ** 40, members, revoked }
    const signed = signMembers(full, { key: marketKey.privateKey })
    assert.equal(verifyMembers(signed, verifyingKey(marketKey.publicKey)).members, full)
    const place = { log: log(1), seq: 2 ** 40, at: 2 ** 40 }
    assert.ok(fitsLeaf({ ...place, type: 'membersListed', epoch: full.epoch, list: signed }))
    assert.is(refusal(full, admit(9_999, 'free')), 'too-many-members')
    assert.is(refusal(full, revoke(1)), 'too-many-revoked')
    const many = Array.from({ length: REVOKED_LOGS_MAX + 1 }, (_, n) => ({ log: log(n), size: 1 }))
    assert.is(refusal(listOf(admit(1)), revoke(1, many)), 'too-many-logs')
  })

  test('whatever is wished for, names and devices stay unique and nobody comes back', () => {
    const few = fc.integer({ min: 1, max: 5 })
    const name = few.map(n => `stall-${n}`)
    const logs = fc.constant([])
    const command: fc.Arbitrary<MembersCommand> = fc.oneof(
      fc.tuple(few, name).map(([n, stall]) => admit(n, stall)),
      fc.record({
        type: fc.constant('revokeDevice' as const),
        device: few.map(device),
        why: fc.constantFrom(...REVOKED_WHY),
        logs
      }),
      fc.record({ type: fc.constant('renameStall' as const), stall: name, to: name }),
      fc.record({
        type: fc.constant('replaceDevice' as const),
        stall: name,
        device: few.map(device),
        logs
      })
    )
    const check = (commands: readonly MembersCommand[]) => {
      let list = noMembers('market.example')
      for (const each of commands) {
        const next = nextMembers(list, each)
        if ('refused' in next) continue
        const { members, revoked, epoch } = next
        assert.is(epoch, list.epoch + 1)
        assert.is(new Set(members.map(({ stall }) => stall)).size, members.length)
        const devices = [...members, ...revoked].map(row => row.device)
        assert.is(new Set(devices).size, devices.length)
        assert.ok(list.revoked.every(row => revoked.includes(row)))
        list = next
      }
    }
    fc.assert(fc.property(fc.array(command, { maxLength: 30 }), check), { seed: 4, numRuns: 500 })
  })
})

suite('lists that arrive', test => {
  const list = (epoch: number, ...out: readonly number[]) => ({
    ...listOf(...out.map(n => admit(n)), ...out.map(n => revoke(n))),
    epoch
  })
  const byMarket = (members: Members) => ({ members, signer: null })
  const byDelegate = (members: Members, n = 9) => ({ members, signer: device(n) })

  test('each is refused by name, or taken', () => {
    const known = byDelegate(list(5, 1))
    const cases: readonly [
      ReturnType<typeof byDelegate | typeof byMarket>,
      ListRefusal | undefined
    ][] = [
      [byDelegate(list(6, 1)), undefined],
      [byDelegate(list(5, 1)), 'known'],
      [byDelegate(list(4, 1)), 'older-epoch'],
      [byMarket(list(4, 1)), 'older-epoch'],
      [byDelegate(list(6)), 'forgets-revocation'],
      [byDelegate(list(6, 1), 1), 'signer-revoked'],
      [byDelegate({ ...list(6, 1), market: 'other.example' }), 'other-market'],
      // What the market key says itself counts, also against its delegate.
      [byMarket(list(5, 1)), undefined],
      [byMarket(list(6)), undefined]
    ]
    for (const [offered, expected] of cases) assert.is(listRefusal(known, offered), expected)
    assert.is(listRefusal(byMarket(list(5)), byMarket(list(5))), 'known')
    assert.is(listRefusal(byMarket(list(5)), byDelegate(list(5))), 'known')
  })

  test('in whatever order lists arrive, stalls that heard all of them agree', () => {
    const epochs = fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 })
    const check = (all: readonly number[], order: readonly number[]) => {
      const heard = (lists: readonly number[]) =>
        lists.reduce(
          (known, epoch) => {
            const offered = byMarket(list(epoch, epoch % 3))
            return listRefusal(known, offered) ? known : offered
          },
          byMarket(list(0))
        )
      const shuffled = [...all].sort((a, b) => (order[a] ?? 0) - (order[b] ?? 0))
      assert.equal(heard(shuffled), heard(all))
      assert.is(heard(all).members.epoch, Math.max(...all))
    }
    const order = fc.array(fc.nat(), { minLength: 51, maxLength: 51 })
    fc.assert(fc.property(epochs, order, check), { seed: 4 })
  })
})

suite('a list in a log', test => {
  test('stands there once, and never after a newer one', () => {
    const moment = { log: log(1), seq: 1, at: 1, wallMs: 1 }
    const list = Buffer.of(1)
    const listed = (stall: Stall, epoch: number) => {
      const made = decide(stall, { type: 'listMembers', epoch, list }, moment)
      if (isRefusal(made)) throw new Error(`Refused: ${made.refused}`)
      return made
    }
    const two = listed(emptyStall, 2).reduce(fold, emptyStall)
    assert.is(two.listEpoch, 2)
    assert.equal([listed(two, 1), listed(two, 2)], [[], []])
    assert.is(listed(two, 3).length, 1)
    // Two logs of a stall, one of them from before a power cut.
    const older = { log: log(1), seq: 1, at: 1, type: 'membersListed', epoch: 1, list } as const
    assert.is(fold(two, older).listEpoch, 2)
  })
})

suite('markets of developers', test => {
  const seen = (market: string, hasSales = false) => ({ market, hasSales })
  test('one without sales joins one it meets, and of two alike the first name stays', () => {
    assert.is(meet(seen('dev.a'), seen('dev.a', true)), 'same')
    assert.is(meet(seen('dev.a'), seen('dev.b', true)), 'join')
    assert.is(meet(seen('dev.b', true), seen('dev.a')), 'stay')
    assert.is(meet(seen('dev.a'), seen('dev.b')), 'stay')
    assert.is(meet(seen('dev.b'), seen('dev.a')), 'join')
  })

  test('two with sales never merge, and a development market never meets production', () => {
    assert.is(meet(seen('dev.a', true), seen('dev.b', true)), 'apart')
    assert.is(meet(seen('dev.a'), seen('market.example', true)), 'apart')
    assert.is(meet(seen('market.example'), seen('dev.a')), 'apart')
    assert.is(meet(seen('market.example'), seen('other.example')), 'apart')
  })

  test('whoever meets, exactly one moves or none does', () => {
    const market = fc.record({
      market: fc.constantFrom('dev.1', 'dev.2', 'dev.3', 'a.example'),
      hasSales: fc.boolean()
    })
    const check = (a: ReturnType<typeof seen>, b: ReturnType<typeof seen>) => {
      const both = [meet(a, b), meet(b, a)].toSorted().join(' ')
      assert.ok(['same same', 'apart apart', 'join stay'].includes(both), both)
    }
    fc.assert(fc.property(market, market, check), { seed: 4 })
  })
})
