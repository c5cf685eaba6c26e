/**
 * The package onoff on a folder that behaves as the kernel's /sys/class/gpio. onoff knows no other
 * path, so this file starts itself once more where that one is ours.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { openGpio } from '../../drivers/gpio/open.ts'
import { Fault } from '../../node/core/ports.ts'
import { gpioContract } from '../contract/gpio.ts'
import { inFolder } from '../folder.ts'
import { buildSysfsgpio, openSysfsChip, whatSysfsgpioNeeds } from '../gpio/sysfsgpio.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'

const RUN_MS_MAX = 120_000
/** As on a Raspberry Pi 4 with Linux 6.6: GPIO17 is number 529. */
const CHIP = { base: 512, lines: 58, label: 'pinctrl-bcm2711' }
const NAMES: readonly string[] = ['GPIO0', 'GPIO1', 'GPIO2', 'GPIO3']

const program = process.env['SYSFSGPIO']
if (program === undefined) runMounted()
else describeMounted(program)

/** In a mount namespace of its own, so that this machine never sees it. */
function runMounted(): void {
  suite(
    'gpio by sysfs',
    test => {
      test.needs(whatSysfsgpioNeeds(), 'in a place where the folder is ours', () =>
        inFolder(async dir => {
          const built = join(dir, 'sysfsgpio')
          await buildSysfsgpio(built)
          const mount = 'mount -t tmpfs none /sys/class && mkdir /sys/class/gpio && exec "$@"'
          const node = [process.execPath, fileURLToPath(import.meta.url)]
          const child = spawn(
            'unshare',
            ['-m', '--propagation', 'private', 'sh', '-c', mount, 'sh', ...node],
            { env: { ...process.env, SYSFSGPIO: built }, stdio: 'inherit' }
          )
          const [code] = await once(child, 'exit')
          assert.is(code, 0)
        })
      )
    },
    { stepMs: RUN_MS_MAX }
  )
}

function describeMounted(program: string): void {
  const openWorld = async () => {
    const chip = await openSysfsChip({ program, root: '/sys/class/gpio', ...CHIP })
    const offset = (name: string) => NAMES.indexOf(name)
    // Without the addon there is only this way.
    const load = () => {
      throw new Fault({ code: 'addon-missing', message: '', fix: '', isRetryable: false })
    }
    return {
      gpio: openGpio({ load }),
      chip: CHIP.label,
      names: ['GPIO0', 'GPIO1', 'GPIO2', 'GPIO3'] as const,
      isExact: false,
      setInput: (name: string, isHigh: boolean) => chip.set(offset(name), isHigh),
      isHigh: (name: string) => chip.isHigh(offset(name)),
      nowUs: () => Number(process.hrtime.bigint()) / 1_000,
      until: (isTrue: () => boolean | Promise<boolean>) => until(isTrue),
      unplug: chip.unplug,
      close: chip.close
    }
  }
  gpioContract('by sysfs', openWorld)

  suite('gpio by sysfs', test => {
    test('takes over a line that a killed program left exported', async () => {
      const world = await openWorld()
      await writeFile('/sys/class/gpio/export', String(CHIP.base + 17))
      const line = { name: 'GPIO17' }
      const request = { consumer: 'light', line, isActiveLow: true, safe: false }
      const output = await world.gpio.drive(request)
      assert.is(await readFile(`/sys/class/gpio/gpio${CHIP.base + 17}/value`, 'utf8'), '0\n')
      output.close()
      assert.not(existsSync(`/sys/class/gpio/gpio${CHIP.base + 17}`))
      await world.close()
    })
  })
}
