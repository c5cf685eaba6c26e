import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { array, asyncProperty, assert as check, integer } from 'fast-check'
import * as assert from 'uvu/assert'
import { openCharacters } from '../../drivers/native/characters.ts'
import { type Fdio, loadFdio } from '../../drivers/native/load.ts'
import type { Fault } from '../../node/core/ports.ts'
import { characterContract } from '../contract/characters.ts'
import { faultOf } from '../fault.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import { openPty } from './pty.ts'
import { stallDevice, throwOnBytes } from './stalled.ts'

const EXIT_MS_MAX = 10_000
const STALLED = new URL('./stalled.js', import.meta.url).href

/** A pty under a name that stays, as udev gives it. */
characterContract('of the kernel', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'stall-'))
  const path = join(dir, 'device')
  let pty = openPty()
  await symlink(pty.path, path)
  return {
    characters: openCharacters(),
    path,
    send: text => pty.send(text),
    written: () => pty.received(),
    setPlugged: async isPlugged => {
      pty.unplug()
      await rm(path)
      if (isPlugged) pty = openPty()
      // Of a device that is gone, udev's name hangs for a moment.
      await symlink(isPlugged ? pty.path : '/dev/pts/gone', path)
    },
    setTaking: isTaking => pty.setStalled(!isTaking),
    close: async () => {
      pty.unplug()
      await rm(dir, { recursive: true })
    }
  }
})

async function openDevice(path: string, access: 'read' | 'both' = 'both') {
  let text = ''
  let closes = 0
  const line = await openCharacters().open(
    { path, access },
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

suite('character devices', test => {
  test('a listener that closes in the middle of its bytes hears no more', async () => {
    const pty = openPty()
    const heard: string[] = []
    const line = await openCharacters().open(
      { path: pty.path, access: 'both' },
      {
        onBytes: bytes => {
          heard.push(Buffer.from(bytes).toString())
          line.close()
        },
        onClose: () => heard.push('closed')
      }
    )
    pty.send('x'.repeat(4_000))
    await until(() => heard.includes('closed'))
    pty.unplug()
    assert.is(heard.length, 2)
  })

  test('a device that floods leaves turns for everybody else', () =>
    inFolder(async dir => {
      const path = join(dir, 'fifo')
      execFileSync('mkfifo', [path])
      const { line, text } = await openDevice(path)
      const flood = execFile('sh', ['-c', `cat /dev/zero > ${path}`])
      await until(() => text().length > 1_000_000)
      line.close()
      flood.kill()
      await once(flood, 'close')
    }))

  test('the end of a FIFO is the end of the line', () =>
    inFolder(async dir => {
      const path = join(dir, 'fifo')
      execFileSync('mkfifo', [path])
      const opened = await openDevice(path, 'read')
      const writer = await open(path, 'w')
      await writer.write('last words')
      await writer.close()
      await until(() => opened.closes() === 1)
      assert.is(opened.text(), 'last words')
    }))

  test('a printer that sends empty packets all the time is asked at times', async () => {
    const pty = openPty()
    let reads = 0
    const read = () => {
      reads += 1
      return 0
    }
    const usblp = { ...loadFdio(), read, isHungUp: () => false }
    const characters = openCharacters({ load: () => usblp })
    const line = await characters.open({ path: pty.path, access: 'both' }, SILENT)
    pty.send('x')
    const from = performance.now()
    await until(() => reads === 4)
    assert.ok(performance.now() - from > 100)
    line.close()
    pty.unplug()
  })

  test('whatever the kernel answers, nothing is thrown, and the end is told once', () =>
    check(
      asyncProperty(array(integer({ min: -133, max: 4_096 })), async results => {
        const left = [...results]
        const next = () => left.shift() ?? -11
        let ready: (status: number, events: number) => void = () => {}
        const kernel: Fdio = {
          ...{ open: () => 9, close: () => 0, read: next, write: next, isHungUp: () => false },
          ...{ ioctl: () => 0, ioctlInt: () => 0, rearm: () => 0, unwatch: () => {} },
          watch: (_, __, onReady) => {
            ready = onReady
            return {}
          }
        }
        let closes = 0
        const listener = { ...SILENT, onClose: () => closes++ }
        const settings = { path: 'fuzz', access: 'both' } as const
        const line = await openCharacters({ load: () => kernel }).open(settings, listener)
        const written = line.write(Buffer.alloc(100)).catch((fault: Fault) => fault.code)
        while (left.length > 0 && closes === 0) ready(0, 3)
        line.close()
        assert.ok([undefined, 'line-broken'].includes((await written) as string | undefined))
        assert.is(closes, 1)
      }),
      { seed: 5, numRuns: 200 }
    ))

  test('what cannot be opened is said in words', () =>
    inFolder(async dir => {
      const file = join(dir, 'file')
      await writeFile(file, '')
      const codes = async (path: string, isGrabbed = false) =>
        (await faultOf(openCharacters().open({ path, access: 'both', isGrabbed }, SILENT))).code
      assert.is(await codes(join(dir, 'absent')), 'device-absent')
      assert.is(await codes(join(file, 'below')), 'device-absent')
      assert.is(await codes(dir), 'not-a-device')
      assert.is(await codes(file), 'not-a-device')
      const pty = openPty()
      assert.is(await codes(pty.path, true), 'not-a-device')
      pty.unplug()
    }))
})

const SILENT = { onBytes: () => {}, onClose: () => {} }

suite('a process with a stalled device', test => {
  test('exits when it is asked to', async () => {
    const stalled = `import('${STALLED}').then(m => m.${stallDevice.name}())`
    const script = `${stalled}.then(() => process.exit(7))`
    const ended = promisify(execFile)(process.execPath, ['-e', script], { timeout: EXIT_MS_MAX })
    await ended.then(
      () => assert.unreachable(),
      error => assert.is(error.code, 7)
    )
  })

  for (const [title, end] of [
    ['a worker that exits is clean', 'process.exit(0)'],
    ['a worker that is terminated is clean', 'postMessage("stalled")']
  ] as const) {
    test(title, async () => {
      for (let round = 0; round < 5; round++) {
        const script = `const { parentPort } = require('node:worker_threads')
          const postMessage = word => parentPort.postMessage(word)
          import('${STALLED}').then(m => m.${stallDevice.name}()).then(() => ${end})`
        const worker = new Worker(script, { eval: true })
        worker.on('message', () => void worker.terminate())
        const [code] = await once(worker, 'exit')
        assert.is(code, end.startsWith('process') ? 0 : 1)
      }
    })
  }

  test('what a listener throws is an uncaught exception, and not lost', async () => {
    const script = `import('${STALLED}').then(m => m.${throwOnBytes.name}())`
    const worker = new Worker(script, { eval: true })
    const [error] = await once(worker, 'error')
    assert.is(error.message, 'thrown on bytes')
  })
})
