/** The whole program in a Pi: sensors on the wires, a lamp, and what the stall makes of it. */
import { setTimeout as delay } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { HOME, LINES, makeImage, whatPiNeeds } from '../pi/image.ts'
import { onPi, type Pi } from '../pi/machine.ts'

const CONFIG = `[stall]
id = "12"
name = "Mei's Bao"
vendor = "Mei Lin"
[market]
name = "Alley Night Market"
currency = "EUR"
timezone = "Europe/Berlin"
[[tax]]
class = "food"
rate = 7
[[device]]
name = "door"
role = "footfall"
driver = "two-beam"
outer = "GPIO17"
inner = "GPIO27"
[[device]]
name = "motion"
role = "presence"
driver = "pir"
line = "GPIO22"
[[device]]
name = "lamp"
role = "light"
driver = "relay"
line = "GPIO13"
motion = ["motion"]
watts = 12
[[device]]
name = "bell"
role = "button"
driver = "gpio-button"
line = "GPIO5"
`

const OUTER = LINES.indexOf('GPIO17')
const INNER = LINES.indexOf('GPIO27')
const MOTION = LINES.indexOf('GPIO22')
const LAMP = LINES.indexOf('GPIO13')
const BELL = LINES.indexOf('GPIO5')
/** People at an easy pace. */
const STRIDE_MS = 150
const MINUTE_MS = 60_000
/** Two full minutes, and a busy machine. */
const BECOMES_MS_MAX = 150_000
const LOOK_MS = 500

const needs = await whatPiNeeds()
const parts = [{ path: 'etc/stall.toml', text: CONFIG }]
const image =
  needs === false ? await makeImage('stall', parts) : { kernel: '', memory: '', board: '' }

suite(
  'a stall on a Pi',
  test => {
    test.needs(needs, 'counts who walks in and out, lights the lamp, and puts it out', () =>
      onPi(image, async pi => {
        const becomes = await openStall(pi)
        await becomes('all work', devices =>
          ['door', 'motion', 'lamp', 'bell'].every(name => devices[name]?.state === 'up')
        )
        await pi.pins.set(MOTION, true)
        await becomes('the lamp is on', ({ lamp }) => lamp?.reading?.['is_on'] === true)
        assert.is(await pi.pins.isHigh(LAMP), true)
        await pi.pins.set(BELL, false)
        await becomes('the bell rings', ({ bell }) => bell?.reading?.['is_pressed'] === true)

        // Nobody can speak for the minute in which it began to watch; the next one is whole.
        await becomes('a minute ends', ({ door }) => door?.reading?.['quality'] === 'degraded')
        for (const way of ['in', 'in', 'out', 'in', 'back', 'in', 'out', 'in'] as const) {
          await walk(pi, way)
        }
        const { door } = await becomes(
          'the next one ends',
          devices => devices['door']?.reading?.['quality'] === 'direct'
        )
        const { from, to, in: into, out, unsure, lost_edges: lost } = door?.reading ?? {}
        assert.equal({ into, out, unsure, lost }, { into: 5, out: 2, unsure: 0, lost: 0 })
        assert.is(Date.parse(String(to)) - Date.parse(String(from)), MINUTE_MS)

        assert.is(await pi.pins.isHigh(LAMP), true)
        await pi.run('kill -TERM $!; wait $!')
        assert.is(await pi.pins.isHigh(LAMP), false)
      })
    )
  },
  { stepMs: 300_000 }
)

type Devices = Readonly<Record<string, Device>>

/** A device as `GET /api/v1/devices` gives it. */
interface Device {
  readonly name: string
  readonly state: string
  readonly reading: Readonly<Record<string, unknown>> | null
}

/** Starts the stall shortly before a minute ends; what it gives waits for what its devices say. */
async function openStall(pi: Pi) {
  for (const line of [OUTER, INNER, BELL]) await pi.pins.set(line, true)
  await pi.run("date -u -s '2026-11-24 18:00:45'")
  pi.start(`node ${HOME}/dist/bin/stall.js run --config /etc/stall.toml --data /data`)
  await pi.says(/^Ctrl-C closes it/)
  return async (what: string, isSo: (devices: Devices) => boolean): Promise<Devices> => {
    const deadline = performance.now() + BECOMES_MS_MAX
    for (;;) {
      const text = await pi.run('wget -qO- http://127.0.0.1:8080/api/v1/devices')
      const answer: { devices: readonly Device[] } = JSON.parse(/^{.*}$/m.exec(text)?.[0] ?? '')
      const devices = Object.fromEntries(answer.devices.map(device => [device.name, device]))
      if (isSo(devices)) return devices
      if (performance.now() > deadline) throw new Error(`Never: ${what}. ${pi.tail()}`)
      await delay(LOOK_MS)
    }
  }
}

/** Beams are wired so that a body pulls them low. */
async function walk({ pins }: Pi, way: 'in' | 'out' | 'back'): Promise<void> {
  const [first, second] = way === 'out' ? [INNER, OUTER] : [OUTER, INNER]
  const [left, last] = way === 'back' ? [second, first] : [first, second]
  for (const [line, isClear] of [
    [first, false],
    [second, false],
    [left, true],
    [last, true]
  ] as const) {
    await pins.set(line, isClear)
    await delay(STRIDE_MS)
  }
}
