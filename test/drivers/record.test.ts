import * as assert from 'uvu/assert'
import { DRAWER_MS_MIN, openRecorder, PENDING_MAX } from '../../drivers/record.ts'
import type { Command } from '../../node/core/command.ts'
import type { Reading } from '../../node/core/device.ts'
import { Fault, type Outcome, type Submit } from '../../node/core/ports.ts'
import { suite } from '../harness.ts'

const count = (from: number): Reading => ({
  kind: 'footfall',
  sensor: 'door',
  from,
  to: from + 1,
  in: 1,
  out: 0,
  unsure: 0,
  lostEdges: 0,
  quality: 'direct'
})

suite('recorder', test => {
  const settled = () => new Promise<void>(resolve => setImmediate(resolve))
  const recorderFor = (
    submit: Submit,
    options: { hasDrawer?: boolean; now?: () => number } = {}
  ) => {
    const { hasDrawer = true, now = () => 0 } = options
    const readClocks = () => ({ wallMs: now(), monoMs: now() })
    return openRecorder({ submit, hasDrawer, readClocks })
  }

  test('makes counts into commands, and leaves the rest alone', async () => {
    const commands: Command[] = []
    const recorder = recorderFor(async command => {
      commands.push(command)
      return { entries: [] }
    })
    recorder.onReading('scanner', { kind: 'scan', code: '4006381333931' })
    recorder.onReading('door', count(1))
    await settled()
    const { kind: _, ...rest } = count(1) as Extract<Reading, { kind: 'footfall' }>
    assert.equal(commands, [{ type: 'countFootfall', ...rest }])
  })

  test('keeps counts while the disk is full, in order, and says when some are gone', async () => {
    let isFull = true
    const written: number[] = []
    const fault = new Fault({ code: 'disk-full', message: '', fix: '', isRetryable: true })
    const recorder = recorderFor(async command => {
      if (isFull) return { fault }
      if (command.type === 'countFootfall') written.push(command.from)
      return { entries: [] }
    })
    for (let minute = 0; minute <= PENDING_MAX; minute++) {
      recorder.onReading('door', count(minute))
      await settled()
    }
    assert.match(recorder.health()[0]?.sentence ?? '', /^A count of a sensor could not/)
    isFull = false
    recorder.onReading('door', count(PENDING_MAX + 1))
    await settled()
    assert.is(written.length, PENDING_MAX)
    assert.is(written[0], 2)
    assert.equal(
      written,
      written.toSorted((a, b) => a - b)
    )
  })

  test('a count that is refused is dropped; a drawer is never opened late', async () => {
    const asked: string[] = []
    const recorder = recorderFor(async command => {
      asked.push(command.type)
      if (command.type === 'openDrawer') return { refused: 'busy' }
      return { refused: 'bad-count', sensor: 'door' }
    })
    recorder.onReading('bell', { kind: 'button', isPressed: true, asksFor: 'drawer' })
    recorder.onReading('bell', { kind: 'button', isPressed: false, asksFor: 'drawer' })
    recorder.onReading('door', count(1))
    recorder.onReading('door', count(2))
    await settled()
    assert.equal(asked, ['openDrawer', 'countFootfall', 'countFootfall'])
  })

  test('all that devices say at their end is handed over at once', async () => {
    const asked: Command[] = []
    let answer = (_: Outcome) => {}
    const recorder = recorderFor(command => {
      asked.push(command)
      return new Promise<Outcome>(resolve => {
        answer = resolve
      })
    })
    for (const minute of [1, 2, 3]) recorder.onReading('door', count(minute))
    assert.is(asked.length, 1)
    recorder.close()
    assert.is(asked.length, 3)
    answer({ entries: [] })
    await settled()
    assert.is(asked.length, 3)
  })

  test('a loose contact opens the drawer each two seconds at most', () => {
    let now = 0
    const asked: Command[] = []
    const submit: Submit = async command => {
      asked.push(command)
      return { entries: [] }
    }
    const recorder = recorderFor(submit, { now: () => now })
    for (; now < 10 * DRAWER_MS_MIN; now += 100) {
      recorder.onReading('bell', { kind: 'button', isPressed: true, asksFor: 'drawer' })
    }
    assert.is(asked.length, 10)
  })

  test('a button for a drawer that there is not writes nothing, and says so', () => {
    const asked: Command[] = []
    const submit: Submit = async command => {
      asked.push(command)
      return { entries: [] }
    }
    const recorder = recorderFor(submit, { hasDrawer: false })
    assert.equal(recorder.health(), [])
    recorder.onReading('bell', { kind: 'button', isPressed: true, asksFor: 'drawer' })
    assert.equal(asked, [])
    assert.match(recorder.health()[0]?.fix ?? '', 'drawer = true')
  })
})
