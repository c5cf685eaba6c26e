import * as assert from 'uvu/assert'
import type { CharacterDevices } from '../../drivers/host.ts'
import type { Line } from '../../drivers/line.ts'
import { faultOf } from '../fault.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import { type Story, storiesIn } from './story.ts'

/** A device, and the hands that hold it. */
export interface CharacterWorld {
  readonly characters: CharacterDevices
  readonly path: string
  readonly send: (text: string) => void
  /** All that the device took. */
  readonly written: () => Buffer
  readonly setPlugged: (isPlugged: boolean) => Promise<void>
  /** A device that takes nothing, as a printer without paper does. */
  readonly setTaking: (isTaking: boolean) => void
  readonly close: () => Promise<void>
}

interface Opened {
  readonly line: Line
  readonly heard: () => string
  readonly closes: () => number
}

/** What every character device must do. */
export function characterContract(name: string, openWorld: () => Promise<CharacterWorld>): void {
  suite(`character device ${name}`, test => {
    const story = storiesIn(test, openWorld)
    carrying(story)
    ending(story)
  })
}

async function openLine({ characters, path }: CharacterWorld): Promise<Opened> {
  let heard = ''
  let closes = 0
  const line = await characters.open(
    { path, access: 'both' },
    {
      onBytes: bytes => {
        heard += Buffer.from(bytes).toString('latin1')
      },
      onClose: () => {
        closes += 1
      }
    }
  )
  return { line, heard: () => heard, closes: () => closes }
}

function carrying(story: Story<CharacterWorld>): void {
  story('bytes go both ways', async world => {
    const { line, heard } = await openLine(world)
    world.send('hello')
    await until(() => heard() === 'hello')
    await line.write(Buffer.from('receipt'))
    await until(() => world.written().toString() === 'receipt')
    line.close()
  })

  story('what is not taken waits, in order, and too much of it is refused', async world => {
    const { line } = await openLine(world)
    world.setTaking(false)
    const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, at) => at % 251))
    let isWritten = false
    const both = Promise.all([line.write(bytes), line.write(Buffer.from('end'))]).then(() => {
      isWritten = true
    })
    assert.is((await faultOf(line.write(Buffer.alloc(60_000)))).code, 'line-full')
    assert.not(isWritten)
    world.setTaking(true)
    await both
    await until(() => world.written().length === bytes.length + 3)
    assert.ok(world.written().equals(Buffer.concat([bytes, Buffer.from('end')])))
    line.close()
  })
}

function ending(story: Story<CharacterWorld>): void {
  story('closing tells it once, and what is unsent is rejected', async world => {
    const { line, closes } = await openLine(world)
    world.setTaking(false)
    const unsent = faultOf(line.write(Buffer.alloc(60_000)))
    line.close()
    line.close()
    assert.is((await unsent).code, 'line-broken')
    assert.is((await faultOf(line.write(Buffer.of(1)))).code, 'line-broken')
    assert.is(closes(), 1)
  })

  story('unplugged: told once, then absent; plugged in again it works', async world => {
    const { line, closes } = await openLine(world)
    world.setTaking(false)
    const unsent = faultOf(line.write(Buffer.alloc(60_000)))
    await world.setPlugged(false)
    assert.is((await unsent).code, 'line-broken')
    await until(() => closes() === 1)
    const fault = await faultOf(openLine(world))
    assert.is(fault.code, 'device-absent')
    assert.ok(fault.message.includes(world.path) && fault.fix.length > 0)
    await world.setPlugged(true)
    const again = await openLine(world)
    world.send('back')
    await until(() => again.heard() === 'back')
    line.close()
    assert.is(closes(), 1)
    again.line.close()
  })
}
