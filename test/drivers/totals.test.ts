import * as assert from 'uvu/assert'
import { type Counted, totalsCounter } from '../../drivers/footfall/totals.ts'
import { suite } from '../harness.ts'

suite('totals of a counter', test => {
  test('the first total is where counting begins', () => {
    assert.equal(counted('10:90/70'), ['first'])
  })

  test('what came since the line before', () => {
    assert.equal(counted('0:5/3 10:7/3 20:7/4'), ['first', '+2/0', '+0/1'])
  })

  test('one wrong number is left out: nothing is lost and nothing invented', () => {
    assert.equal(counted('0:12/3 10:2/3 20:13/3'), ['first', 'doubted', '+1/0'])
    assert.equal(counted('0:12/3 10:912/3 20:13/3'), ['first', 'doubted', '+1/0'])
  })

  test('backwards and going on from there: the device began again, all that it has is new', () => {
    assert.equal(counted('0:12/3 10:1/0 20:2/1 30:3/1'), [
      'first',
      'doubted',
      'reset +2/1 unsure 0',
      '+1/0'
    ])
  })

  test('a leap that goes on is quarantined, however far', () => {
    assert.equal(counted('0:1/1 10:900/1 20:901/1 30:902/1'), [
      'first',
      'doubted',
      'jump +0/0 unsure 900',
      '+1/0'
    ])
  })

  test('a reset to a number that cannot be is quarantined as well', () => {
    assert.equal(counted('0:5000/0 10:900/0 20:901/0'), [
      'first',
      'doubted',
      'reset +0/0 unsure 901'
    ])
  })

  test('after a quiet hour no more people are plausible than in five minutes', () => {
    assert.equal(counted('0:0/0 3600:49/0'), ['first', '+49/0'])
    assert.equal(counted('0:0/0 3600:51/0'), ['first', 'doubted'])
  })

  test('a steady flood is quarantined as soon as it is more than can walk', () => {
    const lines = Array.from({ length: 200 }, (_, number) => `${number / 10}:${number}/0`)
    const verdicts = counted(lines.join(' '))
    const believed = verdicts.filter(verdict => verdict.startsWith('+')).length
    assert.ok(believed >= 50 && believed <= 54, `${believed}`)
    assert.ok(verdicts.includes('doubted'))
  })
})

/** `10:12/3`: at ten seconds it said 12 in, 3 out; ten people a minute are plausible. */
function counted(story: string): string[] {
  const count = totalsCounter({ perMinuteMax: 10 })
  return story.split(' ').map(line => {
    const [, second, into, out] = /^([\d.]+):(\d+)\/(\d+)$/.exec(line) ?? []
    return verdict(count({ in: Number(into), out: Number(out) }, Number(second) * 1_000))
  })
}

const verdict = ({ what, in: into, out, unsure }: Counted): string => {
  if (what === 'counted') return `+${into}/${out}`
  return what === 'first' || what === 'doubted' ? what : `${what} +${into}/${out} unsure ${unsure}`
}
