/** A whole stall with sensors and a relay on a preloaded GPIO chip. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { holdWires, preloadGpiosim, readOutputs, type Wires } from '../gpio/gpiosim.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import { type StallProcess, stallFolder, startStall } from './stall-process.ts'

const CHIP = 'gpiochip0'
const CHIPS = { [CHIP]: { label: 'pinctrl-rp1', lines: 54 } }
const PIR = 4
const LAMP = 22
/** What comes back is looked for again within so long. */
const BACK_MS_MAX = 40_000
const DEVICES = `
[[device]]
role = "presence"
name = "door"
driver = "pir"
line = "GPIO${PIR}"
[[device]]
role = "light"
driver = "relay"
line = "GPIO${LAMP}"
motion = ["door"]
watts = 40
[[device]]
role = "button"
driver = "gpio-button"
line = "GPIO${LAMP}"
`

interface Bench {
  readonly stall: StallProcess
  readonly wires: Wires
  /** `up: The sentence of the device.` */
  readonly health: (name: string) => Promise<string>
  readonly lamp: () => Promise<readonly number[]>
}

async function withStall(story: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = await stallFolder(DEVICES)
  const log = join(folder.dir, 'log')
  const control = join(folder.dir, 'control')
  const env = await preloadGpiosim(folder.dir, { chips: CHIPS, control, log })
  const stall = await startStall(folder, env)
  try {
    const health = async (name: string) => {
      const answer = await fetch(`${stall.url}/api/v1/devices`)
      const { devices } = JSON.parse(await answer.text())
      const device = devices.find((each: { name: string }) => each.name === name)
      return `${device.state}: ${device.sentence}`
    }
    const wires = await holdWires(control)
    await story({ stall, wires, health, lamp: () => readOutputs(log, LAMP) })
    wires.close()
  } finally {
    stall.child.kill('SIGKILL')
    await stall.ended
  }
}

suite(
  'a stall on GPIO',
  test => {
    const missing = existsSync('/usr/bin/gcc') ? false : 'gcc'
    test.needs(missing, 'sees somebody, switches the lamp on, and leaves it off', () =>
      withStall(async ({ stall, wires, health, lamp }) => {
        const comes = (name: string, words: RegExp) =>
          until(async () => words.test(await health(name)), BACK_MS_MAX)
        await comes('door', /^up/)
        await comes('light', /^up/)
        assert.is(await health('button'), `down: gpio:GPIO${LAMP} belongs to "light" already.`)
        assert.equal(await lamp(), [0])
        await wires.set(CHIP, PIR, true)
        await until(() => wires.isHigh(CHIP, LAMP))

        await wires.setPlugged(CHIP, false)
        await comes('door', /^absent: /)
        await wires.set(CHIP, PIR, false)
        await wires.setPlugged(CHIP, true)
        await comes('door', /^up/)
        await comes('light', /^up/)
        await wires.set(CHIP, PIR, true)
        await until(() => wires.isHigh(CHIP, LAMP))
        stall.child.kill('SIGTERM')
        assert.is(await stall.ended, 0)
        assert.is((await lamp()).at(-1), 0)
      })
    )
  },
  { stepMs: 2 * BACK_MS_MAX }
)
