import * as assert from 'uvu/assert'
import { simCharacters } from '../../drivers/sim/characters.ts'
import { characterContract } from '../contract/characters.ts'
import { faultOf } from '../fault.ts'
import { suite } from '../harness.ts'

const codeOf = async (promise: Promise<unknown>): Promise<string> => (await faultOf(promise)).code

const PATH = '/dev/input/by-id/scanner'
const DEAF = { onBytes: () => {}, onClose: () => {} }

suite('simulated character device', test => {
  test('is there while it is plugged', async () => {
    const device = simCharacters({ path: PATH })
    const settings = { path: PATH, access: 'read' } as const
    assert.is(
      await codeOf(device.characters.open({ ...settings, path: '/dev/no' }, DEAF)),
      'device-absent'
    )
    let closings = 0
    const line = await device.characters.open(settings, { ...DEAF, onClose: () => closings++ })
    assert.ok(device.isOpen())
    device.setPlugged(false)
    line.close()
    assert.is(closings, 1)
    assert.is(await codeOf(device.characters.open(settings, DEAF)), 'device-absent')
    device.setPlugged(true)
    await device.characters.open(settings, DEAF)
    assert.ok(device.isOpen())
  })

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

  test('a printer serves one, and a write ends with the plug', async () => {
    const device = simCharacters({ path: PATH })
    const settings = { path: PATH, access: 'both' } as const
    const line = await device.characters.open(settings, DEAF)
    assert.is(await codeOf(device.characters.open(settings, DEAF)), 'device-busy')
    const written: number[] = []
    const stop = device.onWrite(bytes => void written.push(...bytes))
    await line.write(Uint8Array.of(1, 2))
    assert.equal(written, [1, 2])
    stop()
    device.onWrite(() => new Promise(() => {}))
    const stuck = codeOf(line.write(Uint8Array.of(3)))
    device.setPlugged(false)
    assert.is(await stuck, 'line-broken')
    assert.is(await codeOf(line.write(Uint8Array.of(4))), 'line-broken')
  })
})

characterContract('in memory', async () => {
  const device = simCharacters({ path: PATH })
  const written: number[] = []
  let takes = Promise.resolve()
  let take = () => {}
  device.onWrite(bytes => takes.then(() => void written.push(...bytes)))
  return {
    characters: device.characters,
    path: PATH,
    send: text => device.send(Buffer.from(text)),
    written: () => Buffer.from(written),
    setPlugged: async isPlugged => device.setPlugged(isPlugged),
    setTaking: isTaking => {
      if (isTaking) take()
      else takes = new Promise(resolve => (take = resolve))
    },
    close: async () => device.setPlugged(false)
  }
})
