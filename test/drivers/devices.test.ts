import * as assert from 'uvu/assert'
import { type DeviceConfig, type Devices, openDevices } from '../../drivers/devices.ts'
import type { DriverContext } from '../../drivers/driver.ts'
import { DRAWER_MS_MIN, openRecorder, PENDING_MAX } from '../../drivers/record.ts'
import { simHost } from '../../drivers/sim/host.ts'
import { RESCAN_MS } from '../../drivers/supervise.ts'
import type { Command } from '../../node/core/command.ts'
import type { Reading } from '../../node/core/device.ts'
import { Fault, type HealthState, type Outcome, type Submit } from '../../node/core/ports.ts'
import { suite } from '../harness.ts'
import { onBattery } from './context.ts'
import { type HandTime, handTime } from './hand.ts'

type Context = Omit<DriverContext<unknown>, 'settings'>

const device = (name: string, more: Partial<DeviceConfig> = {}): DeviceConfig => ({
  name,
  role: 'button',
  driver: 'bell',
  isEnabled: true,
  isSimulated: false,
  claims: [],
  follows: [],
  start: async () => ({ stop: async () => {} }),
  simulate: () => Promise.reject(new Error('nothing to simulate')),
  away: undefined,
  ...more
})

interface Fleet {
  readonly devices: Devices
  readonly time: HandTime
  readonly shown: () => readonly string[]
}

async function withDevices(
  configs: readonly DeviceConfig[],
  story: (fleet: Fleet) => Promise<void>,
  worst: HealthState = 'up'
): Promise<void> {
  const time = handTime()
  const readClocks = () => ({ wallMs: time.now(), monoMs: time.now() })
  const world = { startTimer: time.startTimer, readClocks }
  const devices = openDevices({
    configs,
    taken: [{ name: 'printer', claims: ['/dev/ttyUSB0'] }],
    host: simHost(world),
    openWorld: async () => ({ ...world, seed: 1, crowd: { watch: () => () => {} } }),
    random: () => 0.5,
    worst: () => worst
  })
  await devices.start()
  await time.pass(0)
  const shown = () =>
    devices.view().map(({ name, health }) => `${name} ${health.state}: ${health.sentence}`)
  try {
    await story({ devices, time, shown })
  } finally {
    await time.until(devices.close())
  }
}

const press: Reading = { kind: 'button', isPressed: true, asksFor: null }
const absent = () =>
  Promise.reject(
    new Fault({ code: 'device-absent', message: 'Not here.', fix: '', isRetryable: true })
  )

suite('devices', test => {
  test('one that is switched off stays off, and says so', () =>
    withDevices([device('bell', { isEnabled: false })], async ({ shown }) => {
      assert.equal(shown(), ['bell disabled: Switched off in stall.toml.'])
    }))

  test('of two on one line the first has it, and the other says whose it is', () =>
    withDevices(
      [device('door', { claims: ['GPIO17'] }), device('bell', { claims: ['GPIO4', 'GPIO17'] })],
      async ({ shown }) => {
        assert.equal(shown(), ['door up: Works.', 'bell down: GPIO17 belongs to "door" already.'])
      }
    ))

  test('the printer has its port before all others', () =>
    withDevices([device('scale', { claims: ['/dev/ttyUSB0'] })], async ({ shown }) => {
      assert.equal(shown(), ['scale down: /dev/ttyUSB0 belongs to "printer" already.'])
    }))

  test('one that is switched off has no line, and simulated ones have lines of their own', () => {
    const claims = ['GPIO17']
    const simulated = {
      claims,
      isSimulated: true,
      simulate: async () => ({
        host: simHost({ startTimer: () => () => {}, readClocks: () => ({ wallMs: 0, monoMs: 0 }) }),
        faults: [],
        setFault: () => {},
        close: () => {}
      })
    }
    return withDevices(
      [
        device('off', { claims, isEnabled: false }),
        device('real', { claims }),
        device('one', simulated),
        device('two', simulated)
      ],
      async ({ devices }) => {
        const states = devices.view().map(({ health }) => health.state)
        assert.equal(states, ['disabled', 'up', 'up', 'up'])
      }
    )
  })

  test('a device hears those it follows, and no others', async () => {
    const heard: string[] = []
    const tells = (context: Context) => {
      context.host.startTimer(1_000, () => context.tell(press))
      return Promise.resolve({ stop: async () => {} })
    }
    await withDevices(
      [
        device('light', {
          follows: ['left'],
          start: async ({ follow }) => {
            follow(name => heard.push(name))
            return { stop: async () => {} }
          }
        }),
        device('left', { role: 'presence', start: tells }),
        device('right', { start: tells })
      ],
      async ({ time, devices }) => {
        await time.pass(1_000)
        assert.equal(heard, ['left'])
        const right = devices.view()[2]
        assert.equal([right?.reading, right?.readAt], [press, 1_000])
      }
    )
  })

  test('one that starts anew hears what those it follows said last', async () => {
    const heard: string[] = []
    let loseLight: Context['fail'] = () => {}
    let loseSensor: Context['fail'] = () => {}
    await withDevices(
      [
        device('pir', {
          role: 'presence',
          start: async ({ tell, fail }) => {
            loseSensor = fail
            tell(press)
            tell(onBattery(true))
            return { stop: async () => {} }
          }
        }),
        device('light', {
          follows: ['pir'],
          start: async ({ follow, fail }) => {
            loseLight = fail
            follow((name, { kind }) => heard.push(`${name} ${kind}`))
            return { stop: async () => {} }
          }
        })
      ],
      async ({ time }) => {
        heard.length = 0
        loseLight(new Fault({ code: 'lost', message: 'Lost.', fix: '', isRetryable: true }))
        await time.pass(1_000)
        assert.equal(heard, ['pir button', 'pir power'])
        loseSensor(new Fault({ code: 'broken', message: 'No.', fix: '', isRetryable: false }))
        loseLight(new Fault({ code: 'lost', message: 'Lost.', fix: '', isRetryable: true }))
        await time.pass(1_000)
        assert.equal(heard, ['pir button', 'pir power'])
      }
    )
  })

  test('what is shown of a device is what its role is about', async () => {
    let tell: Context['tell'] = () => {}
    const start = async (context: Context) => {
      tell = context.tell
      return { stop: async () => {} }
    }
    await withDevices([device('counter', { role: 'presence', start })], async ({ devices }) => {
      const presence: Reading = { kind: 'presence', isOccupied: true, targets: null }
      const shown = () => devices.view()[0]?.reading
      tell(presence)
      assert.equal(shown(), presence)
      tell(count(1))
      assert.equal(shown(), presence)
    })
  })

  test('following a device that is not there is said', () =>
    withDevices([device('light', { follows: ['pir'] })], async ({ shown }) => {
      assert.equal(shown(), ['light down: It listens to "pir", and there is no such device.'])
    }))

  test('following one that never says whether somebody is there is said, too', () => {
    const door = device('door', { role: 'footfall' })
    return withDevices([door, device('light', { follows: ['door'] })], async ({ shown }) => {
      assert.match(shown()[1] ?? '', 'light down: It listens to "door", which tells neither')
    })
  })

  test('a low battery stretches what may wait', async () => {
    let tell: Context['tell'] = () => {}
    let looks = 0
    await withDevices(
      [
        device('battery', {
          role: 'power',
          start: async context => {
            tell = context.tell
            return { stop: async () => {} }
          }
        }),
        device('scale', {
          start: () => {
            looks += 1
            return absent()
          }
        })
      ],
      async ({ time }) => {
        await time.pass(RESCAN_MS)
        assert.is(looks, 2)
        tell(onBattery(true))
        await time.pass(RESCAN_MS)
        const before = looks
        await time.pass(RESCAN_MS * 3)
        assert.is(looks, before)
        await time.pass(RESCAN_MS)
        assert.is(looks, before + 1)
        tell(onBattery(false))
        await time.pass(RESCAN_MS * 5)
        assert.is(looks, before + 3)
      }
    )
  })

  test('a simulator that fails takes nobody with it', () =>
    withDevices(
      [
        device('bell', { isSimulated: true, simulate: () => Promise.reject(new Error('no bell')) }),
        device('door')
      ],
      async ({ shown }) => {
        assert.equal(shown(), ['bell down: Its simulator failed: no bell.', 'door up: Works.'])
      }
    ))

  test('a status light knows how the worst part is', async () => {
    let worst: Context['worst'] = () => 'up'
    await withDevices(
      [
        device('led', {
          start: async context => {
            worst = context.worst
            return { stop: async () => {} }
          }
        }),
        device('scale', { start: absent })
      ],
      async () => {
        assert.is(worst(), 'absent')
      }
    )
  })
})

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
