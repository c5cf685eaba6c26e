import * as assert from 'uvu/assert'
import { absentFootfall, countMinutes } from '../../drivers/footfall/minute.ts'
import type { FootfallReading } from '../../node/core/device.ts'
import { COUNT_MAX, decideCountFootfall } from '../../node/core/footfall.ts'
import { suite } from '../harness.ts'
import { handTime } from './hand.ts'

const NOON = Date.UTC(2026, 10, 20, 12, 0)
const MINUTE = 60_000

suite('footfall minutes', test => {
  test('each full minute of the wall clock tells its counts once, half open', async () => {
    const { time, minutes, told } = counting()
    minutes.add({ in: 2 })
    minutes.add({ in: 1, out: 1 })
    await time.pass(MINUTE)
    minutes.add({ unsure: 1 })
    await time.pass(MINUTE)
    assert.equal(told.map(short), [
      { from: 0, to: 1, in: 3, out: 1, unsure: 0, quality: 'direct' },
      { from: 1, to: 2, in: 0, out: 0, unsure: 1, quality: 'direct' }
    ])
  })

  test('a minute in which it began or ended is degraded', async () => {
    const { time, minutes, told } = counting({ fromMs: NOON + 23_000 })
    minutes.add({ in: 2 })
    await time.pass(MINUTE + 10_000)
    minutes.add({ in: 1 })
    minutes.stop()
    assert.equal(
      told.map(({ from, to, in: into, unsure, quality }) => ({ from, to, into, unsure, quality })),
      [
        { from: NOON + 23_000, to: NOON + MINUTE, into: null, unsure: 2, quality: 'degraded' },
        { from: NOON + MINUTE, to: NOON + 93_000, into: null, unsure: 1, quality: 'degraded' }
      ]
    )
    await time.pass(5 * MINUTE)
    assert.is(told.length, 2)
  })

  test('a doubt spoils its minute, a doubtful state every minute that it touches', async () => {
    const { time, minutes, told } = counting()
    minutes.add({ in: 1, out: 2, lostEdges: 7 })
    minutes.doubt()
    await time.pass(MINUTE)
    await time.pass(MINUTE / 2)
    minutes.setDoubtful(true)
    await time.pass(MINUTE)
    minutes.setDoubtful(false)
    await time.pass(2 * MINUTE)
    assert.equal(
      told.map(({ quality }) => quality),
      ['degraded', 'degraded', 'degraded', 'direct']
    )
    assert.equal(short(told[0]), {
      from: 0,
      to: 1,
      in: null,
      out: null,
      unsure: 3,
      quality: 'degraded'
    })
    assert.is(told[0]?.lostEdges, 7)
  })

  test('an estimate never says which way', async () => {
    const { time, minutes, told } = counting({ quality: 'estimated' })
    minutes.add({ in: 2, out: 1 })
    await time.pass(MINUTE)
    assert.equal(told.map(short), [
      { from: 0, to: 1, in: null, out: null, unsure: 3, quality: 'estimated' }
    ])
  })

  for (const jumpMs of [-86_400_000, -3_600_000, -45_000, -1_000, 1_000, 45_000, 3_600_000]) {
    test(`a clock that jumps ${jumpMs / 1_000} s makes no minute negative or twice`, async () => {
      const { time, minutes, told, jump } = counting()
      await time.pass(90_000)
      jump(jumpMs)
      for (let step = 0; step < 12; step++) {
        minutes.add({ in: 1 })
        await time.pass(17_000)
      }
      minutes.stop()
      for (const [index, minute] of told.entries()) {
        assert.ok(minute.from < minute.to)
        assert.ok(minute.from >= (told[index - 1]?.to ?? 0))
        assert.ok(minute.to - minute.from <= MINUTE + Math.max(0, jumpMs < 2_000 ? jumpMs : 0))
        assert.ok(Array.isArray(decideCountFootfall({ type: 'countFootfall', ...minute })))
      }
      assert.is(
        told.reduce((sum, minute) => sum + (minute.in ?? 0) + minute.unsure, 0),
        12
      )
    })
  }

  test('a machine that slept tells one long span that nobody is sure of', async () => {
    const { time, told, sleep } = counting()
    await time.pass(MINUTE / 2)
    sleep(10 * MINUTE)
    await time.pass(MINUTE)
    assert.equal(
      told.map(({ from, to, quality }) => [(from - NOON) / MINUTE, (to - NOON) / MINUTE, quality]),
      [[0, 11, 'degraded']]
    )
  })

  test('a flood of counts is bounded, so that the stall does not refuse it', async () => {
    const { time, minutes, told } = counting()
    for (let round = 0; round < 10; round++) minutes.add({ in: COUNT_MAX, lostEdges: COUNT_MAX })
    minutes.doubt()
    await time.pass(MINUTE)
    assert.is(told[0]?.unsure, COUNT_MAX)
    assert.is(told[0]?.lostEdges, COUNT_MAX)
  })

  test('an absent sensor is not a zero', () => {
    const reading = absentFootfall({ name: 'door', from: NOON, to: NOON + MINUTE })
    assert.is(reading.in, null)
    assert.is(reading.out, null)
    assert.is(reading.quality, 'absent')
  })
})

function counting({
  fromMs = NOON,
  quality = 'direct'
}: {
  fromMs?: number
  quality?: 'direct' | 'estimated'
} = {}) {
  const time = handTime()
  const told: FootfallReading[] = []
  let jumped = 0
  let slept = 0
  const minutes = countMinutes({
    sensor: 'door',
    quality,
    host: {
      startTimer: time.startTimer,
      readClocks: () => ({
        wallMs: fromMs + time.now() + slept + jumped,
        monoMs: time.now() + slept
      })
    },
    tell: reading => void told.push(reading)
  })
  return {
    time,
    minutes,
    told,
    jump: (ms: number) => {
      jumped += ms
    },
    sleep: (ms: number) => {
      slept += ms
    }
  }
}

/** Minutes since noon, and the numbers. */
function short(reading: FootfallReading | undefined) {
  if (reading === undefined) throw new Error('Nothing was told')
  const { from, to, in: into, out, unsure, quality } = reading
  return { from: (from - NOON) / MINUTE, to: (to - NOON) / MINUTE, in: into, out, unsure, quality }
}
