import * as assert from 'uvu/assert'
import type { SerialPorts, SerialSettings } from '../../drivers/host.ts'
import type { Line } from '../../drivers/line.ts'
import { EIGHT_N_ONE } from '../../drivers/serial/keys.ts'
import type { Fault } from '../../node/core/ports.ts'
import { faultOf } from '../fault.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'

/** A port, and the device at the other end of the cable. */
export interface SerialWorld {
  readonly serial: SerialPorts
  readonly path: string
  readonly send: (bytes: Uint8Array) => void
  /** Everything that the device heard. */
  readonly written: () => Uint8Array
  readonly setPlugged: (isPlugged: boolean) => Promise<void>
  /** A device that takes nothing, as a printer without paper does. */
  readonly setTaking: (isTaking: boolean) => void
  readonly close: () => Promise<void>
}

/** What every serial port must do. */
export function serialContract(
  name: string,
  openWorld: () => Promise<SerialWorld>,
  missing: string | false = false
): void {
  suite(`serial ${name}`, test => {
    const story = (title: string, run: (bench: Bench) => Promise<void>) =>
      test.needs(missing, title, () => withWorld(openWorld, run))
    carrying(story)
    opening(story)
    breaking(story)
  })
}

type Story = (title: string, run: (bench: Bench) => Promise<void>) => void

interface Bench {
  readonly world: SerialWorld
  readonly settings: SerialSettings
  readonly open: () => Promise<Opened>
}

interface Opened {
  readonly line: Line
  readonly heard: () => Uint8Array
  readonly closes: () => number
}

async function withWorld(
  openWorld: () => Promise<SerialWorld>,
  run: (bench: Bench) => Promise<void>
): Promise<void> {
  const world = await openWorld()
  const settings = { path: world.path, baud: 115_200, ...EIGHT_N_ONE }
  const opened: Opened[] = []
  const open = async () => {
    const port = await openPort(world, settings)
    opened.push(port)
    return port
  }
  try {
    await run({ world, settings, open })
  } finally {
    for (const { line } of opened) line.close()
    await until(() => opened.every(({ closes }) => closes() > 0))
    await world.close()
  }
}

async function openPort(world: SerialWorld, settings: SerialSettings): Promise<Opened> {
  let heard = Buffer.alloc(0)
  let closes = 0
  const line = await world.serial.open(settings, {
    onBytes: bytes => {
      assert.is(closes, 0)
      heard = Buffer.concat([heard, bytes])
    },
    onClose: () => {
      closes += 1
    }
  })
  return { line, heard: () => heard, closes: () => closes }
}

function carrying(story: Story): void {
  story('carries every byte both ways, and changes none', async ({ world, open }) => {
    const { line, heard } = await open()
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    await line.write(all)
    await until(() => world.written().length >= 256)
    assert.equal([...world.written()], [...all])
    world.send(all)
    await until(() => heard().length >= 256)
    assert.equal([...heard()], [...all])
  })

  story('keeps the order of a long stream', async ({ world, open }) => {
    const { heard } = await open()
    const piece = (number: number) => Buffer.from(`${String(number).padStart(7, '0')}\n`.repeat(64))
    const pieces = Array.from({ length: 60 }, (_, number) => piece(number))
    for (const bytes of pieces) {
      world.send(bytes)
      await until(() => heard().length >= bytes.length)
    }
    await until(() => heard().length >= 60 * 512)
    assert.is(heard().toString(), Buffer.concat(pieces).toString())
  })
}

function opening(story: Story): void {
  story('nothing plugged in: absent, with what to do', async ({ world, settings }) => {
    const path = `${settings.path}-other`
    const fault = await faultOf(openPort(world, { ...settings, path }))
    assert.is(fault.code, 'device-absent')
    assert.ok(fault.message.includes(path))
    assert.ok(fault.fix.length > 0)
  })

  story('is open once at a time', async ({ world, settings, open }) => {
    const { line, closes } = await open()
    assert.is((await faultOf(openPort(world, settings))).code, 'device-busy')
    line.close()
    await until(() => closes() === 1)
    const again = await open()
    world.send(Buffer.from('hello'))
    await until(() => again.heard().toString() === 'hello')
  })
}

function breaking(story: Story): void {
  story('closing tells it once, and nothing is written after it', async ({ open }) => {
    const { line, closes } = await open()
    line.close()
    line.close()
    assert.is((await faultOf(line.write(Buffer.from('late')))).code, 'line-broken')
    await until(() => closes() > 0)
    assert.is(closes(), 1)
  })

  story('unplugged: told once, then absent; plugged in again it works', async bench => {
    const { world, settings, open } = bench
    const { line, closes } = await open()
    await world.setPlugged(false)
    await until(() => closes() > 0)
    assert.is((await faultOf(line.write(Buffer.from('late')))).code, 'line-broken')
    assert.is((await faultOf(openPort(world, settings))).code, 'device-absent')
    await world.setPlugged(true)
    const again = await open()
    world.send(Buffer.from('back'))
    await until(() => again.heard().toString() === 'back')
    assert.is(closes(), 1)
  })

  story(
    'what a device does not take is bounded, and rejected when the line closes',
    async bench => {
      const { world, open } = bench
      const { line } = await open()
      world.setTaking(false)
      const outcomes: string[] = []
      for (let sent = 0; sent < 256 && !outcomes.includes('line-full'); sent++) {
        void line.write(Buffer.alloc(4_096)).then(
          () => outcomes.push('taken'),
          (fault: Fault) => outcomes.push(fault.code)
        )
        await new Promise(resolve => setImmediate(resolve))
      }
      assert.ok(outcomes.includes('line-full'))
      assert.not.ok(outcomes.includes('line-broken'))
      line.close()
      await until(() => outcomes.includes('line-broken'))
      world.setTaking(true)
    }
  )
}
