import * as assert from 'uvu/assert'
import { openCharacters } from '../../drivers/native/characters.ts'
import { simCharacters } from '../../drivers/sim/characters.ts'
import { Fault } from '../../node/core/ports.ts'
import { type CharactersWorld, charactersContract } from '../contract/characters.ts'
import { suite } from '../harness.ts'
import { openPty } from '../native/pty.ts'

const PATH = '/dev/input/by-id/scanner'

charactersContract('in memory', () => {
  const device = simCharacters({ path: PATH })
  const waiting: (() => void)[] = []
  let received = Buffer.alloc(0)
  let isStalled = false
  device.onWrite(async bytes => {
    if (isStalled) await new Promise<void>(resolve => waiting.push(resolve))
    received = Buffer.concat([received, bytes])
  })
  const world: CharactersWorld = {
    characters: device.characters,
    path: PATH,
    send: text => device.send(Buffer.from(text)),
    received: () => received,
    setStalled: isNow => {
      isStalled = isNow
      if (!isStalled) for (const resume of waiting.splice(0)) resume()
    },
    unplug: () => device.setPlugged(false),
    close: () => {}
  }
  return world
})

charactersContract('of this machine, on a pseudo-terminal', () => {
  const pty = openPty()
  return { ...pty, characters: openCharacters(), close: pty.unplug }
})

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    error => (error instanceof Fault ? error.code : String(error))
  )

const DEAF = { onBytes: () => {}, onClose: () => {} }

suite('simulated character device', test => {
  test('what is grabbed is heard by one, and grabbed by no second', async () => {
    const { characters, send } = simCharacters({ path: PATH })
    const heard: string[] = []
    const hear = (name: string) => ({ ...DEAF, onBytes: () => heard.push(name) })
    await characters.open({ path: PATH, access: 'read' }, hear('console'))
    const grabbed = { path: PATH, access: 'read', isGrabbed: true } as const
    const line = await characters.open(grabbed, hear('till'))
    send(Uint8Array.of(1))
    assert.is(await codeOf(characters.open(grabbed, DEAF)), 'device-busy')
    line.close()
    send(Uint8Array.of(1))
    assert.equal(heard, ['till', 'console'])
  })

  test('a printer serves one, and works again when it is plugged in again', async () => {
    const { characters, setPlugged, isOpen } = simCharacters({ path: PATH })
    const settings = { path: PATH, access: 'both' } as const
    await characters.open(settings, DEAF)
    assert.is(await codeOf(characters.open(settings, DEAF)), 'device-busy')
    setPlugged(false)
    assert.is(isOpen(), false)
    setPlugged(true)
    assert.is(await codeOf(characters.open(settings, DEAF)), 'none')
  })
})
