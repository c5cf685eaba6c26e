import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { loadFdio } from '../../drivers/native/load.ts'
import { Fault } from '../../node/core/ports.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const NATIVE = join(ROOT, 'drivers', 'native')
const ARCHES = ['x64', 'arm64', 'arm']

function faultOf(options: Parameters<typeof loadFdio>[0]): Fault {
  try {
    loadFdio(options)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('It was loaded')
}

suite('the native addon', test => {
  test('is found from the sources, from dist/drivers and from the bundle in dist/bin', () => {
    const from = [NATIVE, join(ROOT, 'dist', 'drivers', 'native'), join(ROOT, 'dist', 'bin')]
    for (const each of from) assert.type(loadFdio({ from: each }).ioctl, 'function')
  })

  test('every prebuild was built from the C that is beside it', async () => {
    const source = await readFile(join(NATIVE, 'fdio.c'))
    const hash = createHash('sha256').update(source).digest('hex')
    for (const arch of ARCHES) {
      const binary = await readFile(join(NATIVE, 'prebuilds', `linux-${arch}`, 'fdio.node'))
      assert.ok(binary.includes(hash), `run: npm run native -- --all (linux-${arch} is old)`)
    }
  })

  test('where it is not, words say what is missing and what to do', () => {
    const fault = faultOf({ arch: 'riscv64' })
    assert.is(fault.code, 'addon-missing')
    assert.match(fault.message, 'linux-riscv64')
    assert.match(fault.fix, 'npm run native')
    assert.match(faultOf({ platform: 'darwin' }).message, 'this is darwin')
    assert.is(faultOf({ from: '/' }).code, 'addon-missing')
  })

  test('one of another processor does not load, and that is said', () => {
    const arch = process.arch === 'arm64' ? 'x64' : 'arm64'
    const named = join(NATIVE, 'prebuilds', `linux-${arch}`, 'fdio.node')
    assert.match(faultOf({ named }).message, 'does not load')
  })

  test('garbage, and one that lacks functions, are refused', () =>
    inFolder(async dir => {
      const named = join(dir, 'fdio.node')
      await writeFile(named, 'garbage')
      assert.match(faultOf({ named }).message, 'does not load')
      const other = join(dir, 'other.cjs')
      await writeFile(other, 'exports.open = () => 3')
      assert.match(faultOf({ named: other }).message, 'another version')
      const empty = join(dir, 'drivers', 'native', 'prebuilds', `linux-${process.arch}`)
      await mkdir(empty, { recursive: true })
      await writeFile(join(empty, 'fdio.node'), '')
      assert.match(faultOf({ from: dir }).message, 'does not load')
    }))

  test('refuses what it is called with by mistake, and never crashes', () => {
    const fdio = loadFdio()
    const calls: readonly (() => unknown)[] = [
      () => Reflect.apply(fdio.read, undefined, []),
      () => Reflect.apply(fdio.read, undefined, [0, 'text']),
      () => Reflect.apply(fdio.read, undefined, [0, new Uint16Array(4)]),
      () => Reflect.apply(fdio.open, undefined, [7, 0]),
      () => Reflect.apply(fdio.watch, undefined, [0, 1, undefined]),
      () => Reflect.apply(fdio.unwatch, undefined, [{}]),
      () => Reflect.apply(fdio.rearm, undefined, [17, 1]),
      // GPIO_V2_GET_LINE_IOCTL writes 592 bytes.
      () => fdio.ioctl(0, 0xc250b407, new Uint8Array(591)),
      () => fdio.ioctl(0, 0x5401, new Uint8Array(7))
    ]
    for (const call of calls) assert.throws(call, (error: unknown) => error instanceof TypeError)
    assert.is(fdio.open(`/${'x'.repeat(5_000)}`, 0), -36)
    assert.is(fdio.open('/dev/null\0x', 0), -22)
    assert.is(fdio.close(-1), -9)
    assert.is(fdio.read(-1, new Uint8Array(1)), -9)
    assert.is(fdio.watch(-1, 1, () => {}) as number, -9)
  })
})
