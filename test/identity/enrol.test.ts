import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { isPeer, openCredentials } from '../../node/identity/credentials.ts'
import { openDevice } from '../../node/identity/device.ts'
import {
  enrol,
  install,
  requestAdmission,
  seekAdmission,
  setAside
} from '../../node/identity/enrol.ts'
import { openLogKeyring } from '../../node/identity/log.ts'
import { openMembership } from '../../node/identity/membership.ts'
import { openMarketFolder } from '../../node/identity/office.ts'
import { deviceRegistrar } from '../../node/identity/registrar.ts'
import { signDeviceCertificate, verifyLogOpened } from '../../node/wire/certificate.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import {
  AT,
  admitted,
  enrolled,
  granted,
  keyOf,
  makeOffice,
  random,
  ticketOf,
  WITH_TICKET
} from './market.ts'

const faultCode = (step: Promise<unknown>): Promise<unknown> =>
  step.then(
    () => 'no fault',
    error => error.code
  )

/** What a log of this device begins with. */
async function openingOf(device: Awaited<ReturnType<typeof openDevice>>, runDir: string) {
  const { begin, contentKeyOf } = openLogKeyring({ device, runDir, bootId: 'boot', random })
  const { keys, opening } = await begin({ counter: 1, previous: null })
  await keys.close()
  const place = { log: keys.log, seq: 0, at: 0, type: 'logOpened', monoMs: 0 } as const
  const entry = { ...place, counter: 1, previous: null, ...opening }
  return { entry, contentKey: keys.contentKey, contentKeyOf }
}

suite('enrolment', test => {
  test('a stall with a ticket waits, is admitted by file, and is then known to all', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const hub = await admitted(office, { dir: join(dir, 'hub'), stall: 'hub' })
      const keys = join(dir, 'stall-7')
      const waiting = await enrolled(keys, ticketOf(office), 'stall-7')
      assert.ok(waiting.isWaiting)
      assert.is(waiting.market, 'market.example')
      const judge = (device: typeof hub) =>
        openCredentials(hub, office.membership.members).verifyPeer(
          Buffer.from(pem(openCredentials(device, office.membership.members).tls.cert), 'base64')
        )
      assert.not.ok(isPeer(judge(waiting)))
      const request = await requestAdmission(waiting)
      await install({ dir: keys, ...granted(await office.admit(request, WITH_TICKET)) })
      const device = await openDevice({ dir: keys, dataDir: dir, stall: 'stall-7', random })
      assert.not.ok(device.isWaiting)
      assert.equal(device.publicKey, waiting.publicKey)
      assert.ok(isPeer(judge(device)))
      const { members, epoch } = office.membership.members()
      assert.equal(
        members.map(({ stall }) => stall),
        ['hub', 'stall-7']
      )
      assert.is(epoch, 3)
    }))

  test('no secret of market or operator lies on a stall', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      await admitted(office, { dir: join(dir, 'keys'), stall: 'stall-7', isAdmitter: true })
      const secrets = readdirSync(join(dir, 'keys')).filter(name => name.endsWith('.key'))
      assert.equal(secrets.toSorted(), ['device.key', 'vendor.key'])
      const { operator } = await openDevice({
        ...{ dir: join(dir, 'keys'), dataDir: dir, stall: 'stall-7', random }
      })
      const { registrar } = await openMarketFolder(join(dir, 'market'))
      assert.equal(registrar.membership.members(), office.membership.members())
      assert.is(operator.length, 32)
    }))

  test('a power cut at any file of enrolment and admission is made good by trying again', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const ticket = ticketOf(office)
      const order = ['ticket', 'market.pub', 'operator.pub', 'device.key', 'vendor.key']
      for (const cut of order.keys()) {
        const keys = join(dir, `cut-${cut}`)
        await enrol({ dir: keys, dataDir: dir, ticket, random })
        for (const name of order.slice(0, cut + 1)) rmSync(join(keys, name))
        writeFileSync(join(keys, `${order[cut]}.new`), 'half a fi')
        const device = await enrolled(keys, ticket, 'stall-7')
        const request = await requestAdmission(device)
        const answer = granted(await office.admit(request, { ...WITH_TICKET, isAdmitter: true }))
        for (const name of ['device.cert', 'members', 'delegation']) {
          await install({ dir: keys, ...answer })
          rmSync(join(keys, name))
        }
        await install({ dir: keys, ...answer })
        await install({ dir: keys, ...answer })
        const opened = await openDevice({ dir: keys, dataDir: dir, stall: 'stall-7', random })
        assert.not.ok(opened.isWaiting)
        await office.change({ type: 'revokeDevice', device: keyOf(device), why: 'left', logs: [] })
      }
    }))

  test('what a stall sold while it waited counts once the market lists it', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const waiting = await enrolled(join(dir, 'keys'), ticketOf(office), 'stall-7')
      const { entry } = await openingOf(waiting, join(dir, 'run'))
      const marketKey = verifyingKey(waiting.marketKey)
      const { membership } = office
      assert.throws(() => verifyLogOpened(entry, marketKey, membership.isVouched), /does not match/)
      granted(await office.admit(await requestAdmission(waiting), WITH_TICKET))
      assert.is(verifyLogOpened(entry, marketKey, membership.isVouched).stall, 'stall-7')
      const { market, publicKey: key, privateKey } = waiting
      const boast = { market, stall: 'stall-7', key, roles: ['hub'] as const }
      const certificate = signDeviceCertificate(boast, privateKey)
      const hub = (await openingOf({ ...waiting, certificate }, join(dir, 'run'))).entry
      assert.equal(verifyLogOpened(hub, marketKey, membership.isVouched).roles, ['stall'])
      // It speaks for itself and for no other stall, and takes no role upon itself.
      const other = await enrolled(join(dir, 'keys'), ticketOf(office), 'stall-8')
      const lie = (await openingOf(other, join(dir, 'run'))).entry
      assert.throws(() => verifyLogOpened(lie, marketKey, membership.isVouched), /does not match/)
    }))

  test('an admitter admits where the market key is far, and its list holds everywhere', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const keys = join(dir, 'hub')
      const hub = await admitted(office, { dir: keys, stall: 'hub', isAdmitter: true })
      const membership = await openMembership({ dir: keys, ...hub })
      const registrar = await deviceRegistrar(hub, { dir: keys, membership })
      assert.ok(registrar)
      const guest = await admitted(registrar, { dir: join(dir, 'guest'), stall: 'stall-7' })
      assert.is(await office.membership.offer(membership.signed() ?? Buffer.of()), 'taken')
      assert.equal(office.membership.members().members.at(-1)?.device, keyOf(guest))
      assert.is(await deviceRegistrar(guest, { dir: join(dir, 'guest'), membership }), undefined)
    }))

  test('an admitter lists anew whom the market key, out of reach, did not know of', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const keys = join(dir, 'hub')
      const hub = await admitted(office, { dir: keys, stall: 'hub', isAdmitter: true })
      const membership = await openMembership({ dir: keys, ...hub })
      const registrar = await deviceRegistrar(hub, { dir: keys, membership })
      assert.ok(registrar)
      const guest = await admitted(registrar, { dir: join(dir, 'guest'), stall: 'stall-7' })
      const out = await admitted(registrar, { dir: join(dir, 'out'), stall: 'stall-8' })
      await office.change({ type: 'revokeDevice', device: keyOf(out), why: 'false', logs: [] })
      await admitted(office, { dir: join(dir, 'other'), stall: 'stall-9' })
      assert.is(await membership.offer(office.membership.signed() ?? Buffer.of()), 'taken')
      assert.is(await registrar.relist(), 1)
      assert.equal(
        membership.members().members.map(({ stall }) => stall),
        ['hub', 'stall-9', 'stall-7']
      )
      assert.is(membership.members().members.at(-1)?.device, keyOf(guest))
      assert.is(await registrar.relist(), 0)
    }))

  test('a market that starts asks all at once, and each is admitted', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const stalls = Array.from({ length: 20 }, (_, index) => `stall-${index}`)
      const requests = await Promise.all(
        stalls.map(async stall =>
          requestAdmission(await enrolled(join(dir, stall), ticketOf(office), stall))
        )
      )
      await Promise.all(requests.map(async each => granted(await office.admit(each, WITH_TICKET))))
      assert.is(office.membership.members().members.length, 20)
      assert.is(office.membership.members().epoch, 21)
    }))

  test('a new board takes the place of a broken one and reads its books', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const old = await admitted(office, { dir: join(dir, 'old'), stall: 'stall-7' })
      const before = await openingOf(old, join(dir, 'run'))
      rmSync(join(dir, 'old'), { recursive: true })
      const fresh = await enrolled(join(dir, 'new'), ticketOf(office), 'stall-7')
      const meanwhile = await openingOf(fresh, join(dir, 'run'))
      const request = await requestAdmission(fresh)
      const logs = [{ log: before.entry.log, size: 12 }]
      const answer = granted(await office.replace(request, { stall: 'stall-7', logs }))
      assert.ok(answer.hasVendorKey)
      await install({ dir: join(dir, 'new'), ...answer })
      const device = await openDevice({
        ...{ dir: join(dir, 'new'), dataDir: dir, stall: 'stall-7', random }
      })
      assert.equal(device.vendor, old.vendor)
      const { contentKeyOf } = openLogKeyring({ device, runDir: dir, bootId: 'boot', random })
      for (const { entry, contentKey } of [before, meanwhile]) {
        assert.equal(Buffer.from((await contentKeyOf(entry)) ?? ''), Buffer.from(contentKey))
      }
      const { acceptedSize } = office.membership
      assert.is(acceptedSize({ device: keyOf(old), log: before.entry.log }), 12)
      assert.is(acceptedSize({ device: keyOf(old), log: meanwhile.entry.log }), 0)
      assert.is(acceptedSize({ device: keyOf(device), log: meanwhile.entry.log }), Infinity)
    }))

  test('a board that took the place of another passes the key on, also when asked again', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const first = await admitted(office, { dir: join(dir, 'first'), stall: 'stall-7' })
      const place = { stall: 'stall-7', logs: [] }
      for (const name of ['second', 'third']) {
        const keys = join(dir, name)
        const request = await requestAdmission(await enrolled(keys, ticketOf(office), 'stall-7'))
        granted(await office.replace(request, place))
        // That answer went into the gutter.
        await install({ dir: keys, ...granted(await office.replace(request, place)) })
        const device = await openDevice({ dir: keys, dataDir: dir, stall: 'stall-7', random })
        assert.equal(device.vendor, first.vendor)
      }
      const { members, revoked } = office.membership.members()
      assert.equal([members.length, revoked.length], [1, 2])
    }))

  test('what a stall asked with garbage in it costs itself its key, and nobody else', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const keys = join(dir, 'bad')
      const bad = await enrolled(keys, ticketOf(office), 'stall-7')
      const operator = bad.vendor.publicKey
      granted(await office.admit(await requestAdmission({ ...bad, operator }), WITH_TICKET))
      const fresh = await enrolled(join(dir, 'new'), ticketOf(office), 'stall-7')
      const request = await requestAdmission(fresh)
      const [kept] = readdirSync(join(dir, 'market', 'asked'))
      writeFileSync(join(dir, 'market', 'asked', kept ?? ''), 'half a fi')
      const answer = await office.replace(request, { stall: 'stall-7', logs: [] })
      assert.is(granted(answer).hasVendorKey, false)
    }))

  test('a new board never gets the key of another vendor, whoever mixed up the files', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const [broken, other] = [
        await admitted(office, { dir: join(dir, 'broken'), stall: 'stall-7' }),
        await admitted(office, { dir: join(dir, 'other'), stall: 'stall-8' })
      ]
      const asked = join(dir, 'market', 'asked')
      cpSync(join(asked, `${keyOf(other)}.request`), join(asked, `${keyOf(broken)}.request`))
      const fresh = await enrolled(join(dir, 'new'), ticketOf(office), 'stall-7')
      const request = await requestAdmission(fresh)
      const answer = granted(await office.replace(request, { stall: 'stall-7', logs: [] }))
      assert.is(answer.hasVendorKey, false)
    }))

  test('a stall asks whoever is in reach, and sells alone until somebody answers', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const keys = join(dir, 'keys')
      const device = await enrolled(keys, ticketOf(office), 'stall-7')
      const nobody = { ask: async () => undefined }
      assert.is(await seekAdmission({ dir: keys, device, admission: nobody }), 'waiting')
      const reached = {
        ask: async (request: Uint8Array) => granted(await office.admit(request, WITH_TICKET)).answer
      }
      assert.is(await seekAdmission({ dir: keys, device, admission: reached }), 'admitted')
    }))

  test('keys are never written over, and a stall leaves its market with its books', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const keys = join(dir, 'keys')
      const own = await openDevice({ dir: keys, dataDir: dir, stall: 'stall-7', random })
      const ticket = ticketOf(office)
      assert.is(await faultCode(enrol({ dir: keys, dataDir: dir, ticket, random })), 'keys-there')
      mkdirSync(join(dir, 'own'))
      const left = await setAside(dir, own.market)
      assert.ok(existsSync(join(left, 'own')) && existsSync(join(left, 'keys', 'market.key')))
      assert.is((await enrolled(keys, ticket, 'stall-7')).market, 'market.example')
      // Until it is in, too, it has sold under one market and cannot ask another.
      const other = ticketOf(await makeOffice(join(dir, 'other'), 'other.example'))
      const ask = (ticket: Uint8Array) => enrol({ dir: keys, dataDir: dir, ticket, random })
      assert.is(await faultCode(ask(other)), 'keys-there')
      assert.is(await faultCode(ask(office.ticket(AT))), 'no fault')
      rmSync(keys, { recursive: true })
      mkdirSync(join(dir, 'own'))
      assert.is(await faultCode(ask(ticket)), 'keys-missing')
    }))

  test('an answer for another stall, or of another market, is not put in place', () =>
    inFolder(async dir => {
      const [office, stranger] = [
        await makeOffice(join(dir, 'market')),
        await makeOffice(join(dir, 'stranger'))
      ]
      const keys = join(dir, 'keys')
      const device = await enrolled(keys, ticketOf(office), 'stall-7')
      const other = await enrolled(join(dir, 'other'), ticketOf(office), 'stall-8')
      const request = await requestAdmission(device)
      const free = { now: AT, needsTicket: false }
      const forged = granted(await stranger.admit(request, free))
      const foreign = granted(await office.admit(await requestAdmission(other), free))
      const good = granted(await office.admit(request, free)).answer
      const cut = { answer: good.subarray(0, -1) }
      for (const answer of [forged, foreign, cut, { answer: Buffer.of() }]) {
        assert.is(await faultCode(install({ dir: keys, ...answer })), 'bad-answer')
      }
      assert.not(existsSync(join(keys, 'device.cert')))
      assert.is(await faultCode(install({ dir: join(dir, 'none'), answer: good })), 'no-request')
      await install({ dir: keys, answer: good })
      assert.ok(readFileSync(join(keys, 'device.cert')).length > 0)
    }))
})

const pem = (text: string): string => text.replaceAll(/-----.*-----/g, '')
