import * as assert from 'uvu/assert'
import { type Passage, seededCrowd } from '../../drivers/sim/crowd.ts'
import { suite } from '../harness.ts'
import { handTime } from './hand.ts'

suite('simulated crowd', test => {
  test('the same seed brings the same people, another seed others', async () => {
    const evening = await people({ seed: 7, minutes: 30 })
    assert.equal(await people({ seed: 7, minutes: 30 }), evening)
    assert.not.equal(await people({ seed: 8, minutes: 30 }), evening)
  })

  test('people come in the order they pass and are told of before they do', async () => {
    const evening = await people({ seed: 7, minutes: 30 })
    assert.equal(
      evening,
      evening.toSorted((a, b) => a.atMs - b.atMs)
    )
    assert.ok(evening.every(({ atMs, toldMs }) => atMs >= toldMs && atMs - toldMs <= 8_010))
  })

  test('about as many as asked for, some turn back, and some minutes are crowded', async () => {
    const evening = await people({ seed: 7, minutes: 8 * 60 })
    const perMinute = evening.length / (8 * 60)
    assert.ok(perMinute > 6 && perMinute < 12, `${perMinute} a minute`)
    const turned = evening.filter(({ direction }) => direction === 'turned-back').length
    assert.ok(turned > evening.length * 0.03 && turned < evening.length * 0.1)
    const minutes = new Map<number, number>()
    for (const { atMs } of evening) {
      const minute = Math.floor(atMs / 60_000)
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1)
    }
    assert.ok(Math.max(...minutes.values()) > 25)
  })

  test('nobody walks while nobody watches', async () => {
    const time = handTime()
    const crowd = seededCrowd({ seed: 1, ...clocks(time), peoplePerMinute: 60 })
    let seen = 0
    const leave = crowd.watch(() => {
      seen += 1
    })
    await time.pass(60_000)
    leave()
    const before = seen
    assert.ok(before > 0)
    await time.pass(60_000)
    assert.is(seen, before)
  })
})

const clocks = (time: ReturnType<typeof handTime>) => ({
  startTimer: time.startTimer,
  readClocks: () => ({ wallMs: time.now(), monoMs: time.now() })
})

async function people(options: { seed: number; minutes: number }) {
  const time = handTime()
  const told: (Passage & { readonly toldMs: number })[] = []
  const crowd = seededCrowd({ seed: options.seed, ...clocks(time) })
  const leave = crowd.watch(passage => void told.push({ ...passage, toldMs: time.now() }))
  await time.pass(options.minutes * 60_000)
  leave()
  return told
}
