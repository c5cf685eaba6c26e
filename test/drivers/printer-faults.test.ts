import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import * as assert from 'uvu/assert'
import type { LineListener } from '../../drivers/line.ts'
import { openPrinter } from '../../drivers/printer/printer.ts'
import { serialTransport } from '../../drivers/printer/serial.ts'
import type { PrinterTransport } from '../../drivers/printer/transport.ts'
import { usbTransport } from '../../drivers/printer/usb.ts'
import { openWriting } from '../../drivers/printer/writing.ts'
import { simPrinter } from '../../drivers/sim/printer.ts'
import { simSerial } from '../../drivers/sim/serial.ts'
import { Fault } from '../../node/core/ports.ts'
import type { Receipt } from '../../node/core/sell/receipt.ts'
import {
  comesTrue,
  memoryWorld,
  modelNamed,
  pass,
  portWorld,
  withPrinter
} from '../contract/printer-world.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { handTime } from './hand.ts'
import { SAMPLE } from './sample.ts'

const PORT = { path: '/dev/ttyS9', baud: 38_400, dataBits: 8, parity: 'none', stopBits: 1 } as const
const saying = (text: string): Receipt => ({
  ...SAMPLE,
  parts: [{ part: 'text', text, isCentred: false }]
})
const forbidden = new Fault({
  code: 'no-permission',
  message: 'The stall may not use /dev/usb/lp0.',
  fix: "Add the stall's user to the group lp.",
  isRetryable: true
})
const absent = new Fault({
  code: 'device-absent',
  message: '/dev/usb/lp0 is not plugged in.',
  fix: 'Plug the printer in.',
  isRetryable: true
})

suite('printer faults', test => {
  test('a wrong baud rate: nothing is printed, and the fix names the key', () => {
    const port = simSerial({ path: PORT.path, baud: 9_600 })
    return withPrinter(
      () => portWorld(port, serialTransport(port, PORT)),
      async ({ world, device, printer }) => {
        const outcome = await world.until(printer.print(SAMPLE))
        assert.equal(outcome, { state: 'not-started', fault: 'timeout' })
        assert.is(device.paper().length, 0)
        assert.match(printer.health().fix, 'Compare baud in stall.toml')
        port.setBaud(PORT.baud)
        assert.equal(await world.until(printer.print(SAMPLE)), { state: 'printed' })
      }
    )
  })

  test('a port says what is wrong in its own words; not plugged in is absent', async () => {
    for (const [line, expected] of [
      [forbidden, 'down'],
      [absent, 'absent']
    ] as const) {
      const characters = { open: () => Promise.reject(line) }
      const transport = usbTransport({ characters }, '/dev/usb/lp0')
      const printer = openPrinter({ transport, model: modelNamed('generic-80') })
      assert.is((await printer.print(SAMPLE)).state, 'not-started')
      const { state, sentence, fix } = printer.health()
      assert.equal([state, sentence, fix], [expected, line.message, line.fix])
      await printer.close()
    }
  })

  test('a port that takes not even the first byte is said within a second or two', async () => {
    const time = handTime()
    let breakOff = () => {}
    const stuck: PrinterTransport = {
      name: '/dev/usb/lp0',
      open: async listener => ({
        write: () =>
          new Promise((_, reject) => {
            breakOff = () => reject(forbidden)
          }),
        close: () => {
          breakOff()
          listener.onClose()
        }
      })
    }
    const model = modelNamed('epson-tm-t20')
    const printer = openPrinter({ transport: stuck, model, startTimer: time.startTimer })
    const health = await time.until(printer.probe())
    assert.equal([health.state, time.now() <= 2_500], ['down', true])
    assert.match(health.sentence, 'does not answer')
    await time.until(printer.close())
  })

  test('a bug in making a receipt is a question to the keeper, and the next one comes out', () =>
    withPrinter(memoryWorld, async ({ world, printer }) => {
      const get = () => {
        throw new TypeError('it broke')
      }
      const broken = new Proxy(SAMPLE, { get })
      assert.is((await world.until(printer.print(broken))).state, 'unknown')
      assert.match((await world.until(printer.probe())).sentence, 'driver failed: it broke')
      assert.equal(await world.until(printer.print(SAMPLE)), { state: 'printed' })
      assert.is(printer.health().state, 'up')
    }))

  test('one that never stops talking is hung up on', async () => {
    const time = handTime()
    const noise = new Uint8Array(4_096).fill(0xff)
    let heard = 0
    let closes = 0
    const flooding: PrinterTransport = {
      name: 'a flood',
      open: async (listener: LineListener) => {
        let isOpen = true
        const flood = () => {
          if (!isOpen) return
          heard += noise.length
          listener.onBytes(noise)
          time.startTimer(1, flood)
        }
        time.startTimer(1, flood)
        return {
          write: async () => {},
          close: () => {
            isOpen = false
            closes += 1
            listener.onClose()
          }
        }
      }
    }
    const model = modelNamed('generic-80')
    const printer = openPrinter({ transport: flooding, model, startTimer: time.startTimer })
    assert.is((await time.until(printer.print(SAMPLE))).state, 'not-started')
    assert.is(printer.health().state, 'down')
    await time.pass(60_000)
    assert.ok(heard <= 32 * 1024, `${heard} bytes`)
    assert.ok(closes > 0)
    await printer.close()
  })

  test('a mute printer gets a new line once the kick on the old one is taken', () =>
    withPrinter(
      memoryWorld,
      async ({ world, device, printer }) => {
        const kicking = printer.drawer?.kick() ?? Promise.resolve()
        await world.until(pass(world, 50))
        const printing = printer.print(SAMPLE)
        await world.until(pass(world, 50))
        device.set({ bufferBytes: 4_096 })
        await world.until(kicking)
        await world.until(comesTrue(world, () => device.state().isDrawerOpen))
        assert.equal(await world.until(printing), { state: 'sent' })
      },
      {
        model: 'generic-80-mute',
        drawer: { pin: 2, pulseMs: 100, openLevel: undefined },
        state: { bufferBytes: 0 }
      }
    ))

  test('what it told before it was asked is no answer', async () => {
    const time = handTime()
    const transport: PrinterTransport = {
      name: 'a slow line',
      open: async listener => ({
        write: async bytes => {
          if (bytes[0] !== 0x10) return
          // Its drawer was opened; meanwhile it is shut again.
          listener.onBytes(Uint8Array.of(0x14, 0, 0, 0x0f))
          time.startTimer(50, () => listener.onBytes(Uint8Array.of(0x12, 0x12, 0x12, 0x12)))
        },
        close: listener.onClose
      })
    }
    const drawer = { pin: 2, pulseMs: 100, openLevel: 'high' } as const
    const model = modelNamed('epson-tm-t20')
    const printer = openPrinter({ transport, model, drawer, startTimer: time.startTimer })
    await time.until(printer.probe())
    assert.is(printer.drawer?.isOpen(), false)
    await printer.close()
  })

  test('a drawer that stayed shut is news for a minute', () =>
    withPrinter(
      memoryWorld,
      async ({ world, device, printer }) => {
        await world.until(printer.drawer?.kick() ?? Promise.resolve())
        device.setFault(null)
        assert.is((await world.until(printer.probe())).state, 'degraded')
        await world.until(pass(world, 60_000))
        assert.is(printer.health().state, 'up')
      },
      {
        model: 'generic-80',
        drawer: { pin: 2, pulseMs: 100, openLevel: undefined },
        state: { isCoverOpen: true }
      }
    ))

  test('letters that cannot be written are named, and the next receipt is well again', () =>
    withPrinter(memoryWorld, async ({ world, printer }) => {
      assert.is((await world.until(printer.print(saying('1 Çay, شاي')))).state, 'printed')
      const { state, sentence } = printer.health()
      assert.is(state, 'degraded')
      assert.match(sentence, 'cannot write ش ا ي')
      assert.is((await world.until(printer.print(saying('1 寿司')))).state, 'printed')
      assert.is(printer.health().state, 'up')
    }))

  test('a logo that is missing is said before the first receipt, and is no lost receipt', () =>
    inFolder(async folder => {
      const logo = join(folder, 'logo.png')
      await withPrinter(
        memoryWorld,
        async ({ world, device, printer }) => {
          const health = await world.until(printer.probe())
          assert.is(health.state, 'degraded')
          assert.match(health.sentence, 'cannot be read')
          assert.is((await world.until(printer.print(SAMPLE))).state, 'printed')
          assert.not(device.paper().some(line => line.style === 'drawing'))
          const png = new PNG({ width: 64, height: 64 })
          png.data.fill(0xff)
          png.data.fill(0, 0, 64 * 4)
          for (let pixel = 0; pixel < 64 * 64; pixel++) png.data[4 * pixel + 3] = 0xff
          writeFileSync(logo, PNG.sync.write(png))
          assert.is((await world.until(printer.print(SAMPLE))).state, 'printed')
          assert.is(printer.health().state, 'up')
          assert.ok(device.paper().some(line => line.style === 'drawing'))
        },
        { logo }
      )
    }))
})

suite('printer without its logo', test => {
  test('no receipt waits for a picture on a disk that hangs', async () => {
    const time = handTime()
    const writing = openWriting({
      model: modelNamed('generic-80'),
      logo: '/media/stick/logo.png',
      startTimer: time.startTimer,
      openLogo: () => new Promise(() => {})
    })
    await time.until(writing.prepare(), 2_000)
    assert.match(writing.notes().logo?.sentence ?? '', 'takes too long')
    assert.ok([...(await time.until(writing.jobFor(SAMPLE), 2_000)).chunks].length > 0)
  })

  test('a pipe is no picture, and is not waited for', () =>
    inFolder(async folder => {
      const logo = join(folder, 'logo.png')
      execFileSync('mkfifo', [logo])
      const writing = openWriting({ model: modelNamed('generic-80'), logo })
      await writing.prepare()
      assert.match(writing.notes().logo?.sentence ?? '', 'no picture')
    }))
})

suite('the simulated printer', test => {
  test('understands commands in any pieces, and prints what only looks like one', async () => {
    const time = handTime()
    const model = modelNamed('epson-tm-t20')
    const device = simPrinter({ model, startTimer: time.startTimer })
    const heard: number[] = []
    const onBytes = (bytes: Uint8Array) => void heard.push(...bytes)
    const line = await device.transport.open({ onBytes, onClose: () => {} })
    const bytes = [0x10, 0x04, 0x01, 0x10, 0x41, 0x0a, 0x10, 0x14, 1, 0, 1]
    for (const byte of bytes) await time.until(line.write(Uint8Array.of(byte)))
    await time.pass(100)
    assert.equal(heard, [0x12])
    assert.is(device.state().isDrawerOpen, true)
    assert.equal(device.paper(), [{ text: 'A', style: 'plain' }])
  })
})

suite('printer without its font', test => {
  test('writes what it can, says that the font is missing, and takes it then', async () => {
    const message = 'The font is missing.'
    const missing = new Fault({ code: 'font-missing', message, fix: 'Mend it.', isRetryable: true })
    let isThere = false
    const writing = openWriting({
      model: modelNamed('generic-80'),
      logo: undefined,
      openFont: async () => {
        if (!isThere) throw missing
        return (await import('../../drivers/printer/font.ts')).openFont()
      }
    })
    const bytes = async (text: string) =>
      Buffer.concat([...(await writing.jobFor(saying(text))).chunks]).toString('latin1')
    assert.match(await bytes('Łódź'), /L.dz/)
    assert.is(writing.notes().letters?.sentence, message)
    assert.not((await bytes('Crepe')).includes('?'))
    assert.is(writing.notes().letters, undefined)
    isThere = true
    assert.not(/L.dz/.test(await bytes('Łódź')))
    assert.is(writing.notes().letters, undefined)
  })
})
