import * as assert from 'uvu/assert'
import { gpioButton, STUCK_MS } from '../../drivers/button/gpio.ts'
import { gpioLed } from '../../drivers/led/gpio.ts'
import { LED_FOLDER } from '../../drivers/led/settings.ts'
import { sysfsLed } from '../../drivers/led/sysfs.ts'
import { simWires } from '../../drivers/sim/wires.ts'
import type { HealthState } from '../../node/core/ports.ts'
import { suite } from '../harness.ts'
import { type DriverBench, onMachine, withDriver } from './context.ts'

interface Thumb {
  readonly bench: DriverBench
  readonly put: (isDown: boolean) => Promise<void>
  readonly lose: (edges: number) => void
}

function withButton(
  keys: Readonly<Record<string, unknown>>,
  story: (thumb: Thumb) => Promise<void>
): Promise<void> {
  let wires: ReturnType<typeof simWires> | undefined
  const driver = onMachine(gpioButton, (world, { line }) => {
    wires = simWires([line], world)
    return { gpio: wires.gpio }
  })
  return withDriver({ driver, keys: { line: 'GPIO5', ...keys } }, bench =>
    story({
      bench,
      put: async isDown => {
        wires?.setInput('GPIO5', !isDown)
        await bench.time.pass(25)
      },
      lose: edges => wires?.loseEdges(edges)
    })
  )
}

const presses = ({ readings }: DriverBench) =>
  readings.flatMap(each => (each.kind === 'button' ? [each.isPressed] : []))

suite('button', test => {
  test('tells presses and releases, with what they ask for', () =>
    withButton({ asks_for: 'drawer' }, async ({ bench, put }) => {
      await put(true)
      await put(false)
      assert.equal(bench.readings, [
        { kind: 'button', isPressed: true, asksFor: 'drawer' },
        { kind: 'button', isPressed: false, asksFor: 'drawer' }
      ])
    }))

  test('one that hangs is said to, until it comes free', () =>
    withButton({}, async ({ bench, put }) => {
      await put(true)
      await bench.time.pass(STUCK_MS)
      assert.is(bench.condition().sentence, 'The button has been pressed for over a minute.')
      await put(false)
      assert.is(bench.condition().state, 'up')
    }))

  test('a loose contact is said to chatter, and is believed again when it is quiet', () =>
    withButton({ debounce_ms: 1 }, async ({ bench, put }) => {
      for (let press = 0; press < 30; press++) {
        await put(true)
        await put(false)
      }
      await put(true)
      assert.match(bench.condition().sentence, /chatters/)
      assert.ok(presses(bench).length <= 42)
      await bench.time.pass(1_000)
      assert.is(bench.condition().state, 'up')
      assert.is(presses(bench).at(-1), true)
    }))

  test('what the kernel dropped leaves it as it is now', () =>
    withButton({ debounce_ms: 0 }, async ({ bench, put, lose }) => {
      await put(true)
      lose(1)
      await put(false)
      assert.equal(presses(bench), [true, false])
    }))

  test('the simulated one is pressed now and then, and chatters when it bounces', () =>
    withDriver({ driver: gpioButton, keys: { line: 'GPIO5' } }, async bench => {
      await bench.time.pass(600_000)
      const told = presses(bench)
      assert.ok(told.length >= 10)
      assert.ok(told.every((isPressed, index) => isPressed === (index % 2 === 0)))
      assert.ok(bench.conditions.every(({ state }) => state === 'up'))
      bench.setFault('bounce')
      await bench.time.pass(120_000)
      assert.ok(bench.conditions.some(({ sentence }) => /chatters/.test(sentence)))
    }))
})

/** How often a light changes in six seconds of each state. */
const CHANGES: readonly (readonly [HealthState, number, number])[] = [
  ['up', 0, 1],
  ['disabled', 0, 1],
  ['degraded', 5, 7],
  ['absent', 5, 7],
  ['down', 38, 41]
]

suite('status light', test => {
  for (const [state, min, max] of CHANGES) {
    test(`${state}: changes ${min} to ${max} times in six seconds`, async () => {
      let changes = 0
      const driver = onMachine(gpioLed, (world, { line }) => {
        const { gpio, onOutput } = simWires([line], world)
        onOutput(() => changes++)
        return { gpio }
      })
      await withDriver(
        { driver, keys: { line: 'GPIO6' }, worst: () => state },
        async ({ time }) => {
          changes = 0
          await time.pass(6_000)
          assert.ok(changes >= min && changes <= max, `${changes}`)
        }
      )
    })
  }

  test("takes the board's light from the kernel and gives it back", () =>
    withDriver({ driver: sysfsLed, keys: { led: 'ACT' } }, async bench => {
      const { files } = bench.simulation.host
      const read = (file: string) => files.read(`${LED_FOLDER}/ACT/${file}`)
      await bench.time.pass(1_000)
      assert.equal([await read('trigger'), await read('brightness')], ['none', '255'])
      await bench.stop()
      assert.equal([await read('trigger'), await read('brightness')], ['mmc0', '0'])
    }))

  test('takes no path for a name, and says when there is no such light', async () => {
    const keys = { led: '../../etc/passwd' }
    let why = ''
    await withDriver({ driver: sysfsLed, keys }, async () => {}).catch(error => {
      why = error.message
    })
    assert.match(why, /it is a name in \/sys\/class\/leds/)
    const story = async (bench: DriverBench) => {
      assert.is(bench.failure()?.message, 'This machine has no light called ACT.')
    }
    const prepare = ({ setFault }: DriverBench) => setFault('unplug')
    await withDriver({ driver: sysfsLed, keys: { led: 'ACT' }, prepare }, story)
  })
})
