import * as assert from 'uvu/assert'
import type { FootfallReading, PowerReading } from '../../node/core/device.ts'
import { ageWords, nameWords, sentenceWords } from '../../node/core/devicewords.ts'
import { worstDevicesFirst } from '../../node/core/health.ts'
import { HEALTH_STATES } from '../../node/core/ports.ts'
import { readingWords } from '../../node/core/readingwords.ts'
import { deviceView } from '../device-views.ts'
import { suite } from '../harness.ts'

const minute: FootfallReading = {
  kind: 'footfall',
  sensor: 'door',
  from: 0,
  to: 60_000,
  in: 3,
  out: 1,
  unsure: 0,
  lostEdges: 0,
  quality: 'direct'
}

const power: PowerReading = {
  kind: 'power',
  supply: 'battery',
  percent: 64,
  milliVolts: 4_980,
  isUnderVoltage: false,
  isLow: false
}

suite('words of readings', test => {
  test('a count says how sure it is, and no count is not nobody', () => {
    assert.is(readingWords(minute), '3 in, 1 out in a minute')
    assert.is(
      readingWords({ ...minute, to: 20_000, unsure: 2, quality: 'estimated' }),
      'about 3 in, 1 out, 2 unsure in 20 s'
    )
    const unknown = { ...minute, in: null, out: null }
    assert.is(
      readingWords({ ...unknown, unsure: 4, quality: 'degraded' }),
      'No sure count, 4 unsure in a minute'
    )
    assert.is(readingWords({ ...unknown, quality: 'absent' }), 'Not counted')
  })

  test('numbers have their unit', () => {
    const weight = (milligrams: number, isStable = true) =>
      readingWords({ kind: 'weight', milligrams, isStable })
    assert.is(weight(125_000), '0.125 kg')
    assert.is(weight(-20_000), '-0.020 kg')
    assert.is(weight(1_234_500), '1.234500 kg')
    assert.is(weight(125_000, false), '0.125 kg, not at rest')
    assert.is(readingWords(power), 'On battery, 64 %, 4.98 V')
    assert.is(
      readingWords({ ...power, percent: 9, milliVolts: null, isUnderVoltage: true, isLow: true }),
      'On battery, 9 %, voltage too low, battery low'
    )
    assert.is(
      readingWords({ kind: 'clock', source: 'ntp', boundMs: 12 }),
      'Time from the network, within 12 ms'
    )
    assert.is(readingWords({ kind: 'light', isOn: true, percent: 40 }), 'Light on at 40 %')
    assert.is(readingWords({ kind: 'light', isOn: false, percent: 40 }), 'Light off')
    assert.is(readingWords({ kind: 'presence', isOccupied: true, targets: 1 }), '1 person is there')
  })

  test('a code of any length fits a row', () => {
    assert.ok(readingWords({ kind: 'scan', code: '4'.repeat(500) }).length < 40)
  })
})

suite('words of devices', test => {
  test('a sentence that does not name its device gets the name', () => {
    const says = (sentence: string) =>
      sentenceWords(
        deviceView({ name: 'back-door', health: { name: '', state: 'down', sentence, fix: '' } })
      )
    assert.is(says('It did not start.'), 'Back door: It did not start.')
    assert.is(says('The back door is blocked.'), 'The back door is blocked.')
    assert.is(nameWords('printer'), 'Printer')
  })

  test('ages are short, and a clock that was set back makes none negative', () => {
    const ages = [-5_000, 59_999, 60_000, 3_599_000, 7_200_000, 172_800_000].map(ageWords)
    assert.equal(ages, ['0 s', '59 s', '1 min', '59 min', '2 h', '2 days'])
  })

  test('what needs a person most comes first, and the rest keeps its order', () => {
    const views = HEALTH_STATES.map(state =>
      deviceView({ name: state, health: { name: state, state, sentence: '', fix: '' } })
    )
    assert.equal(
      worstDevicesFirst(views).map(({ name }) => name),
      ['down', 'degraded', 'absent', 'up', 'disabled']
    )
  })
})
