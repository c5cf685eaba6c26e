/**
 * Our side of the kernel's GPIO interface, in a process that `gpiosim.c` is preloaded into: this
 * file starts itself once more, in there.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as assert from 'uvu/assert'
import type { Fault } from '../../node/core/ports.ts'
import { gpioContract } from '../contract/gpio.ts'
import { inFolder } from '../folder.ts'
import { flood } from '../gpio/flood.ts'
import { preloadGpiosim, readOutputs } from '../gpio/gpiosim.ts'
import { openPreloaded, preloadedWorld } from '../gpio/preloaded.ts'
import { suite } from '../harness.ts'

const RUN_MS_MAX = 120_000
const CHIP = { name: 'gpiochip0', label: 'pinctrl-test' }
const OTHER = 'other-chip'
const CHIPS = { gpiochip0: { label: CHIP.label, lines: 54 }, gpiochip1: { label: OTHER, lines: 8 } }

const control = process.env['GPIOSIM_CONTROL']
if (control === undefined) runPreloaded()
else describePreloaded(control)

function runPreloaded(): void {
  const missing = existsSync('/usr/bin/gcc') ? false : 'gcc'
  suite(
    'gpio by the character device',
    test => {
      test.needs(missing, 'in a preloaded process', () =>
        inFolder(async dir => {
          const sim = { chips: CHIPS, control: join(dir, 'control') }
          const env = { ...process.env, ...(await preloadGpiosim(dir, sim)) }
          const path = fileURLToPath(import.meta.url)
          const child = spawn(process.execPath, [path], { env, stdio: 'inherit' })
          const [code] = await once(child, 'exit')
          assert.is(code, 0)
        })
      )
    },
    { stepMs: RUN_MS_MAX }
  )

  suite('our golden bytes of GPIO', test => {
    test.needs(missing, 'are what linux/gpio.h makes of the same requests', () =>
      inFolder(async dir => {
        const [source, vectors] = ['test/gpio/uapi.c', 'test/vectors/gpio.txt'].map(path =>
          fileURLToPath(new URL(`../../../${path}`, import.meta.url))
        )
        const program = join(dir, 'uapi')
        const flags = ['-Wall', '-Wextra', '-Werror', '-o', program, source ?? '']
        await promisify(execFile)('gcc', flags)
        const { stdout } = await promisify(execFile)(program)
        assert.is(stdout, await readFile(vectors ?? '', 'utf8'))
      })
    )
  })

  suite('a relay of a program that ends', test => {
    for (const [title, end, isLeftOn] of [
      ['is off after a crash', 'throw new Error("crash")', false],
      ['is off after SIGTERM', 'process.kill(process.pid, "SIGTERM")', false],
      [
        'is as it was after SIGKILL, which no program hears',
        'process.kill(process.pid, "SIGKILL")',
        true
      ]
    ] as const) {
      test.needs(missing, title, async () => {
        assert.equal(await levelsUntil(end), isLeftOn ? [0, 1] : [0, 1, 0])
      })
    }
  })
}

/** The levels of a relay in a program that switches it on, and ends like that. */
const levelsUntil = (end: string): Promise<readonly number[]> =>
  inFolder(async dir => {
    const log = join(dir, 'log')
    const sim = { chips: CHIPS, control: join(dir, 'control'), log }
    const env = { ...process.env, ...(await preloadGpiosim(dir, sim)) }
    const script = `
      import { openGpio } from '${new URL('../../drivers/gpio/open.js', import.meta.url).href}'
      const line = { name: 'GPIO22' }
      const request = { consumer: 'light', line, isActiveLow: false, safe: false }
      const output = await openGpio().drive(request)
      output.set(true)
      setTimeout(() => {}, 60_000)
      ${end}`
    const args = ['--input-type=module', '-e', script]
    await once(spawn(process.execPath, args, { env, stdio: 'ignore' }), 'exit')
    return readOutputs(log, 22)
  })

function describePreloaded(control: string): void {
  gpioContract('by the character device', () => preloadedWorld({ control, chip: CHIP }))

  suite('gpio in a flood', test => {
    test('100,000 edges at 100,000 a second are told, or counted as lost', async () => {
      const { gpio, wires } = await openPreloaded(control)
      const before = await wires.dropped()
      const { told, lost } = await flood({ gpio, wires, chip: CHIP, count: 100_000, gapUs: 10 })
      assert.is(told + lost, 100_000)
      assert.is(lost, (await wires.dropped()) - before)
      wires.close()
    })

    test('what comes while the program is busy is lost and counted, to the edge', async () => {
      const { gpio, wires } = await openPreloaded(control)
      const before = await wires.dropped()
      const busy = { count: 5_000, gapUs: 20, blockMs: 600 }
      const { told, lost } = await flood({ gpio, wires, chip: CHIP, ...busy })
      assert.is(lost, (await wires.dropped()) - before)
      assert.is(told + lost, 5_000)
      assert.ok(lost > 3_000, `${lost} of 5000 lost`)
      wires.close()
    })
  })

  suite('gpio of two chips', test => {
    test('a name is looked for on the chip that is asked for', async () => {
      const { gpio, wires } = await openPreloaded(control)
      const line = { name: 'GPIO1', chip: OTHER }
      const output = await gpio.drive({ consumer: 'two', line, isActiveLow: false, safe: true })
      assert.is(await wires.isHigh('gpiochip1', 1), true)
      output.close()
      wires.close()
    })

    test('lines of two chips have no common order, and are refused', async () => {
      const { gpio, wires } = await openPreloaded(control)
      const request = {
        consumer: 'two',
        lines: [{ name: 'GPIO1' }, { name: 'GPIO1', chip: OTHER }],
        bias: 'as-is',
        isActiveLow: false,
        debounceUs: 0
      } as const
      const fault: Fault | undefined = await gpio
        .watch(request, { onEdges: () => {}, onGone: () => {} })
        .then(
          () => undefined,
          error => error
        )
      assert.is(fault?.code, 'lines-apart')
      wires.close()
    })
  })
}
