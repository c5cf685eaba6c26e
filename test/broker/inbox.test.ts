import * as assert from 'uvu/assert'
import type { Inbox } from '../../broker/inbox.ts'
import type { Link } from '../../node/core/ports.ts'
import { type Held, hold } from '../contract/link.ts'
import { suite } from '../harness.ts'
import { makeMarket } from '../identity/market.ts'
import { comes, until } from '../wait.ts'
import { type Alley, type Member, openAlley, openDiallerOf, openInboxOf } from './members.ts'
import { dialTls, greetTls } from './peer.ts'
import { type RawClient, subscribe } from './wire.ts'

const publish = (client: RawClient, topic: string, payload: string | Buffer = 'x') =>
  client.send({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false })

const isWelcome = ({ heard: [answer] }: RawClient) =>
  answer?.cmd === 'connack' && answer.returnCode === 0

/** Proves that the broker has handled all that was sent before. */
async function ping(client: RawClient): Promise<void> {
  const pongs = () => client.heard.filter(({ cmd }) => cmd === 'pingresp').length
  const before = pongs()
  client.send({ cmd: 'pingreq' })
  await until(() => pongs() > before || client.isClosed())
}

suite('the inbox', test => {
  let alley: Alley
  let here: Member
  let guest: Member
  let inbox: Inbox
  let taken: Held[]
  test.before(async () => {
    alley = await openAlley()
    here = await alley.admit('here')
    guest = await alley.admit('guest')
    taken = []
    inbox = await openInboxOf(here, take)
  })
  test.after(async () => {
    await inbox.close()
    await alley.remove()
  })
  const take = (link: Link) => {
    const held = hold(link)
    taken.push(held)
    return held
  }
  const linked = async (hello = {}) => {
    const client = await greetTls(inbox.port, guest, hello)
    await subscribe(client, ['m1/to/guest/+', 0])
    return client
  }

  test('knows nobody without a certificate', async () => {
    const stranger = await dialTls(inbox.port, null)
    await until(stranger.isClosed)
    assert.match(inbox.health().sentence, 'It showed no certificate.')
    assert.is(inbox.stats().clients, 0)
  })

  test("turns away another market's stall, and who is shut out", async () => {
    const foreign = await dialTls(
      inbox.port,
      await alley.admit('guest', makeMarket('other.example'))
    )
    await until(foreign.isClosed)
    assert.match(inbox.health().sentence, 'It belongs to the market other.example.')
    shutOut(here, guest)
    const late = await dialTls(inbox.port, guest)
    await until(late.isClosed)
    assert.match(inbox.health().sentence, 'The market has shut out this device of guest.')
  })

  test('lets nobody in under another name than that of the certificate', async () => {
    for (const clientId of ['here', 'guest2', 'guest/1', '', '+']) {
      const client = await greetTls(inbox.port, guest, { clientId })
      assert.not(isWelcome(client), clientId)
      client.close()
    }
    assert.ok(isWelcome(await greetTls(inbox.port, guest)))
  })

  test('gives a guest its own outbox to read, and nothing else', async () => {
    const client = await greetTls(inbox.port, guest)
    const filters = ['#', 'm1/#', 'm1/to/+/+', 'm1/to/here/+', 'm1/in/guest/+', 'm1/to/guest/#']
    for (const filter of filters) {
      await subscribe(client, [filter, 0])
      const answer = client.heard.findLast(({ cmd }) => cmd === 'suback')
      assert.equal(answer?.cmd === 'suback' && answer.granted, [0x80], filter)
    }
    assert.is(taken.length, 0)
    await subscribe(client, ['m1/to/guest/+', 0])
    assert.is(taken.length, 1)
  })

  test('hangs up on who publishes elsewhere than into its own inbox', async () => {
    const topics = [
      'm1/in/here/note',
      'm1/to/guest/note',
      'stall/here/sale',
      '$SYS/x',
      'm1/in/guest'
    ]
    for (const topic of topics) {
      const client = await linked()
      publish(client, topic)
      await until(client.isClosed)
      assert.match(inbox.health().sentence, 'where it may only read', topic)
    }
    assert.equal(
      taken.flatMap(({ heard }) => heard),
      []
    )
    const will = { topic: 'm1/in/here/death', payload: Buffer.from('x'), qos: 0 as const }
    const heir = await greetTls(inbox.port, guest, { will: { ...will, retain: false } })
    assert.not(isWelcome(heir))
  })

  test('keeps nothing for later: no retained message, whatever a guest asks', async () => {
    const client = await linked()
    const packet = { topic: 'm1/in/guest/note', payload: 'x', qos: 0 as const, dup: false }
    client.send({ cmd: 'publish', ...packet, retain: true })
    await until(client.isClosed)
    assert.is(inbox.stats().retained, 0)
  })

  test('hangs up on a flood, and others are not held up', async () => {
    const other = await alley.admit('other')
    const friend = await greetTls(inbox.port, other)
    await subscribe(friend, ['m1/to/other/+', 0])
    const flooder = await linked()
    const [flooded] = taken.filter(({ link }) => link.peer === 'guest')
    for (let n = 0; n < 20_000 && !flooder.isClosed(); n++) {
      publish(flooder, 'm1/in/guest/note')
      if (n % 500 === 0) await new Promise(setImmediate)
    }
    await until(() => flooded?.downs.length === 1)
    assert.match(flooded?.downs[0] ?? '', 'sends more than anybody can read')
    assert.ok((flooded?.heard.length ?? 0) < 8_000, `${flooded?.heard.length} were read`)
    publish(friend, 'm1/in/other/note')
    await until(() => taken.some(({ link, heard }) => link.peer === 'other' && heard.length === 1))
    friend.close()
  })

  test('hangs up on a packet that is too large before it has come', async () => {
    const client = await linked()
    client.socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]))
    await until(client.isClosed)
    assert.match(inbox.health().sentence, 'sent a packet of 268435455 bytes')
  })

  test('a frozen peer gets no more than its buffer, and is given up by its keepalive', async () => {
    const client = await linked({ keepalive: 1 })
    client.socket.pause()
    const [held] = taken
    let sent = 0
    while (sent < 200 && held?.link.send('data', Buffer.alloc(100_000))) {
      sent += 1
      await new Promise(setImmediate)
    }
    assert.ok(sent < 200, 'says no in the end')
    await until(() => held?.downs.length === 1)
    assert.equal(held?.downs, [ENDED])
  })

  test('tells a death from a goodbye, and leaves out the will of an earlier link', async () => {
    const will = (payload: string) => ({
      will: {
        topic: 'm1/in/guest/death',
        payload: Buffer.from(payload),
        qos: 0 as const,
        retain: false
      }
    })
    const polite = await linked(will('1'))
    polite.send({ cmd: 'disconnect' })
    await until(() => taken[0]?.downs.length === 1)
    const again = await linked(will('2'))
    publish(again, 'm1/in/guest/death', '1')
    await ping(again)
    again.send({ cmd: 'disconnect' })
    await until(() => taken[1]?.downs.length === 1)
    const dying = await linked(will('3'))
    dying.close()
    await until(() => taken[2]?.downs.length === 1)
    assert.equal(
      taken.flatMap(({ downs }) => downs),
      [ENDED, ENDED, 'The peer died, or its network did.']
    )
    assert.equal(
      taken.flatMap(({ heard }) => heard),
      [],
      'no death is passed on as a message'
    )
  })

  test('a list that shuts out a peer ends its links at once, at both ends', async () => {
    const dialler = openDiallerOf(here)
    const there = await openInboxOf(guest, hold)
    const dialled = await new Promise<Held>((resolve, reject) => {
      const up = (link: Link) => {
        const held = hold(link)
        resolve(held)
        return held
      }
      dialler.dial({ host: '127.0.0.1', port: there.port }, { up, failed: reject })
    })
    const client = await linked()
    inbox.recheck()
    dialler.recheck()
    await comes(() => client.isClosed() || dialled.downs.length > 0, 50)
    assert.equal([client.isClosed(), dialled.downs, taken[0]?.downs], [false, [], []])
    shutOut(here, guest)
    inbox.recheck()
    dialler.recheck()
    await until(() => client.isClosed() && dialled.downs.length > 0)
    const why = 'The market has shut out this device of guest.'
    assert.equal([taken[0]?.downs, dialled.downs], [[why], [why]])
    await Promise.all([dialler.close(), there.close()])
  })

  test('holds no more than sixteen unfinished handshakes of one machine', async () => {
    const { connect } = await import('node:net')
    const silent = Array.from({ length: 40 }, () => connect(inbox.port, '127.0.0.1'))
    let closed = 0
    for (const socket of silent) {
      socket
        .on('error', () => {})
        .on('close', () => {
          closed += 1
        })
    }
    await until(() => closed === 24)
    for (const socket of silent) socket.destroy()
    await until(() => closed === 40)
    assert.ok(isWelcome(await greetTls(inbox.port, guest)))
  })
})

const ENDED = 'The peer ended the link.'

const shutOut = (who: Member, { device }: Member): void => {
  const key = Buffer.from(device.publicKey).toString('hex') as never
  const revoked = { device: key, stall: device.stall, why: 'lost' as const, logs: [] }
  who.members = { ...who.members, epoch: who.members.epoch + 1, revoked: [revoked] }
}
