import { connectAsync } from 'mqtt'
import * as assert from 'uvu/assert'
import { type Broker, openBroker } from '../../broker/broker.ts'
import { insideOf } from '../../broker/inside.ts'
import { Fault } from '../../node/core/ports.ts'
import { suite } from '../harness.ts'
import { comes, until } from '../wait.ts'
import { greet, payloads, published, subscribe } from './wire.ts'

/** What a client hears of `end` proves that all before it was heard or never comes. */
const heardAllOf = async (
  broker: Broker,
  { client, topic }: { client: Awaited<ReturnType<typeof greet>>; topic: string }
) => {
  broker.publish({ topic, payload: 'end' })
  await until(() => payloads(client).includes('end'))
}

suite('the broker', test => {
  let broker: Broker
  test.before(async () => {
    broker = await openBroker({ port: 0 })
  })
  test.after(() => broker.close())

  test('names the fault when the port is taken', async () => {
    try {
      await openBroker({ port: broker.port })
      assert.unreachable()
    } catch (error) {
      assert.instance(error, Fault)
      assert.is((error as Fault).code, 'port-in-use')
      assert.match((error as Fault).message, `127.0.0.1:${broker.port}: another program`)
      assert.match((error as Fault).fix, 'stall.toml')
    }
  })

  test('names the fault when the address is not of this machine', async () => {
    try {
      await openBroker({ port: 0, host: '192.0.2.1' })
      assert.unreachable()
    } catch (error) {
      assert.is((error as Fault).code, 'broker-address')
      assert.match((error as Fault).fix, '192.0.2.1')
    }
  })

  test('refuses to start on an aedes with other insides', () => {
    const client = { clean: true, closed: false, connackSent: false, subscriptions: {} }
    assert.throws(() => insideOf({ ...client, _parser: {} }), /client\._parser\.parse should be/)
    assert.throws(() => insideOf(undefined), /aedes has changed: client\.clean/)
  })

  test('lets the process publish and hear, programs too', async () => {
    const heard: string[] = []
    const stop = broker.subscribe('shop/+/count', ({ topic, payload, from }) =>
      heard.push(`${from} ${topic} ${payload}`)
    )
    const program = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { clientId: 'counter' })
    await program.publishAsync('shop/door/count', '7', { qos: 1 })
    broker.publish({ topic: 'shop/till/count', payload: '8' })
    await until(() => heard.length === 2)
    assert.equal(heard.toSorted(), ['counter shop/door/count 7', 'null shop/till/count 8'])
    stop()
    broker.publish({ topic: 'shop/till/count', payload: '9' })
    await program.endAsync()
    assert.is(heard.length, 2)
  })

  test('hangs up on a program that publishes into the tree, whatever the QoS', async () => {
    const heard: string[] = []
    broker.subscribe('stall/#', ({ topic }) => heard.push(topic))
    for (const qos of [0, 1, 2] as const) {
      const program = await greet(broker.port, { clientId: `liar-${qos}` })
      const topic = 'stall/s1/price/apple'
      program.send({
        cmd: 'publish',
        topic,
        payload: '1',
        qos,
        messageId: 1,
        dup: false,
        retain: true
      })
      await until(program.isClosed)
      assert.equal(
        program.heard.map(({ cmd }) => cmd),
        ['connack'],
        'no acknowledgement of what was not done [MQTT-3.3.5-2]'
      )
    }
    assert.equal([heard, broker.stats().retained, broker.stats().refused], [[], 0, 3])
    assert.match(broker.health().sentence, '"liar-2" published to stall/s1/price/apple')
  })

  test('turns away a will for the tree with return code 5', async () => {
    const will = { topic: 'stall/s1/$state', payload: Buffer.from('lost'), qos: 0 as const }
    const program = await greet(broker.port, { clientId: 'ghost', will: { ...will, retain: true } })
    const [answer] = program.heard
    assert.is(answer?.cmd === 'connack' && answer.returnCode, 5)
  })

  test('delivers the will of a program that dies', async () => {
    const heard: string[] = []
    broker.subscribe('programs/#', ({ topic, payload }) => heard.push(`${topic} ${payload}`))
    const will = { topic: 'programs/door', payload: Buffer.from('lost'), qos: 0 as const }
    const program = await greet(broker.port, { clientId: 'door', will: { ...will, retain: false } })
    program.close()
    await until(() => heard.length > 0)
    assert.equal(heard, ['programs/door lost'])
  })

  test('says no to filters and topics that MQTT does not allow', async () => {
    const program = await greet(broker.port, { clientId: 'odd' })
    const subscriptions = [{ topic: 'a/+b', qos: 0 as const }]
    program.send({ cmd: 'subscribe', messageId: 1, subscriptions })
    await until(program.isClosed)
    assert.throws(() => broker.publish({ topic: 'a/+', payload: '' }), /Not a topic/)
    assert.throws(() => broker.subscribe('a#', () => {}), /Not a topic filter/)
  })

  test('clears a retained topic with an empty payload [MQTT-3.3.1-10]', async () => {
    broker.publish({ topic: 'a/b', payload: 'x', isRetained: true })
    broker.publish({ topic: 'a/c', payload: 'y', isRetained: true })
    broker.publish({ topic: 'a/b', payload: '', isRetained: true })
    await until(() => broker.stats().retained === 1)
    const program = await greet(broker.port, { clientId: 'late' })
    await subscribe(program, ['a/#', 0])
    await heardAllOf(broker, { client: program, topic: 'a/d' })
    assert.equal(payloads(program), ['y', 'end'])
    program.close()
  })

  test('hangs up on a program that would take the room for retained messages', async () => {
    const program = await greet(broker.port, { clientId: 'hoarder' })
    const payload = Buffer.alloc(200_000)
    for (let n = 0; n < 30; n++) {
      program.send({ cmd: 'publish', topic: `h/${n}`, payload, qos: 0, dup: false, retain: true })
    }
    await until(program.isClosed)
    assert.is(broker.stats().retained, 20, '4 MiB of 200,000 bytes each')
    assert.match(broker.health().sentence, '"hoarder" retained more than there is room for')
  })

  test('hangs up on a packet over its limit once connected', async () => {
    const program = await greet(broker.port, { clientId: 'large' })
    const payload = Buffer.alloc(400_000)
    program.send({ cmd: 'publish', topic: 'a', payload, qos: 0, dup: false, retain: false })
    await until(program.isClosed)
    assert.is(broker.stats().hungUp, 1)
    assert.match(broker.health().sentence, '"large" sent a packet of')
  })

  test('says goodbye to nobody twice and leaves the port free', async () => {
    const program = await greet(broker.port, { clientId: 'last' })
    await broker.close()
    assert.is(broker.health().state, 'down')
    assert.ok(await comes(program.isClosed))
    const again = await openBroker({ port: broker.port })
    await again.close()
  })
})

suite('retained messages', test => {
  test('over the limit take their old value with them [MQTT-3.3.1-7]', async () => {
    const limits = { retained: 2, retainedBytes: 1_000 }
    const broker = await openBroker({ port: 0, limits })
    for (const topic of ['a', 'b', 'c']) broker.publish({ topic, payload: 'x', isRetained: true })
    broker.publish({ topic: 'b', payload: 'y'.repeat(2_000), isRetained: true })
    await until(() => broker.stats().dropped === 2)
    assert.is(broker.stats().retained, 1)
    await broker.close()
  })
})

suite('a slow program', test => {
  let broker: Broker
  test.before(async () => {
    broker = await openBroker({ port: 0 })
  })
  test.after(() => broker.close())

  test('misses values in between, never the newest of a retained topic', async () => {
    const program = await greet(broker.port, { clientId: 'slow' })
    await subscribe(program, ['price/#', 0])
    program.socket.pause()
    const filler = 'x'.repeat(20_000)
    for (let round = 0; round < 300; round++) {
      for (const sku of ['a', 'b', 'c']) {
        broker.publish({ topic: `price/${sku}`, payload: `${round} ${filler}`, isRetained: true })
      }
      await new Promise(setImmediate)
    }
    assert.equal([broker.health().state, broker.stats().dropped], ['degraded', 0])
    assert.match(broker.health().sentence, '"slow" reads MQTT messages too slowly')
    program.socket.resume()
    await until(() => broker.health().state === 'up')
    await heardAllOf(broker, { client: program, topic: 'price/end' })
    assert.ok(published(program).length < 901, 'some were left out')
    for (const sku of ['a', 'b', 'c']) {
      const last = published(program).findLast(({ topic }) => topic === `price/${sku}`)
      assert.is(String(last?.payload).slice(0, 4), '299 ')
    }
    program.close()
  })

  test('never hears an old retained value after a newer one', async () => {
    const topics = Array.from({ length: 1_200 }, (_, n) => `price/${n}`)
    const filler = 'x'.repeat(8_000)
    const say = (what: string) => {
      for (const topic of topics) {
        broker.publish({ topic, payload: `${what} ${filler}`, isRetained: true })
      }
    }
    say('old')
    const program = await greet(broker.port, { clientId: 'slow' })
    const subscriptions = [{ topic: 'price/#', qos: 0 as const }]
    program.send({ cmd: 'subscribe', messageId: 1, subscriptions })
    program.socket.pause()
    await until(() => broker.health().state === 'degraded')
    say('new')
    await new Promise(setImmediate)
    program.socket.resume()
    await until(() => new Set(published(program).map(({ topic }) => topic)).size === 1_200)
    await until(() => broker.health().state === 'up')
    await heardAllOf(broker, { client: program, topic: 'price/end' })
    const last = new Map(
      published(program).map(({ topic, payload }) => [topic, String(payload).slice(0, 3)])
    )
    last.delete('price/end')
    assert.equal([...new Set(last.values())], ['new'])
    assert.ok(payloads(program).some(text => text.startsWith('old')))
    program.close()
  })

  test('is hung up on for QoS 1, and finds the rest in its session', async () => {
    const hello = { clientId: 'session', clean: false }
    const program = await greet(broker.port, hello)
    await subscribe(program, ['sale', 1])
    program.socket.pause()
    const filler = 'x'.repeat(9_000)
    const sent = 1_000
    for (let n = 0; n < sent; n++) {
      broker.publish({ topic: 'sale', payload: `${n} ${filler}`, qos: 1 })
      if (n % 10 === 0) await new Promise(setImmediate)
    }
    program.socket.resume()
    await until(program.isClosed)
    const back = await greet(broker.port, hello)
    const [answer] = back.heard
    assert.is(answer?.cmd === 'connack' && answer.sessionPresent, true)
    await until(() => payloads(back).some(text => text.startsWith(`${sent - 1} `)))
    const numbers = payloads(back).map(text => Number.parseInt(text, 10))
    assert.equal(
      numbers,
      numbers.toSorted((a, b) => a - b),
      'in order'
    )
    assert.is(numbers.length + broker.stats().dropped, sent, 'each is delivered or counted')
    const [first] = published(back)
    assert.is(first?.qos, 1)
    back.close()
  })
})

suite('a session', test => {
  let broker: Broker
  test.before(async () => {
    broker = await openBroker({ port: 0, limits: { sessions: 3 } })
  })
  test.after(() => broker.close())

  test('sends again, marked DUP, what was not acknowledged [MQTT-4.4.0-1]', async () => {
    const hello = { clientId: 'reader', clean: false }
    const program = await greet(broker.port, hello)
    await subscribe(program, ['sale', 1])
    for (const payload of ['one', 'two']) broker.publish({ topic: 'sale', payload, qos: 1 })
    await until(() => published(program).length === 2)
    const [one, two] = published(program)
    program.send({ cmd: 'puback', messageId: one?.messageId ?? 0 })
    program.send({ cmd: 'pingreq' })
    await until(() => program.heard.some(({ cmd }) => cmd === 'pingresp'))
    program.close()
    await until(() => broker.stats().clients === 0)
    const back = await greet(broker.port, hello)
    await until(() => published(back).length > 0)
    await heardAllOf(broker, { client: back, topic: 'sale' })
    const [again, end] = published(back)
    assert.equal(
      [String(again?.payload), again?.dup, again?.messageId, String(end?.payload)],
      ['two', true, two?.messageId, 'end']
    )
    back.close()
  })

  test('goes through QoS 2 once, with the publisher sending twice [MQTT-4.3.3-2]', async () => {
    const program = await greet(broker.port, { clientId: 'two' })
    await subscribe(program, ['exact', 2])
    const writer = await greet(broker.port, { clientId: 'writer' })
    const receipts = () => writer.heard.filter(({ cmd }) => cmd === 'pubrec').length
    for (const dup of [false, true]) {
      const packet = { topic: 'exact', payload: 'once', qos: 2 as const, messageId: 9 }
      const before = receipts()
      writer.send({ cmd: 'publish', ...packet, dup, retain: false })
      await until(() => receipts() > before)
    }
    writer.send({ cmd: 'pubrel', messageId: 9 })
    await until(() => writer.heard.some(({ cmd }) => cmd === 'pubcomp'))
    await heardAllOf(broker, { client: program, topic: 'exact' })
    assert.equal(payloads(program), ['once', 'end'])
    writer.close()
    program.close()
  })

  test('gives way to newer ones when nobody uses it', async () => {
    for (const clientId of ['a', 'b', 'c', 'd', 'e']) {
      const program = await greet(broker.port, { clientId, clean: false })
      await subscribe(program, ['x', 1])
      program.close()
      await until(() => broker.stats().clients === 0)
    }
    assert.is(broker.stats().sessions, 3)
    const oldest = await greet(broker.port, { clientId: 'a', clean: false })
    const [answer] = oldest.heard
    assert.is(answer?.cmd === 'connack' && answer.sessionPresent, false)
    oldest.close()
  })
})
