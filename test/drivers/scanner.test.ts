import * as assert from 'uvu/assert'
import type { Driver } from '../../drivers/driver.ts'
import { scannerHid } from '../../drivers/scanner/evdev.ts'
import { inputEventBytes } from '../../drivers/scanner/events.ts'
import { scannerSerial } from '../../drivers/scanner/serial.ts'
import { type SimCharacters, simCharacters } from '../../drivers/sim/characters.ts'
import { type SimSerial, simSerial } from '../../drivers/sim/serial.ts'
import type { Reading } from '../../node/core/device.ts'
import { suite } from '../harness.ts'
import { type DriverBench, onMachine, withDriver } from './context.ts'

const EAN = '4006381333931'
const KEYBOARD = '/dev/input/by-id/usb-scanner-event-kbd'
const PORT = '/dev/serial/by-id/usb-scanner'
const codes = (readings: readonly Reading[]) =>
  readings.map(reading => (reading.kind === 'scan' ? reading.code : reading.kind))

const ENTER = 28
/** Of the digits, on a layout of any country. */
const keyOf = (digit: string) => (digit === '0' ? 11 : Number(digit) + 1)

function keyPress(key: number, wallMs: number): Uint8Array {
  const size = inputEventBytes(process.arch)
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, Math.floor(wallMs / 1_000), true)
  view.setUint32(size === 24 ? 8 : 4, (wallMs % 1_000) * 1_000, true)
  view.setUint16(size - 8, 1, true)
  view.setUint16(size - 6, key, true)
  view.setInt32(size - 4, 1, true)
  return bytes
}

interface Hand {
  readonly bench: DriverBench
  readonly device: SimCharacters
  /** Types a key each 5 ms. */
  readonly type: (...keys: readonly number[]) => Promise<void>
}

function withKeyboard(story: (hand: Hand) => Promise<void>): Promise<void> {
  const device = simCharacters({ path: KEYBOARD })
  const driver = onMachine(scannerHid, () => ({ characters: device.characters }))
  return withDriver({ driver, keys: { path: KEYBOARD } }, bench =>
    story({
      bench,
      device,
      type: async (...keys) => {
        for (const key of keys) {
          device.send(keyPress(key, bench.simulation.host.readClocks().wallMs))
          await bench.time.pass(5)
        }
      }
    })
  )
}

const scan = (text: string) => [...[...text].map(keyOf), ENTER]

suite('scanner that types', test => {
  test('tells each code, and the same one again only for a new pull of the trigger', () =>
    withKeyboard(async ({ bench, type }) => {
      await type(...scan(EAN))
      await bench.time.pass(100)
      await type(...scan(EAN))
      assert.equal(codes(bench.readings), [EAN])
      await bench.time.pass(301)
      await type(...scan(EAN), ...scan('96385074'))
      assert.equal(codes(bench.readings), [EAN, EAN, '96385074'])
    }))

  test('has the keyboard for itself, and gives it back', () =>
    withKeyboard(async ({ bench, device }) => {
      const grab = { path: KEYBOARD, access: 'read', isGrabbed: true } as const
      const deaf = { onBytes: () => {}, onClose: () => {} }
      const failure = await device.characters.open(grab, deaf).catch(error => error.code)
      assert.is(failure, 'device-busy')
      await bench.stop()
      assert.is(device.isOpen(), false)
    }))

  test('a code without Enter is half a code, and the next one is whole', () =>
    withKeyboard(async ({ bench, type }) => {
      await type(...scan(EAN).slice(0, -1))
      await bench.time.pass(1_000)
      assert.is(bench.condition().sentence, 'Half a code came from the scanner.')
      assert.equal(bench.readings, [])
      await type(...scan(EAN))
      assert.is(bench.condition().state, 'up')
      assert.equal(codes(bench.readings), [EAN])
    }))

  test('a code whose last digit does not fit is said and not told', () =>
    withKeyboard(async ({ bench, type }) => {
      await type(...scan('4006381333932'))
      assert.match(bench.condition().sentence, /its last digit does not fit/)
      assert.equal(bench.readings, [])
    }))

  test('the simulated one reads the codes of its table, the same for the same seed', async () => {
    const read = (seed: number) =>
      simulatedCodes(scannerHid, { path: KEYBOARD, layout: 'de' }, seed)
    const first = await read(7)
    assert.ok(first.length > 10)
    assert.equal(await read(7), first)
    assert.not.equal(await read(8), first)
    assert.equal([...new Set(first)].toSorted(), ['4006381333931', 'A-1/z'])
  })
})

async function simulatedCodes<Settings>(
  driver: Driver<Settings>,
  keys: Readonly<Record<string, unknown>>,
  seed: number
): Promise<readonly string[]> {
  let read: readonly string[] = []
  const own = { ...keys, codes: ['4006381333931', 'A-1/z'] }
  await withDriver({ driver, keys: own, seed }, async ({ time, readings }) => {
    await time.pass(300_000)
    read = codes(readings)
  })
  return read
}

interface Wire {
  readonly bench: DriverBench
  readonly device: SimSerial
  readonly send: (text: string) => Promise<void>
}

function withLine(
  keys: Readonly<Record<string, unknown>>,
  story: (wire: Wire) => Promise<void>
): Promise<void> {
  const device = simSerial({ path: PORT })
  const driver = onMachine(scannerSerial, () => ({ serial: device.serial }))
  return withDriver({ driver, keys: { path: PORT, ...keys } }, bench =>
    story({
      bench,
      device,
      send: async text => {
        device.send(text)
        await bench.time.pass(10)
      }
    })
  )
}

suite('scanner that sends lines', test => {
  test('takes CR, LF and both, in pieces, and passes over empty lines', () =>
    withLine({ baud: 115_200 }, async ({ bench, device, send }) => {
      assert.is(device.settings()?.baud, 115_200)
      for (const text of [`${EAN}\r`, 'A-1\n', 'B', '-2\r', '\n\r\n', '\x02C-3\x03\r\n']) {
        await send(text)
      }
      assert.equal(codes(bench.readings), [EAN, 'A-1', 'B-2', 'C-3'])
    }))

  test('takes off what says the kind of code, where the table says so', () =>
    withLine({ aim: true }, async ({ bench, send }) => {
      await send(`]E0${EAN}\r\n]C1A-1\r\n`)
      assert.equal(codes(bench.readings), [EAN, 'A-1'])
    }))

  test('a line without an end is given up, and a flood without one is noise', () =>
    withLine({}, async ({ bench, send }) => {
      await send('400638')
      await bench.time.pass(5_000)
      assert.is(bench.condition().sentence, 'Half a code came from the scanner.')
      await send(`${EAN}\r`)
      assert.equal(codes(bench.readings), [EAN])
      await bench.time.pass(400)
      await send('x'.repeat(5_000))
      assert.match(bench.condition().fix, /set baud/)
      await send(`\r${EAN}\r`)
      assert.equal(codes(bench.readings), [EAN, EAN])
    }))

  test('the simulated one reads the codes of its table', async () => {
    const read = await simulatedCodes(scannerSerial, { path: PORT, aim: true }, 7)
    assert.equal([...new Set(read)].toSorted(), ['4006381333931', 'A-1/z'])
  })
})
