/**
 * Every fault of plain aedes 1.2.0 that a seam answers, asked of both. The plain side must fail:
 * when a new aedes mends one of these, its test says so and the seam may go.
 */
import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { comes, until } from '../wait.ts'
import { openOurs, openPlain, type Side } from './sides.ts'
import { dial, greet, payloads, published, subscribe } from './wire.ts'

type Open = () => Promise<Side>

async function withSide<Answer>(open: Open, probe: (side: Side) => Promise<Answer>) {
  const side = await open()
  try {
    return await probe(side)
  } finally {
    await side.close()
  }
}

/** Of 500 messages with QoS 1, each overtaken by one with QoS 0: how many never arrive. */
const overtaken = (clean: boolean) => async (side: Side) => {
  const client = await greet(side.port, { clientId: 'reader', clean })
  await subscribe(client, ['x', 1])
  for (let n = 0; n < 500; n++) {
    side.publish({ topic: 'x', payload: `sale ${n}`, qos: 1 })
    side.publish({ topic: 'x', payload: 'stock', qos: 0 })
    if (n % 10 === 0) await new Promise(setImmediate)
  }
  side.publish({ topic: 'x', payload: 'end', qos: 0 })
  await until(() => payloads(client).includes('end'))
  await comes(() => payloads(client).filter(text => text !== 'stock').length > 500, 500)
  const sales = new Set(payloads(client).filter(text => text.startsWith('sale')))
  client.close()
  return 500 - sales.size
}

/** One client reads nothing while 200 messages of 64 KiB go to it; does another topic go on? */
async function unrelatedArrives(side: Side) {
  const frozen = await greet(side.port, { clientId: 'frozen' })
  await subscribe(frozen, ['large', 0])
  frozen.socket.pause()
  const other = await greet(side.port, { clientId: 'other' })
  await subscribe(other, ['small', 0])
  const payload = Buffer.alloc(65_536)
  for (let n = 0; n < 200; n++) side.publish({ topic: 'large', payload })
  side.publish({ topic: 'small', payload: 'still here' })
  const arrived = await comes(() => payloads(other).includes('still here'), 1_000)
  frozen.close()
  other.close()
  return arrived
}

/** How many of 32 MB a stranger can have kept under one announced CONNECT of 256 MB. */
async function strangersMegabytes(side: Side) {
  const stranger = await dial(side.port)
  stranger.socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]))
  const megabyte = Buffer.alloc(1_048_576)
  let sent = 0
  while (sent < 32 && !stranger.isClosed()) {
    stranger.socket.write(megabyte)
    sent += 1
    await comes(() => stranger.isClosed() || stranger.socket.writableLength === 0, 2_000)
  }
  stranger.close()
  return sent
}

/** The return code of the CONNACK for a CONNECT with clean=0 and an empty client id. */
async function namelessSession(side: Side) {
  const client = await dial(side.port)
  const flags = 0x00
  client.socket.write(Buffer.from([0x10, 12, 0, 4, ...Buffer.from('MQTT'), 4, flags, 0, 60, 0, 0]))
  await until(() => client.heard.length > 0)
  const [answer] = client.heard
  client.close()
  return answer?.cmd === 'connack' ? answer.returnCode : 'no answer'
}

async function wildcardQos(side: Side) {
  const client = await greet(side.port, { clientId: 'reader' })
  await subscribe(client, ['a/#', 1])
  side.publish({ topic: 'a/b', payload: 'x', qos: 2 })
  await until(() => published(client).length > 0)
  client.close()
  return published(client)[0]?.qos
}

/** Filters `a/#` and `a/b` overlap, the first with the greater QoS. */
async function overlappingQos(side: Side) {
  const client = await greet(side.port, { clientId: 'reader' })
  await subscribe(client, ['a/b', 0], ['a/#', 1])
  side.publish({ topic: 'a/b', payload: 'x', qos: 1 })
  side.publish({ topic: 'a/b', payload: 'end', qos: 0 })
  await until(() => payloads(client).includes('end'))
  await comes(() => payloads(client).includes('x'), 200)
  client.close()
  return published(client)
    .filter(({ payload }) => String(payload) === 'x')
    .map(({ qos }) => qos)
}

/** How many of 3,000 messages wait for a session whose program is away. */
async function backlog(side: Side) {
  const away = await greet(side.port, { clientId: 'away', clean: false })
  await subscribe(away, ['x', 1])
  away.close()
  await until(away.isClosed)
  for (let n = 0; n < 3_000; n++) side.publish({ topic: 'x', payload: `${n}`, qos: 1 })
  side.publish({ topic: 'x', payload: 'last', qos: 1 })
  await new Promise(setImmediate)
  const back = await greet(side.port, { clientId: 'away', clean: false })
  await until(() => payloads(back).includes('last'), 10_000)
  back.close()
  return published(back).length
}

/** One packet with 3,000 filters: how many are granted. */
async function manyFilters(side: Side) {
  const client = await greet(side.port, { clientId: 'greedy' })
  const subscriptions = Array.from({ length: 3_000 }, (_, n) => ({
    topic: `f/${n}`,
    qos: 0 as const
  }))
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions })
  await until(() => client.heard.some(({ cmd }) => cmd === 'suback'))
  const answer = client.heard.find(packet => packet.cmd === 'suback')
  client.close()
  return answer?.granted.filter(code => code !== 128).length
}

/** 70 programs connect: how many stay. */
async function crowd(side: Side) {
  const clients = await Promise.all(
    Array.from({ length: 70 }, (_, n) => greet(side.port, { clientId: `c${n}` }))
  )
  const welcomed = clients.filter(
    ({ heard: [answer] }) => answer?.cmd === 'connack' && answer.returnCode === 0
  ).length
  for (const client of clients) client.close()
  return welcomed
}

/** A client leaves retained messages on 5,000 topics: how many does a later one hear? */
async function retainedByGuest(side: Side) {
  const client = await greet(side.port, { clientId: 'hoarder' })
  for (let n = 0; n < 5_000; n++) {
    client.send({
      cmd: 'publish',
      topic: `hoard/${n}`,
      payload: 'x',
      qos: 0,
      retain: true,
      dup: false
    })
  }
  client.send({ cmd: 'pingreq' })
  await until(() => client.isClosed() || client.heard.some(({ cmd }) => cmd === 'pingresp'))
  const reader = await greet(side.port, { clientId: 'reader' })
  side.publish({ topic: 'hoard/zzz', payload: 'end', isRetained: true })
  await subscribe(reader, ['hoard/#', 0])
  await until(() => payloads(reader).includes('end'), 10_000)
  reader.close()
  return published(reader).length - 1
}

/** A reader that never acknowledges: how many messages with QoS 1 it is sent. */
async function unacknowledged(side: Side) {
  const client = await greet(side.port, { clientId: 'mute' })
  await subscribe(client, ['x', 1])
  for (let n = 0; n < 1_500; n++) side.publish({ topic: 'x', payload: `${n}`, qos: 1 })
  await until(() => client.isClosed() || published(client).length === 1_500)
  client.close()
  return published(client).length
}

suite('seams of aedes', test => {
  for (const clean of [true, false]) {
    test(`QoS 1 overtaken by QoS 0 arrives, clean session ${clean}`, async () => {
      assert.is(await withSide(openOurs, overtaken(clean)), 0)
      assert.ok((await withSide(openPlain, overtaken(clean))) > 0)
    })
  }

  test('a frozen subscriber stops nobody else', async () => {
    assert.is(await withSide(openOurs, unrelatedArrives), true)
    assert.is(await withSide(openPlain, unrelatedArrives), false)
  })

  test('a stranger cannot fill the memory', async () => {
    assert.ok((await withSide(openOurs, strangersMegabytes)) <= 4)
    assert.is(await withSide(openPlain, strangersMegabytes), 32)
  })

  test('a session without a client id is rejected [MQTT-3.1.3-8]', async () => {
    assert.is(await withSide(openOurs, namelessSession), 2)
    assert.is(await withSide(openPlain, namelessSession), 0)
  })

  test("a wildcard's messages come with its own QoS [MQTT-3.3.5-1]", async () => {
    assert.is(await withSide(openOurs, wildcardQos), 1)
    assert.is(await withSide(openPlain, wildcardQos), 2)
  })

  test('overlapping filters give one copy with the greatest QoS [MQTT-3.3.5-1]', async () => {
    assert.equal(await withSide(openOurs, overlappingQos), [1])
    assert.not.equal(await withSide(openPlain, overlappingQos), [1])
  })

  test('what waits for an absent program has a limit', async () => {
    assert.is(await withSide(openOurs, backlog), 1_000)
    assert.is(await withSide(openPlain, backlog), 3_001)
  })

  test('subscriptions have a limit', async () => {
    assert.is(await withSide(openOurs, manyFilters), 100)
    assert.is(await withSide(openPlain, manyFilters), 3_000)
  })

  test('clients have a limit', async () => {
    assert.is(await withSide(openOurs, crowd), 64)
    assert.is(await withSide(openPlain, crowd), 70)
  })

  test('retained messages of programs have a limit', async () => {
    assert.is(await withSide(openOurs, retainedByGuest), 4_096)
    assert.is(await withSide(openPlain, retainedByGuest), 5_000)
  })

  test('messages without an acknowledgement have a limit', async () => {
    assert.is(await withSide(openOurs, unacknowledged), 1_000)
    assert.is(await withSide(openPlain, unacknowledged), 1_500)
  })
})
