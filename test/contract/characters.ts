import * as assert from 'uvu/assert'
import type { CharacterDevices } from '../../drivers/host.ts'
import type { Line } from '../../drivers/line.ts'
import { Fault } from '../../node/core/ports.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'

/** A character device, and the hands at its other end. */
export interface CharactersWorld {
  readonly characters: CharacterDevices
  readonly path: string
  readonly send: (text: string) => void
  readonly received: () => Buffer
  /** A device that takes nothing, as a printer without paper does. */
  readonly setStalled: (isStalled: boolean) => void
  readonly unplug: () => void
  readonly close: () => void
}

interface Opened {
  readonly line: Line
  readonly text: () => string
  readonly closes: () => number
}

/** More than a terminal's buffer, and less than what may wait. */
const MUCH_BYTES = 60_000

/** What every character device must do. */
export function charactersContract(name: string, openWorld: () => CharactersWorld): void {
  const story = async (run: (world: CharactersWorld, opened: Opened) => Promise<void>) => {
    const world = openWorld()
    try {
      const opened = await openDevice(world)
      await run(world, opened)
      opened.line.close()
      assert.is(opened.closes(), 1)
    } finally {
      world.close()
    }
  }

  suite(`character device ${name}`, test => {
    test('bytes go both ways', () =>
      story(async ({ send, received }, { line, text }) => {
        send('hello')
        await until(() => text() === 'hello')
        await line.write(Buffer.from('receipt'))
        await until(() => String(received()) === 'receipt')
      }))

    test('what does not fit waits, in order, and too much is refused', () =>
      story(async ({ received, setStalled }, { line }) => {
        setStalled(true)
        const much = Buffer.from(Array.from({ length: MUCH_BYTES }, (_, at) => at % 251))
        let isWritten = false
        const both = Promise.all([line.write(much), line.write(Buffer.from('end'))]).then(() => {
          isWritten = true
        })
        assert.is(await codeOf(line.write(Buffer.alloc(MUCH_BYTES))), 'line-full')
        assert.not(isWritten)
        setStalled(false)
        await both
        await until(() => received().length === MUCH_BYTES + 3)
        assert.ok(received().equals(Buffer.concat([much, Buffer.from('end')])))
      }))

    for (const [how, isUnplugged] of [
      ['closed', false],
      ['unplugged', true]
    ] as const) {
      test(`${how} with bytes unsent: their writes reject, and it is told once`, () =>
        story(async ({ setStalled, unplug }, { line, closes }) => {
          setStalled(true)
          const code = codeOf(line.write(Buffer.alloc(MUCH_BYTES)))
          if (isUnplugged) unplug()
          else line.close()
          assert.is(await code, 'line-broken')
          await until(() => closes() === 1)
          assert.is(await codeOf(line.write(Buffer.of(1))), 'line-broken')
        }))
    }

    test('one that is not there says so', () =>
      story(async ({ characters, path, unplug }, { closes }) => {
        const open = (path: string) => characters.open({ path, access: 'read' }, DEAF)
        assert.is(await codeOf(open(`${path}-absent`)), 'device-absent')
        unplug()
        await until(() => closes() === 1)
        assert.is(await codeOf(open(path)), 'device-absent')
      }))
  })
}

async function openDevice({ characters, path }: CharactersWorld): Promise<Opened> {
  let text = ''
  let closes = 0
  const line = await characters.open(
    { path, access: 'both' },
    {
      onBytes: bytes => {
        text += Buffer.from(bytes).toString('latin1')
      },
      onClose: () => {
        closes += 1
      }
    }
  )
  return { line, text: () => text, closes: () => closes }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const fault = await promise.catch((error: unknown) => error)
  if (fault instanceof Fault) return fault.code
  throw new Error(`Not a fault: ${fault}`)
}

const DEAF = { onBytes: () => {}, onClose: () => {} }
