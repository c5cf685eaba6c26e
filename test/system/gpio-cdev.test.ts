/**
 * Our side of the kernel's GPIO interface, in a process that `gpiosim.c` is preloaded into: this
 * file starts itself once more, in there.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { Fault } from '../../node/core/ports.ts'
import { gpioContract } from '../contract/gpio.ts'
import { inFolder } from '../folder.ts'
import { flood } from '../gpio/flood.ts'
import { preloadGpiosim } from '../gpio/gpiosim.ts'
import { openPreloaded, preloadedWorld } from '../gpio/preloaded.ts'
import { suite } from '../harness.ts'

const RUN_MS_MAX = 120_000
const CHIP = { name: 'gpiochip0', label: 'pinctrl-test' }
const OTHER = 'other-chip'
const CHIPS = { gpiochip0: { label: CHIP.label, lines: 54 }, gpiochip1: { label: OTHER, lines: 8 } }

const control = process.env['GPIOSIM_CONTROL']
if (control === undefined) runPreloaded()
else describePreloaded({ control, root: process.env['GPIOSIM_ROOT'] ?? '' })

function runPreloaded(): void {
  suite(
    'gpio by the character device',
    test => {
      test.needs(existsSync('/usr/bin/gcc') ? false : 'gcc', 'in a preloaded process', () =>
        inFolder(async dir => {
          const root = join(dir, 'dev')
          await mkdir(root)
          const sim = { chips: CHIPS, root, control: join(dir, 'control') }
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
}

function describePreloaded(place: { readonly root: string; readonly control: string }): void {
  gpioContract('by the character device', () => preloadedWorld({ ...place, chip: CHIP }))

  suite('gpio in a flood', test => {
    test('100,000 edges at 100,000 a second are told, or counted as lost', async () => {
      const { gpio, wires } = await openPreloaded(place)
      const before = await wires.dropped()
      const { told, lost } = await flood({ gpio, wires, chip: CHIP, count: 100_000, gapUs: 10 })
      assert.is(told + lost, 100_000)
      assert.is(lost, (await wires.dropped()) - before)
      wires.close()
    })

    test('what comes while the program is busy is lost but for a ring of it, to the edge', async () => {
      const { gpio, wires } = await openPreloaded(place)
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
      const { gpio, wires } = await openPreloaded(place)
      const line = { name: 'GPIO1', chip: OTHER }
      const output = await gpio.drive({ consumer: 'two', line, isActiveLow: false, safe: true })
      assert.is(await wires.isHigh('gpiochip1', 1), true)
      output.close()
      wires.close()
    })

    test('lines of two chips have no common order, and are refused', async () => {
      const { gpio, wires } = await openPreloaded(place)
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
