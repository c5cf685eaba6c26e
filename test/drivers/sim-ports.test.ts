import * as assert from 'uvu/assert'
import { simCharacters } from '../../drivers/sim/characters.ts'
import { simFiles } from '../../drivers/sim/files.ts'
import { Fault } from '../../node/core/ports.ts'
import { suite } from '../harness.ts'

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    error => (error instanceof Fault ? error.code : String(error))
  )

suite('simulated files', test => {
  test('reads, lists and stamps what is there', async () => {
    const { files, set, remove } = simFiles({ '/sys/class/leds/act/brightness': '0\n' })
    set('/sys/class/leds/act/trigger', 'none', 7)
    assert.is(await files.read('/sys/class/leds/act/brightness'), '0\n')
    assert.equal(await files.list('/sys/class/leds'), ['act'])
    assert.equal(await files.list('/sys/class/leds/act'), ['brightness', 'trigger'])
    assert.is(await files.changedAt('/sys/class/leds/act/trigger'), 7)
    remove('/sys/class/leds/act/trigger')
    assert.is(await files.read('/sys/class/leds/act/trigger'), undefined)
    assert.is(await files.changedAt('/sys/class/leds/act/trigger'), undefined)
    assert.equal(await files.list('/nowhere'), [])
  })

  test('gives a page of a file at most', async () => {
    const { files } = simFiles({ '/proc/long': 'x'.repeat(9_000) })
    assert.is((await files.read('/proc/long'))?.length, 4_096)
  })

  test('writing changes a file and makes none', async () => {
    const { files } = simFiles({ '/sys/led': '0' })
    await files.write('/sys/led', '1')
    assert.is(await files.read('/sys/led'), '1')
    assert.is(await codeOf(files.write('/sys/other', '1')), 'device-absent')
  })
})

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
    assert.is(await codeOf(device.characters.open(settings, DEAF)), 'none')
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
    assert.is(await stuck, 'device-absent')
    assert.is(await codeOf(line.write(Uint8Array.of(4))), 'device-absent')
  })
})
