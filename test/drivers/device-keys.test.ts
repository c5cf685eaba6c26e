/** What stall.toml may say of each device of the table, and what is said when it is wrong. */
import * as assert from 'uvu/assert'
import { gpioButton } from '../../drivers/button/gpio.ts'
import { systemClock } from '../../drivers/clock/system.ts'
import type { Driver } from '../../drivers/driver.ts'
import { twoBeam } from '../../drivers/footfall/two-beam.ts'
import { gpioLed } from '../../drivers/led/gpio.ts'
import { relay } from '../../drivers/light/relay.ts'
import { supply } from '../../drivers/power/sysfs.ts'
import { scaleMtSics } from '../../drivers/scale/mt-sics.ts'
import { scannerHid } from '../../drivers/scanner/evdev.ts'
import { scannerSerial } from '../../drivers/scanner/serial.ts'
import { readTable } from '../../drivers/table.ts'
import { suite } from '../harness.ts'
import { settingsOf } from './context.ts'

type Keys = Readonly<Record<string, unknown>>

function faultsOf<Settings>(driver: Driver<Settings>, keys: Keys): readonly string[] {
  const table = readTable(keys)
  const isRead = driver.parse(table) !== undefined
  const sentences = table
    .faults({ isWholeTableRead: isRead })
    .map(({ key, sentence }) => `${key}: ${sentence}`)
  assert.ok(isRead || sentences.length > 0, 'refused without a word')
  return sentences
}

suite('keys of the devices on the table', test => {
  test('a light: hours, sensors, battery, times and watts', () => {
    const keys = {
      line: '27',
      chip: 'pinctrl-rp1',
      active_low: true,
      motion: ['pir', 'radar'],
      power: 'battery',
      from: '18:00',
      to: '02:00',
      timezone: 'Asia/Singapore',
      hold_s: 60,
      minimum_on_s: 20,
      watts: 7.5
    }
    const settings = settingsOf(relay, keys)
    assert.equal(settings, {
      line: { chip: 'pinctrl-rp1', offset: 27 },
      isActiveLow: true,
      motion: ['pir', 'radar'],
      power: 'battery',
      hours: { fromMinute: 1_080, toMinute: 120, zone: 'Asia/Singapore' },
      limits: { holdMs: 60_000, onMsMin: 20_000 },
      milliwatts: 7_500
    })
    assert.equal(relay.claims(settings), ['gpio:pinctrl-rp1/27'])
    assert.equal(relay.follows?.(settings), ['pir', 'radar', 'battery'])
  })

  test('a light: everything that is wrong, at once', () => {
    const keys = { motion: [], from: 'dusk', timezone: 'Mars/Olympus', hold_s: 1, watts: -1 }
    assert.equal(faultsOf(relay, keys), [
      'line: line is missing.',
      'motion: motion is []; it is a list of texts, such as ["one"].',
      'from: from is "dusk"; it is a time of the day such as "18:00".',
      'timezone: timezone is "Mars/Olympus"; it is a time zone such as "Europe/Berlin".',
      'hold_s: hold_s is 1; it is a whole number from 5 to 3600.',
      'watts: watts is -1; it is a number from 0 to 5000.'
    ])
  })

  test('what is left out is as usual', () => {
    const path = '/dev/input/by-id/usb-scanner-event-kbd'
    const { codes, ...keyboard } = settingsOf(scannerHid, { path })
    assert.equal(keyboard, { path, layout: 'us', hasAim: false, isUpcE: false })
    assert.equal(codes.length, 4)
    const { baud, dataBits, parity } = settingsOf(scannerSerial, { path: '/dev/ttyACM0' })
    assert.equal([baud, dataBits, parity], [9_600, 8, 'none'])
    assert.equal(settingsOf(gpioButton, { line: 'GPIO5' }), {
      line: { name: 'GPIO5' },
      bias: 'up',
      isActiveLow: true,
      debounceUs: 20_000,
      asksFor: null
    })
    assert.equal(settingsOf(gpioLed, { line: 'GPIO6' }).isActiveLow, false)
    assert.equal(settingsOf(supply, {}), { lowPercent: 20 })
    assert.equal(settingsOf(systemClock, {}), {})
  })

  test('typing errors and wrong kinds are named, with what is right', () => {
    assert.equal(faultsOf(scannerHid, { path: 7, layout: 'fr' }), [
      'path: path is 7; it is a text in quotes that is not empty.',
      'layout: layout is "fr"; it can be "us", "de".'
    ])
    assert.match(faultsOf(systemClock, { rtc: 'rtc0' }).join(), 'rtc is unknown')
    assert.match(faultsOf(twoBeam, { outer: 'GPIO4', inner: 'GPIO4' }).join(), 'the same line')
    assert.match(faultsOf(scaleMtSics, { path: '/dev/ttyUSB0', boud: 9600 }).join(), 'boud')
    assert.match(faultsOf(gpioButton, { line: 'GPIO5', asks_for: 'sale' }).join(), '"drawer"')
    assert.match(faultsOf(scannerSerial, { path: 'x', codes: ['1', 2] }).join(), 'list of texts')
  })
})
