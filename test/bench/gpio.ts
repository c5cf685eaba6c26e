import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inFolder } from '../folder.ts'
import { preloadGpiosim } from '../gpio/gpiosim.ts'
import type { Bench } from './measure.ts'

const PROGRAM = fileURLToPath(new URL('./gpio-flood.js', import.meta.url))

/** Edges of a GPIO line, through the addon, from an emulated chip in the same process. */
export const gpio: Bench = {
  name: 'gpio',
  needs: async () => (existsSync('/usr/bin/gcc') ? false : 'gcc'),
  run: () =>
    inFolder(async dir => {
      const chips = { gpiochip0: { label: 'pinctrl-test', lines: 8 } }
      const sim = { chips, control: join(dir, 'control') }
      const env = { ...process.env, ...(await preloadGpiosim(dir, sim)) }
      const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM], { env })
      const figures: unknown = JSON.parse(stdout)
      const figure = (name: string) => Number(Reflect.get(Object(figures), name))
      return [
        {
          what: 'GPIO edges drained, of 100,000 a second',
          unit: '/s',
          ours: figure('perSecond'),
          target: { of: 'ours', atLeast: 95_000 }
        },
        {
          what: 'GPIO edges lost without a word, of 100,000',
          unit: '',
          ours: figure('unaccounted'),
          target: { of: 'ours', atMost: 0 }
        },
        { what: 'GPIO edges lost and counted, of 100,000', unit: '', ours: figure('lost') },
        {
          what: 'GPIO edge to its listener, p50',
          unit: 'us',
          ours: figure('p50Us'),
          target: { of: 'ours', atMost: 1_000 }
        },
        { what: 'GPIO edge to its listener, p99', unit: 'us', ours: figure('p99Us') }
      ]
    })
}
