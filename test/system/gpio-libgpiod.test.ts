/** Whether the chip that our tests preload is one: what libgpiod's own tools make of it. */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import * as assert from 'uvu/assert'
import { inFolder } from '../folder.ts'
import { holdWires, preloadGpiosim, type Wires } from '../gpio/gpiosim.ts'
import { fetchLibgpiod, whatLibgpiodNeeds } from '../gpio/libgpiod.ts'
import { suite } from '../harness.ts'
import { comes, until } from '../wait.ts'

const FETCH_MS_MAX = 120_000
/** A busy machine takes its time to start a program. */
const GPIOMON_MS_MAX = 20_000
/** Twice gpiomon's own debounce. */
const SETTLED_MS = 40
const CHIP = { gpiochip0: { label: 'pinctrl-test', lines: 8 } }

/** Runs libgpiod's tools on a chip of ours. */
interface Tools {
  readonly control: string
  readonly log: string
  readonly run: (tool: string, ...args: readonly string[]) => Promise<string>
  readonly start: (
    tool: string,
    ...args: readonly string[]
  ) => ChildProcessByStdio<null, Readable, null>
}

async function withTools(story: (tools: Tools) => Promise<void>): Promise<void> {
  await inFolder(async dir => {
    const debs = join(dir, 'debs')
    await mkdir(debs)
    const command = await fetchLibgpiod(debs)
    const control = join(dir, 'control')
    const log = join(dir, 'log')
    const env = await preloadGpiosim(dir, { chips: CHIP, control, log })
    await story({
      control,
      log,
      run: async (tool, ...args) => {
        const [loader = '', ...rest] = command(tool)
        return (await promisify(execFile)(loader, [...rest, ...args], { env })).stdout
      },
      start: (tool, ...args) => {
        const [loader = '', ...rest] = command(tool)
        return spawn(loader, [...rest, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
      }
    })
  })
}

/** Runs gpiomon until the story is told; gives what it said. */
async function monitor(
  { start, control }: Tools,
  args: readonly string[],
  story: (wires: Wires, said: () => string) => Promise<void>
): Promise<void> {
  const child = start('gpiomon', '-c', 'gpiochip0', ...args)
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  try {
    const wires = await holdWires(control)
    await story(wires, () => said)
    wires.close()
  } finally {
    child.kill()
    await once(child, 'exit')
  }
}

suite(
  "libgpiod's tools on the preloaded chip",
  test => {
    test.needs(whatLibgpiodNeeds(), 'see a chip, its lines, levels and edges', () =>
      withTools(async tools => {
        const { run, log } = tools
        assert.match(await run('gpiodetect', 'gpiochip0'), '[pinctrl-test] (8 lines)')
        const info = await run('gpioinfo', '-c', 'gpiochip0')
        assert.match(info, /line +7:\s+"GPIO7"\s+input/)
        assert.match(await run('gpioget', '-c', 'gpiochip0', '3'), '"3"=inactive')
        const low = await run('gpioget', '-c', 'gpiochip0', '-l', '3')
        assert.match(low, '"3"=active')
        await run('gpioset', '-t0', '-c', 'gpiochip0', '2=1')
        await run('gpioset', '-t0', '-c', 'gpiochip0', '-l', '4=1')
        assert.is(await readFile(log, 'utf8'), 'gpiochip0 2 1\ngpiochip0 4 0\n')

        await monitor(tools, ['3', '5'], async (wires, said) => {
          // What comes before gpiomon has its request is nobody's.
          await until(async () => {
            await wires.set('gpiochip0', 3, !(await wires.isHigh('gpiochip0', 3)))
            return said() !== ''
          }, GPIOMON_MS_MAX)
          await wires.set('gpiochip0', 5, true)
          await wires.set('gpiochip0', 5, false)
          await until(() => /rising\s+gpiochip0 5.*falling\s+gpiochip0 5/s.test(said()))
        })

        await monitor(tools, ['-p', '20ms', '6'], async (wires, said) => {
          // It rises again until gpiomon is there to see it, each time from a low that has settled.
          await until(async () => {
            await wires.set('gpiochip0', 6, false)
            await delay(SETTLED_MS)
            await wires.set('gpiochip0', 6, true)
            return comes(() => /rising/.test(said()), 500)
          }, GPIOMON_MS_MAX)
          const before = said()
          for (const isHigh of [false, true, false, true]) await wires.set('gpiochip0', 6, isHigh)
          assert.not(await comes(() => said() !== before, 100))
          await wires.set('gpiochip0', 6, false)
          await until(() => /falling/.test(said()))
        })
      })
    )
  },
  { stepMs: FETCH_MS_MAX }
)
