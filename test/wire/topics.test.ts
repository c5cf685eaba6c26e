import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  covers,
  isInTree,
  isTopicFilter,
  isTopicName,
  stallTopics,
  toLevel
} from '../../node/wire/topics.ts'
import { suite } from '../harness.ts'

/** Any string of JavaScript, with lone surrogates and the signs that mean something in a topic. */
const anyText = fc
  .array(fc.oneof(fc.constantFrom('%', '+', '#', '/', '\0', 'a'), fc.nat({ max: 0xffff })))
  .map(units =>
    units.map(unit => (typeof unit === 'number' ? String.fromCharCode(unit) : unit)).join('')
  )

suite('topics', test => {
  test('of a stall', () => {
    const topics = stallTopics('fruit-3')
    assert.is(topics.state, 'stall/fruit-3/$state')
    assert.is(topics.stock('APPLE'), 'stall/fruit-3/stock/APPLE')
    assert.is(topics.price('1/2 kg'), 'stall/fruit-3/price/1%2F2 kg')
    assert.is(topics.device('printer'), 'stall/fruit-3/device/printer')
    assert.ok(isInTree(topics.sale) && isInTree('stall'))
    assert.not(isInTree('stalls/x') || isInTree('zigbee2mqtt/door'))
  })

  test('escape what a level cannot hold, and only that', () => {
    assert.is(toLevel('a+b#c/d%e\0'), 'a%2Bb%23c%2Fd%25e%00')
    assert.is(toLevel('Käse 🧀 №1 $x'), 'Käse 🧀 №1 $x')
    assert.is(toLevel('\ud83d'), '%uD83D')
    assert.is(toLevel('\ud83e\uddc0\udc00'), '🧀%uDC00')
  })

  test('are never the same for two names', () => {
    const near = anyText.map(text => text.replaceAll(/[+#/]/g, sign => toLevel(sign)))
    fc.assert(
      fc.property(fc.oneof(anyText, near), fc.oneof(anyText, near), (one, other) =>
        assert.is(toLevel(one) === toLevel(other), one === other)
      )
    )
    assert.is.not(toLevel('%2F'), toLevel('/'))
  })

  test('are always one level that MQTT allows', () => {
    fc.assert(
      fc.property(anyText, text => {
        const topic = stallTopics('s').stock(text)
        assert.ok(isTopicName(topic))
        assert.is(topic.split('/').length, 4)
        assert.is(Buffer.from(topic).toString(), topic)
      })
    )
  })

  test('names and filters by the rules of MQTT 4.7', () => {
    for (const name of ['', 'a/+', '#', 'a\0', '\ud800']) assert.not(isTopicName(name), name)
    for (const filter of ['#', '+', 'a/+/b', 'a/#', '/', '+/+', '$SYS/#']) {
      assert.ok(isTopicFilter(filter), filter)
    }
    for (const filter of ['', 'a#', 'a/#/b', 'a+', 'a/+b', '#/a', 'a\0']) {
      assert.not(isTopicFilter(filter), filter)
    }
  })

  test('covered by filters as the examples of MQTT 4.7 say', () => {
    const tennis = 'sport/tennis/player1'
    for (const filter of [`${tennis}/#`, 'sport/#', '#', 'sport/tennis/+', 'sport/+/player1']) {
      assert.ok(covers(filter, tennis), filter)
    }
    for (const filter of ['sport/+', 'sport', 'sport/tennis/player1/+', '+']) {
      assert.not(covers(filter, tennis), filter)
    }
    assert.ok(covers('sport/+', 'sport/') && covers('+/+', '/finance') && covers('/+', '/finance'))
    assert.not(covers('+', '/finance'))
    assert.not(covers('#', '$SYS/x') || covers('+/monitor', '$SYS/monitor'))
    assert.ok(covers('$SYS/#', '$SYS/x'))
  })
})
