import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { Device } from '../../node/identity/device.ts'
import { requestAdmission } from '../../node/identity/enrol.ts'
import { openMembership } from '../../node/identity/membership.ts'
import { deviceRegistrar, type Registrar } from '../../node/identity/registrar.ts'
import { Malformed } from '../../node/wire/canonical.ts'
import { signRequest, ticketOfText, ticketText, trustTicket } from '../../node/wire/enrol.ts'
import { signMembers } from '../../node/wire/members.ts'
import { suite } from '../harness.ts'
import {
  AT,
  admitted,
  enrolled,
  granted,
  keyOf,
  makeMarket,
  makeOffice,
  refusalIn,
  ticketOf,
  WITH_TICKET
} from './market.ts'

/** A market with one stall in it, and one that waits with a ticket; nothing here changes them. */
let dir = ''
let office: Registrar
let member: Device
let waiting: Device
let request: Uint8Array

/** The same bytes with one bit turned, anywhere. */
const turned = (bytes: Uint8Array) =>
  fc.nat({ max: bytes.length * 8 - 1 }).map(bit => {
    const copy = Buffer.from(bytes)
    copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    return copy
  })

const held = async (property: fc.IAsyncProperty<unknown>) =>
  fc.assert(property, { seed: 4, numRuns: 300 })

const nameOf = async (asked: Uint8Array, rules = WITH_TICKET) =>
  refusalIn(await office.admit(asked, rules))

suite('what is refused at the door', test => {
  test.before(async () => {
    if (dir !== '') return
    dir = mkdtempSync(join(tmpdir(), 'refused-'))
    process.once('exit', () => rmSync(dir, { recursive: true }))
    office = await makeOffice(join(dir, 'market'))
    member = await admitted(office, { dir: join(dir, 'member'), stall: 'stall-1' })
    waiting = await enrolled(join(dir, 'waiting'), ticketOf(office), 'stall-7')
    request = await requestAdmission(waiting)
  })

  test('a request that was changed by one bit, anywhere', () =>
    held(
      fc.asyncProperty(turned(request), async forged => {
        assert.is(await nameOf(forged), 'forged-request')
      })
    ))

  test('a request of any length of noise', () =>
    held(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async noise => {
        assert.is(await nameOf(noise), 'forged-request')
      })
    ))

  test('a request for the key of somebody else', async () => {
    const words = {
      ...{ market: office.membership.members().market, stall: 'stall-9', device: keyOf(member) },
      ...{ vendorKey: Buffer.alloc(32), ticket: null },
      recovery: {
        ...{ reader: Buffer.alloc(8), encapsulated: Buffer.alloc(32) },
        ciphertext: Buffer.alloc(48)
      }
    }
    assert.is(await nameOf(signRequest(words, waiting.privateKey)), 'forged-request')
  })

  test('a ticket that was changed by one bit, anywhere', () =>
    held(
      fc.asyncProperty(turned(ticketOf(office)), async ticket => {
        const asked = await requestAdmission({ ...waiting, ticket })
        assert.is(await nameOf(asked), 'forged-ticket')
        assert.throws(
          () => trustTicket(ticket),
          (error: unknown) => error instanceof Malformed
        )
      })
    ))

  test('a ticket from the moment on when it has expired', () =>
    held(
      fc.asyncProperty(fc.nat(), async lateMs => {
        const asked = await requestAdmission({ ...waiting, ticket: office.ticket(AT) })
        assert.is(
          await nameOf(asked, { now: AT + 1 + lateMs, needsTicket: true }),
          'expired-ticket'
        )
      })
    ))

  test('a ticket of another market, one of who may not admit, and none', async () => {
    const other = await makeOffice(join(dir, 'other'), 'other.example')
    const namesake = await makeOffice(join(dir, 'namesake'))
    for (const ticket of [ticketOf(other), ticketOf(namesake)]) {
      assert.is(await nameOf(await requestAdmission({ ...waiting, ticket })), 'forged-ticket')
    }
    assert.is(await nameOf(await requestAdmission({ ...waiting, ticket: undefined })), 'no-ticket')
    const stray = await requestAdmission({ ...waiting, market: 'other.example' })
    assert.is(await nameOf(stray), 'other-market')
  })

  test('a name that is taken, and a device that is out; a member is answered again', async () => {
    const twin = await requestAdmission({ ...waiting, stall: 'stall-1' })
    assert.is(await nameOf(twin), 'name-taken')
    const again = granted(await office.admit(await requestAdmission(member), WITH_TICKET))
    assert.is(again.member.stall, 'stall-1')
    const bad = await admitted(office, { dir: join(dir, 'bad'), stall: 'bad' })
    await office.change({ type: 'revokeDevice', device: keyOf(bad), why: 'false', logs: [] })
    assert.is(await nameOf(await requestAdmission(bad)), 'revoked')
    assert.is(await nameOf(await requestAdmission({ ...bad, stall: 'new-name' })), 'revoked')
  })

  test('whatever an admitter says that is out', async () => {
    const keys = join(dir, 'hub')
    const hub = await admitted(office, { dir: keys, stall: 'hub', isAdmitter: true })
    const membership = await openMembership({ dir: keys, ...hub })
    const registrar = await deviceRegistrar(hub, { dir: keys, membership })
    const ticket = registrar?.ticket(AT)
    await office.change({ type: 'revokeDevice', device: keyOf(hub), why: 'lost', logs: [] })
    assert.is(await nameOf(await requestAdmission({ ...waiting, ticket })), 'forged-ticket')
    await membership.offer(office.membership.signed() ?? Buffer.of())
    const refused = await registrar?.admit(request, WITH_TICKET)
    assert.is(refused && refusalIn(refused), 'signer-revoked')
  })
})

suite('what is refused as a list', test => {
  const list = () => office.membership.signed() ?? Buffer.of()

  test('one that was changed by one bit, anywhere', () =>
    held(
      fc.asyncProperty(turned(list()), async forged => {
        assert.is(await office.membership.offer(forged), 'forged')
      })
    ))

  test('an older one, however often it is said again', async () => {
    const old = list()
    await admitted(office, { dir: join(dir, 'late'), stall: 'late' })
    assert.is(await office.membership.offer(old), 'older-epoch')
    assert.is(await office.membership.offer(list()), 'known')
  })

  test('one of a market with the same name, and one of who may only admit', async () => {
    const members = { ...office.membership.members(), epoch: 1_000 }
    const namesake = makeMarket(members.market)
    const forged = signMembers(members, { key: namesake.key.privateKey })
    assert.is(await office.membership.offer(forged), 'forged')
    const admitter = namesake.delegate(member, 'admit', 'list')
    const delegated = signMembers(members, { key: member.privateKey, ...admitter })
    assert.is(await office.membership.offer(delegated), 'forged')
    const noDelegate = signMembers(members, { key: member.privateKey })
    assert.is(await office.membership.offer(noDelegate), 'forged')
  })

  test('of two that arrive at once, the newer is there after a restart', async () => {
    const old = list()
    await admitted(office, { dir: join(dir, 'later'), stall: 'later' })
    const { market, marketKey } = member
    const folder = { dir: join(dir, 'twice'), market, marketKey }
    const { offer, members } = await openMembership(folder)
    assert.equal(await Promise.all([offer(list()), offer(old)]), ['taken', 'older-epoch'])
    assert.equal((await openMembership(folder)).members(), members())
  })

  test('what was taken is there after a restart', async () => {
    const { market, marketKey } = member
    const again = await openMembership({ dir: join(dir, 'market'), market, marketKey })
    assert.equal(again.members(), office.membership.members())
  })

  test('one that a bad card changed is as if it had never come, and is taken again', async () => {
    const { market, marketKey } = member
    const keys = join(dir, 'member')
    const bytes = Buffer.from(list())
    bytes.writeUInt8(bytes.readUInt8(60) ^ 1, 60)
    writeFileSync(join(keys, 'members'), bytes)
    const lost = await openMembership({ dir: keys, market, marketKey })
    assert.is(lost.members().epoch, 0)
    assert.is(lost.signed(), undefined)
    assert.is(await lost.offer(list()), 'taken')
  })
})

suite('tickets as text', test => {
  test('they survive an editor that breaks lines, and nothing else', () => {
    const ticket = ticketOf(office)
    const text = ticketText(ticket)
    assert.equal(ticketOfText(` ${text.replaceAll(/.{60}/g, '$&\n')}\n`), ticket)
    for (const wrong of ['', 'stall-ticket-1.', text.slice(0, -1), text.slice(1), `${text}!`]) {
      assert.throws(
        () => trustTicket(ticketOfText(wrong)),
        (error: unknown) => error instanceof Malformed
      )
    }
  })
})
