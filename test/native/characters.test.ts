import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import * as assert from 'uvu/assert'
import type { Line } from '../../drivers/line.ts'
import { openCharacters } from '../../drivers/native/characters.ts'
import { loadFdio } from '../../drivers/native/load.ts'
import { Fault } from '../../node/core/ports.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import { openPty, type Pty } from './pty.ts'
import { stallDevice, throwOnBytes } from './stalled.ts'

const EXIT_MS_MAX = 10_000
const STALLED = new URL('./stalled.js', import.meta.url).href

interface Opened {
  readonly line: Line
  readonly text: () => string
  readonly closes: () => number
}

async function openDevice(path: string, access: 'read' | 'both' = 'both'): Promise<Opened> {
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

async function withPty(story: (pty: Pty, opened: Opened) => Promise<void>): Promise<void> {
  const pty = openPty()
  try {
    const opened = await openDevice(pty.path)
    await story(pty, opened)
    opened.line.close()
    assert.is(opened.closes(), 1)
  } finally {
    pty.unplug()
  }
}

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const fault = await promise.catch((error: unknown) => error)
  if (fault instanceof Fault) return fault
  throw new Error(`Not a fault: ${fault}`)
}

suite('character devices', test => {
  test('bytes go both ways', () =>
    withPty(async (pty, { line, text }) => {
      pty.send('hello')
      await until(() => text() === 'hello')
      await line.write(Buffer.from('receipt'))
      pty.setStalled(false)
      await until(() => pty.received().toString() === 'receipt')
    }))

  test('what does not fit waits for room, in order, and a full queue is said', () =>
    withPty(async (pty, { line }) => {
      pty.setStalled(true)
      const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, at) => at % 251))
      let isWritten = false
      const both = Promise.all([line.write(bytes), line.write(Buffer.from('end'))]).then(() => {
        isWritten = true
      })
      assert.is((await faultOf(line.write(Buffer.alloc(60_000)))).code, 'line-full')
      assert.not(isWritten)
      pty.setStalled(false)
      await both
      await until(() => pty.received().length === bytes.length + 3)
      assert.ok(pty.received().equals(Buffer.concat([bytes, Buffer.from('end')])))
    }))

  test('closed with bytes unsent: their writes reject', () =>
    withPty(async (pty, { line }) => {
      pty.setStalled(true)
      const fault = faultOf(line.write(Buffer.alloc(60_000)))
      line.close()
      assert.is((await fault).code, 'line-broken')
      assert.is((await faultOf(line.write(Buffer.of(1)))).code, 'line-broken')
    }))

  test('unplugged: told once, and what is unsent rejects', () =>
    withPty(async (pty, { line, closes }) => {
      pty.setStalled(true)
      const fault = faultOf(line.write(Buffer.alloc(60_000)))
      pty.unplug()
      assert.is((await fault).code, 'line-broken')
      await until(() => closes() === 1)
    }))

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
