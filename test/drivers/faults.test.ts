/** Every fault that a simulated device can be given, and what a keeper then reads. */
import * as assert from 'uvu/assert'
import { gpioButton } from '../../drivers/button/gpio.ts'
import { systemClock } from '../../drivers/clock/system.ts'
import type { Condition, Driver } from '../../drivers/driver.ts'
import { lineCounter } from '../../drivers/footfall/line-counter.ts'
import { pir } from '../../drivers/footfall/pir.ts'
import { twoBeam } from '../../drivers/footfall/two-beam.ts'
import { gpioLed } from '../../drivers/led/gpio.ts'
import { sysfsLed } from '../../drivers/led/sysfs.ts'
import { relay } from '../../drivers/light/relay.ts'
import { supply } from '../../drivers/power/sysfs.ts'
import { ld2410 } from '../../drivers/radar/ld2410.ts'
import { ld2450 } from '../../drivers/radar/ld2450.ts'
import { scaleMtSics } from '../../drivers/scale/mt-sics.ts'
import { scaleNci } from '../../drivers/scale/nci.ts'
import { scannerHid } from '../../drivers/scanner/evdev.ts'
import { scannerSerial } from '../../drivers/scanner/serial.ts'
import { seededCrowd } from '../../drivers/sim/crowd.ts'
import type { SimFault } from '../../node/core/device.ts'
import { suite } from '../harness.ts'
import { type BenchOptions, type DriverBench, withDriver } from './context.ts'

/** `lost` is a run that ended: the supervisor shows its words and starts the next one. */
type State = Condition['state'] | 'lost'
type Row = readonly [fault: SimFault, state: State, sentence: string | RegExp, fix: RegExp]

const SHOWN_MS = 120_000
const PATH = '/dev/serial/by-id/usb-part'

faultsOf('scanner-hid', scannerHid, { path: '/dev/input/by-id/usb-scanner-event-kbd' }, [
  ['unplug', 'lost', 'The scanner was unplugged.', /Plug it in again/],
  ['stall', 'up', 'The scanner is ready.', /^$/],
  ['bounce', 'up', 'The scanner is ready.', /^$/],
  ['garbage', 'degraded', /cannot be printed was not taken/, /set layout in stall.toml/],
  ['overflow', 'degraded', 'Half a code came from the scanner.', /end codes with Enter/]
])

faultsOf('scanner-serial', scannerSerial, { path: PATH, baud: 9600 }, [
  ['unplug', 'lost', 'The scanner was unplugged.', /Plug it in again/],
  ['stall', 'up', 'The scanner is ready.', /^$/],
  ['bounce', 'up', 'The scanner is ready.', /^$/],
  ['garbage', 'degraded', /cannot be printed was not taken/, /set baud in stall.toml/],
  ['wrong-baud', 'degraded', /cannot be printed was not taken|Half a code/, /set baud in stall/]
])

for (const [name, driver] of [
  ['scale-mt-sics', scaleMtSics],
  ['scale-nci', scaleNci]
] as const) {
  faultsOf(name, driver, { path: PATH }, [
    ['unplug', 'lost', 'The scale was unplugged.', /Plug it in again/],
    ['stall', 'down', 'The scale does not answer.', /Switch it on and check its cable/],
    ['garbage', 'degraded', 'The scale sends what nobody can read.', /baud, data_bits and parity/],
    ['wrong-baud', 'down', 'The scale does not answer.', /compare driver, baud/],
    ['overflow', 'degraded', 'There is too much on the scale.', /Take something off/]
  ])
}

faultsOf('relay', relay, { line: 'GPIO27', motion: ['pir'], watts: 12 }, [
  ['unplug', 'lost', 'The GPIO chip simulated is gone.', /Plug it in again/]
])

faultsOf('gpio-button', gpioButton, { line: 'GPIO5' }, [
  ['unplug', 'lost', 'The GPIO chip simulated is gone.', /Plug it in again/],
  ['stall', 'degraded', 'The button has been pressed for over a minute.', /Free it/]
])

faultsOf('gpio-led', gpioLed, { line: 'GPIO6' }, [
  ['unplug', 'lost', 'The GPIO chip simulated is gone.', /Plug it in again/]
])

faultsOf('sysfs-led', sysfsLed, { led: 'ACT' }, [
  ['unplug', 'lost', /leds\/ACT\/brightness cannot be written/, /Check the name in stall.toml/]
])

faultsOf('supply', supply, {}, [
  ['unplug', 'lost', 'Nothing here says how the power is.', /Plug in the battery's cable/],
  ['stall', 'degraded', 'The battery does not answer.', /Unplug its cable/],
  ['garbage', 'degraded', 'The battery says what cannot be.', /Unplug its cable/],
  ['undervoltage', 'degraded', /voltage falls too low/, /Use the 5 V 5 A supply.*short, thick/]
])

faultsOf('system-clock', systemClock, {}, [
  ['stall', 'up', "The clock is kept right by the clock module's battery.", /^$/],
  ['unplug', 'degraded', /Nobody has set the clock/, /internet once, or fit a clock module/],
  ['garbage', 'degraded', /clock module lost the time/, /Change the module's battery/],
  ['clock-jump', 'degraded', 'The clock was set ahead by 1 h.', /Compare it with a watch/]
])

faultsOf(
  'two-beam',
  twoBeam,
  { outer: 'GPIO17', inner: 'GPIO27' },
  [
    ['unplug', 'lost', 'The GPIO chip simulated is gone.', /Plug it in again/],
    [
      'beam-blocked',
      'degraded',
      'The outer beam is blocked, so nobody can be counted.',
      /Take away/
    ],
    ['overflow', 'degraded', /too busy and missed \d+ changes/, /that minute counts as unknown/],
    ['bounce', 'up', 'Counts who walks in and out.', /^$/],
    ['clock-jump', 'up', 'Counts who walks in and out.', /^$/]
  ],
  { faultMs: 60_000 }
)

faultsOf(
  'pir',
  pir,
  { line: 'GPIO22' },
  [
    ['unplug', 'lost', 'The GPIO chip simulated is gone.', /Plug it in again/],
    ['beam-blocked', 'degraded', /seen motion for half an hour without a pause/, /Point it away/],
    ['overflow', 'degraded', /too busy and missed \d+ changes/, /that minute counts as unknown/],
    [
      'bounce',
      'degraded',
      'The motion sensor is triggered more often than it can be.',
      /loose wire/
    ]
  ],
  { faultMs: 31 * 60_000 }
)

faultsOf(
  'line-counter',
  lineCounter,
  { path: PATH, silent_s: 30 },
  [
    ['unplug', 'lost', 'The sensor was unplugged.', /Plug it in again/],
    ['stall', 'degraded', 'The counter has said nothing for 30 s.', /Check its power and cable/],
    ['garbage', 'degraded', /cannot be read. Is it the wrong baud rate/, /Set baud/],
    ['wrong-baud', 'degraded', /cannot be read. Is it the wrong baud rate/, /it is 9600 now/],
    ['reset-counter', 'degraded', 'The counter began again from 0.', /Check its power supply/]
  ],
  { faultMs: 60_000 }
)

radarFaults('ld2450', ld2450)
radarFaults('ld2410', ld2410)

function radarFaults<Settings>(name: string, driver: Driver<Settings>): void {
  faultsOf(name, driver, { path: PATH }, [
    ['unplug', 'lost', 'The radar was unplugged.', /Plug it in again/],
    ['stall', 'degraded', 'The radar has said nothing for 3 s.', /its TX goes to RX/],
    ['garbage', 'degraded', /cannot be read. Is it the wrong baud rate/, /Set baud/],
    ['wrong-baud', 'degraded', /cannot be read. Is it the wrong baud rate/, /it is 256000 now/]
  ])
}

function faultsOf<Settings>(
  name: string,
  driver: Driver<Settings>,
  keys: Readonly<Record<string, unknown>>,
  rows: readonly Row[],
  { faultMs = SHOWN_MS }: { readonly faultMs?: number } = {}
): void {
  suite(`faults of ${name}`, test => {
    for (const [fault, state, sentence, fix] of rows) {
      test(`${fault}: ${state}, in words, and well again after it`, () =>
        withDriver({ driver, keys, crowd }, async bench => {
          await bench.time.pass(SHOWN_MS)
          assert.is(bench.condition().state, 'up', bench.condition().sentence)
          bench.setFault(fault)
          // Some are shown for seconds only, and none may show where all is to stay well.
          const isSaid = () =>
            typeof sentence === 'string'
              ? words(bench).sentence === sentence
              : sentence.test(words(bench).sentence)
          const isShown = () => state !== 'up' && words(bench).state === state && isSaid()
          for (let ms = 0; ms < faultMs && !isShown(); ms += 1_000) await bench.time.pass(1_000)
          const shown = words(bench)
          assert.is(shown.state, state, shown.sentence)
          assert.ok(isSaid(), shown.sentence)
          assert.match(shown.fix, fix)
          bench.setFault(null)
          if (state === 'lost') await bench.start()
          await bench.time.pass(SHOWN_MS)
          assert.equal(words(bench).state, 'up', words(bench).sentence)
        }))
    }

    test('has the faults of this table, and may have a bounce', () =>
      withDriver({ driver, keys }, async ({ simulation }) => {
        const listed = rows.map(([fault]) => fault)
        const others = simulation.faults.filter(fault => !listed.includes(fault))
        assert.equal(others, name === 'gpio-button' ? ['bounce'] : [])
      }))
  })
}

const crowd = (time: Parameters<NonNullable<BenchOptions<unknown>['crowd']>>[0]) =>
  seededCrowd({ seed: 5, ...time, peoplePerMinute: 6 })

function words(bench: DriverBench): { state: State; sentence: string; fix: string } {
  const failure = bench.failure()
  if (failure === undefined) return bench.condition()
  return { state: 'lost', sentence: failure.message, fix: failure.fix }
}
