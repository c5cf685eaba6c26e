import * as assert from 'uvu/assert'
import { type DeviceConfig, type Devices, openDevices } from '../../drivers/devices.ts'
import type { DriverContext } from '../../drivers/driver.ts'
import { simHost } from '../../drivers/sim/host.ts'
import { RESCAN_MS } from '../../drivers/supervise.ts'
import type { Reading } from '../../node/core/device.ts'
import { Fault, type HealthState } from '../../node/core/ports.ts'
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
        // The first two are from before; the third is the sensor's end.
        assert.equal(heard, ['pir button', 'pir power', 'pir power'])
      }
    )
  })

  test('who follows a device that is lost hears that nobody knows any more', async () => {
    const heard: Reading[] = []
    const lost = new Map<string, Context['fail']>()
    const telling = (name: string, reading: Reading) => ({
      start: async ({ tell, fail }: Context) => {
        if (lost.has(name)) return absent()
        lost.set(name, fail)
        tell(reading)
        return { stop: async () => {} }
      }
    })
    const seen: Reading = { kind: 'presence', isOccupied: true, targets: 2 }
    await withDevices(
      [
        device('pir', { role: 'presence', ...telling('pir', seen) }),
        device('battery', { role: 'power', ...telling('battery', onBattery(true)) }),
        device('light', {
          follows: ['pir', 'battery'],
          start: async ({ follow }) => {
            follow((_, reading) => heard.push(reading))
            return { stop: async () => {} }
          }
        })
      ],
      async ({ time, devices }) => {
        assert.equal(heard, [seen, onBattery(true)])
        heard.length = 0
        const unplugged = { code: 'device-absent', message: 'Gone.', fix: '', isRetryable: true }
        for (const fail of lost.values()) fail(new Fault(unplugged))
        await time.pass(RESCAN_MS * 3)
        assert.equal(heard, [
          { kind: 'presence', isOccupied: false, targets: null },
          {
            kind: 'power',
            supply: 'unknown',
            percent: null,
            milliVolts: null,
            isUnderVoltage: false,
            isLow: false
          }
        ])
        // A page still shows what it said last, and when.
        assert.equal(devices.view()[0]?.reading, seen)
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
      tell(press)
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

  test('a battery that was low and is gone stretches nothing', async () => {
    let lose: Context['fail'] = () => {}
    let stretch: Context['stretch'] = () => 0
    await withDevices(
      [
        device('battery', {
          role: 'power',
          start: async ({ tell, fail }) => {
            lose = fail
            tell(onBattery(true))
            return { stop: async () => {} }
          }
        }),
        device('scale', {
          start: async context => {
            stretch = context.stretch
            return { stop: async () => {} }
          }
        })
      ],
      async () => {
        assert.is(stretch(), 4)
        lose(new Fault({ code: 'broken', message: 'No.', fix: '', isRetryable: false }))
        assert.is(stretch(), 1)
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
