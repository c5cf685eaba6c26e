import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { createMatcher } from '../../broker/matcher.ts'
import { covers } from '../../node/wire/topics.ts'
import { suite } from '../harness.ts'

const name = fc.constantFrom('a', 'b', '', '$x')
const topics = fc.array(name, { minLength: 1, maxLength: 4 }).map(levels => levels.join('/'))
const filters = fc
  .tuple(
    fc.array(fc.oneof(name, fc.constant('+')), { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', '/#')
  )
  .map(([levels, tail]) => levels.join('/') + tail)

suite('the matcher', test => {
  test('tells exactly those whose filter covers the topic, after any coming and going', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(filters, fc.boolean())), fc.array(topics), (all, sent) => {
        const matcher = createMatcher<{ readonly topic: string }>()
        const heard: string[] = []
        const listeners = all.map(
          ([filter]) =>
            () =>
              void heard.push(filter)
        )
        const change = (what: 'on' | 'removeListener', isWanted: (stays: boolean) => boolean) =>
          all.forEach(([filter, stays], index) => {
            const listener = listeners[index]
            if (listener && isWanted(stays)) matcher[what](filter, listener)
          })
        change('on', () => true)
        for (const topic of sent) matcher.emit({ topic })
        change('removeListener', stays => !stays)
        heard.length = 0
        for (const topic of sent) matcher.emit({ topic })
        const staying = all.flatMap(([filter, stays]) => (stays ? [filter] : []))
        const wanted = sent.flatMap(topic => staying.filter(filter => covers(filter, topic)))
        assert.equal(heard.toSorted(), wanted.toSorted())
      })
    )
  })

  test('keeps one order for all when a listener publishes', () => {
    const matcher = createMatcher<{ readonly topic: string }>()
    const heard: string[] = []
    matcher.on('a', () => matcher.emit({ topic: 'b' }))
    for (const topic of ['a', 'b']) matcher.on(topic, message => heard.push(message.topic))
    matcher.emit({ topic: 'a' })
    assert.equal(heard, ['a', 'b'])
  })
})
