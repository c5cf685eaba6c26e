import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { systemClock } from '../../drivers/clock/system.ts'
import { type ClockFacts, type ClockMemory, trustClock } from '../../drivers/clock/trust.ts'
import { RTC_FOLDER, SYNCHRONIZED } from '../../drivers/clock/watch.ts'
import { readPower, SENSORS, SUPPLIES } from '../../drivers/power/supplies.ts'
import { supply } from '../../drivers/power/sysfs.ts'
import { ALARM_MS, POLL_MS } from '../../drivers/power/watch.ts'
import { type SimFiles, simFiles } from '../../drivers/sim/files.ts'
import type { PowerReading } from '../../node/core/device.ts'
import { suite } from '../harness.ts'
import { type DriverBench, onMachine, withDriver } from './context.ts'

const SEED = 463

/** The files of one supply as the kernel writes them, each with a line feed. */
const supplyFiles = (name: string, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(files).map(([file, text]) => [`${SUPPLIES}/${name}/${file}`, `${text}\n`])
  )

const alarm = (bit: 0 | 1) => ({
  [`${SENSORS}/hwmon0/name`]: 'cpu_thermal\n',
  [`${SENSORS}/hwmon1/name`]: 'rpi_volt\n',
  [`${SENSORS}/hwmon1/in0_lcrit_alarm`]: `${bit}\n`
})
const BATTERY = { type: 'Battery', status: 'Discharging', capacity: '64', voltage_now: '3912000' }
const factsOf = (...files: Readonly<Record<string, string>>[]) =>
  readPower(simFiles(Object.assign({}, ...files)).files)

suite('power files', test => {
  test('a Pi on its battery', async () => {
    assert.equal(await factsOf(supplyFiles('max17040', BATTERY), alarm(0)), {
      supply: 'battery',
      percent: 64,
      milliVolts: 3_912,
      isUnderVoltage: false,
      isNonsense: false
    })
  })

  test('who supplies it', async () => {
    const supplied = async (...files: Readonly<Record<string, string>>[]) =>
      (await factsOf(...files))?.supply
    const mains = (online: string) => supplyFiles('ac', { type: 'Mains', online })
    const battery = (status: string) => supplyFiles('bat', { ...BATTERY, status })
    assert.is(await supplied(mains('1'), battery('Discharging')), 'mains')
    assert.is(await supplied(mains('0'), battery('Discharging')), 'battery')
    assert.is(await supplied(battery('Charging')), 'mains')
    assert.is(await supplied(mains('0'), battery('Not charging')), 'battery')
    assert.is(await supplied(battery('Unknown')), 'unknown')
    assert.is(await supplied(alarm(1)), 'unknown')
    assert.is(await supplied(), undefined)
  })

  test('of two batteries the emptier counts, and none of a scanner or an empty bay', async () => {
    const facts = await factsOf(
      supplyFiles('hid-scanner', { ...BATTERY, scope: 'Device', capacity: '3' }),
      supplyFiles('bay', { ...BATTERY, present: '0', capacity: '0' }),
      supplyFiles('one', { ...BATTERY, capacity: '80' }),
      supplyFiles('two', { ...BATTERY, capacity: '40' })
    )
    assert.is(facts?.percent, 40)
  })

  test('whatever the files hold, percents and volts are possible ones', async () => {
    const text = fc.oneof(fc.string(), fc.integer().map(String), fc.constantFrom('', '100', '101'))
    await fc.assert(
      fc.asyncProperty(text, text, text, async (capacity, voltage_now, status) => {
        const files = { type: 'Battery', status, capacity, voltage_now }
        const facts = await factsOf(supplyFiles('bat', files))
        const { percent = null, milliVolts = null } = facts ?? {}
        assert.ok(percent === null || (percent >= 0 && percent <= 100))
        assert.ok(milliVolts === null || (milliVolts >= 0 && milliVolts <= 100_000))
      }),
      { seed: SEED }
    )
  })
})

function withPower(
  files: Readonly<Record<string, string>>,
  story: (bench: DriverBench, disk: SimFiles) => Promise<void>
): Promise<void> {
  const disk = simFiles(files)
  const driver = onMachine(supply, () => ({ files: disk.files }))
  return withDriver({ driver, keys: {}, name: 'power' }, bench => story(bench, disk))
}

const powerOf = ({ readings }: DriverBench): readonly PowerReading[] =>
  readings.flatMap(each => (each.kind === 'power' ? [each] : []))

suite('power', test => {
  test('a battery is low below 20 percent and well again at 25, however it wavers', () =>
    withPower(supplyFiles('bat', BATTERY), async (bench, disk) => {
      const low: boolean[] = []
      for (const capacity of [21, 20, 19, 20, 21, 24, 25, 20, 19]) {
        disk.set(`${SUPPLIES}/bat/capacity`, `${capacity}\n`)
        await bench.time.pass(POLL_MS)
        low.push(powerOf(bench).at(-1)?.isLow ?? true)
      }
      assert.equal(low, [false, false, true, true, true, true, false, false, true])
      assert.is(bench.condition().sentence, 'The battery is at 19 %.')
      disk.set(`${SUPPLIES}/bat/status`, 'Charging\n')
      await bench.time.pass(POLL_MS)
      assert.is(powerOf(bench).at(-1)?.isLow, false)
      assert.is(bench.condition().sentence, 'The stall runs on the mains.')
    }))

  test('a moment of under-voltage is said for a minute', () =>
    withPower(alarm(0), async (bench, disk) => {
      assert.is(bench.condition().sentence, 'The voltage is well.')
      disk.set(`${SENSORS}/hwmon1/in0_lcrit_alarm`, '1\n')
      await bench.time.pass(POLL_MS)
      disk.set(`${SENSORS}/hwmon1/in0_lcrit_alarm`, '0\n')
      await bench.time.pass(ALARM_MS - POLL_MS)
      assert.match(bench.condition().fix, /5 V 5 A supply/)
      await bench.time.pass(2 * POLL_MS)
      assert.is(bench.condition().state, 'up')
      assert.equal(
        powerOf(bench).map(each => each.isUnderVoltage),
        [false, true, false]
      )
    }))

  test('a voltage that trembles is no news, and one that falls is', () =>
    withPower(supplyFiles('bat', BATTERY), async (bench, disk) => {
      for (const voltage of [3_912, 3_930, 3_890, 3_860, 3_870]) {
        disk.set(`${SUPPLIES}/bat/voltage_now`, `${voltage}000\n`)
        await bench.time.pass(POLL_MS)
      }
      assert.equal(
        powerOf(bench).map(each => each.milliVolts),
        [3_912, 3_860]
      )
    }))

  test('without any word of the power it is absent', async () => {
    await withPower({}, async bench => {
      assert.is(bench.failure()?.code, 'device-absent')
    })
    await withPower(alarm(0), async (bench, disk) => {
      disk.remove(`${SENSORS}/hwmon1/name`)
      await bench.time.pass(POLL_MS)
      assert.is(bench.failure()?.code, 'device-absent')
    })
  })

  test('the simulated battery drains over the evening and is low before its end', () =>
    withDriver({ driver: supply, keys: {}, name: 'power' }, async bench => {
      await bench.time.pass(6 * 60 * 60_000)
      const told = powerOf(bench)
      const end = told.findIndex(({ isLow }) => isLow)
      assert.ok(end > 40)
      assert.is(told[end]?.percent, 19)
      assert.ok(
        told
          .slice(0, end)
          .every((each, n) => n === 0 || (each.percent ?? 0) <= (told[n - 1]?.percent ?? 0))
      )
    }))
})

const NOW = Date.UTC(2026, 10, 20, 17)
const HOUR_MS = 60 * 60_000

/** What is thought of the clock after each moment, all in ms from a start. */
function thoughts(
  moments: readonly { wall: number; mono: number; synced?: number; rtc?: number }[]
): readonly string[] {
  let memory: ClockMemory | undefined
  return moments.map(({ wall, mono, synced, rtc }) => {
    const facts: ClockFacts = {
      reading: { wallMs: NOW + wall, monoMs: mono },
      syncedAt: synced === undefined ? undefined : NOW + synced,
      rtcAt: rtc === undefined ? undefined : NOW + rtc
    }
    const { source, boundMs, doubt, memory: next } = trustClock(facts, memory)
    memory = next
    return `${source} ${boundMs} ${doubt}`
  })
}

suite('trust in the clock', test => {
  test('set by the network, it is good to 50 ms and 100 ppm of the time since', () => {
    assert.equal(
      thoughts([
        { wall: 0, mono: 0, synced: 0 },
        { wall: HOUR_MS, mono: HOUR_MS, synced: 0 },
        { wall: 24 * HOUR_MS, mono: 24 * HOUR_MS, synced: 0 },
        { wall: 25 * HOUR_MS, mono: 25 * HOUR_MS, synced: 0 }
      ]),
      ['ntp 50 none', 'ntp 500 none', 'ntp 10000 none', 'stale 10000 long-ago']
    )
  })

  test('a clock module is believed while it and the clock agree', () => {
    const dead = Date.UTC(2000, 0, 1) - NOW
    assert.equal(
      thoughts([
        { wall: 900, mono: 0, rtc: 0 },
        { wall: HOUR_MS, mono: HOUR_MS, rtc: HOUR_MS - 4_000 },
        { wall: 2 * HOUR_MS, mono: 2 * HOUR_MS, rtc: dead },
        { wall: 3 * HOUR_MS, mono: 3 * HOUR_MS }
      ]),
      ['rtc 100000 none', 'stale null rtc-apart', 'stale null rtc-dead', 'stale null never-set']
    )
  })

  test('a step that the network made is none; any other is, until somebody agrees with it', () => {
    assert.equal(
      thoughts([
        { wall: -HOUR_MS, mono: 0 },
        { wall: 1_000, mono: 1_000, synced: 1_000 },
        { wall: HOUR_MS, mono: 2_000, synced: 1_000 },
        { wall: HOUR_MS + 1_000, mono: 3_000, synced: 1_000 },
        { wall: 4_000, mono: 4_000, synced: 4_000 },
        { wall: -HOUR_MS, mono: 5_000, synced: 4_000, rtc: 5_000 },
        { wall: 6_000, mono: 6_000, synced: 4_000, rtc: 6_000 }
      ]),
      [
        'stale null never-set',
        'ntp 50 none',
        'stale null jumped',
        'stale null jumped',
        'ntp 50 none',
        'stale null jumped',
        'rtc 100000 none'
      ]
    )
  })

  test('a setting by the network that has not been yet was undone by somebody', () => {
    assert.equal(thoughts([{ wall: 0, mono: 0, synced: HOUR_MS }]), ['stale null set-back'])
  })

  test('a claimed bound is never less than the clock may be off', () => {
    fc.assert(
      fc.property(fc.nat(24 * HOUR_MS), age => {
        const { boundMs } = trustClock(
          { reading: { wallMs: NOW + age, monoMs: age }, syncedAt: NOW, rtcAt: undefined },
          undefined
        )
        const truthMs = 50 + age / 10_000
        assert.ok(boundMs !== null && boundMs >= truthMs && boundMs <= 2.5 * truthMs + 1)
      }),
      { seed: SEED }
    )
  })
})

suite('clock', test => {
  test('the simulated one is set by the network all evening, and tells little of it', () =>
    withDriver({ driver: systemClock, keys: {} }, async ({ time, readings, conditions }) => {
      await time.pass(6 * HOUR_MS)
      assert.ok(readings.every(each => each.kind === 'clock' && each.source === 'ntp'))
      assert.ok(readings.length < 60, `${readings.length}`)
      assert.ok(conditions.every(({ state }) => state === 'up'))
    }))

  test('a module on a bus that hangs is asked once and said to be silent', async () => {
    let reads = 0
    const { files } = simFiles({ [`${RTC_FOLDER}/rtc0/since_epoch`]: '0\n' })
    const driver = onMachine(systemClock, () => ({
      files: {
        ...files,
        read: () => {
          reads += 1
          return new Promise(() => {})
        }
      }
    }))
    await withDriver({ driver, keys: {} }, async ({ time, condition }) => {
      await time.pass(HOUR_MS)
      assert.is(condition().sentence, 'The clock module does not answer.')
      assert.is(reads, 1)
    })
  })

  test('reads the module that the kernel trusts, and forgives nonsense in another', async () => {
    const disk = simFiles({
      [`${RTC_FOLDER}/rtc0/since_epoch`]: 'soon\n',
      [`${RTC_FOLDER}/rtc1/since_epoch`]: `${NOW / 1_000}\n`,
      [`${RTC_FOLDER}/rtc1/hctosys`]: '1\n'
    })
    const driver = onMachine(systemClock, world => ({
      files: disk.files,
      readClocks: () => ({ wallMs: NOW + 500, monoMs: world.readClocks().monoMs })
    }))
    await withDriver({ driver, keys: {} }, async ({ time, readings, condition }) => {
      assert.equal(readings, [{ kind: 'clock', source: 'rtc', boundMs: 100_000 }])
      disk.set(SYNCHRONIZED, '', NOW)
      await time.pass(10_000)
      assert.equal(readings.at(-1), { kind: 'clock', source: 'ntp', boundMs: 100 })
      assert.is(condition().sentence, 'The clock is kept right by the network.')
    })
  })
})
