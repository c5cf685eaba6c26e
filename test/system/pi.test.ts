import { setTimeout as delay } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import type { DriveWish, Watched, WatchWish } from '../pi/guest/wish.ts'
import { HOME, LINES, makeImage, whatPiNeeds } from '../pi/image.ts'
import { onPi, type Pi } from '../pi/machine.ts'
import { until } from '../wait.ts'

const GUEST = `${HOME}/dist/test/pi/guest`
const needs = await whatPiNeeds()
const image = needs === false ? await makeImage('lines') : { kernel: '', memory: '', board: '' }

suite(
  'a Pi',
  test => {
    test.needs(needs, "is Debian's own: kernel, Node, and a chip with wires to here", () =>
      onPi(image, async pi => {
        assert.match(await pi.run('uname -srvm'), /^Linux 6\.12.* Debian .*aarch64$/)
        assert.match(await pi.run('node --version'), /^v20\.19\./)
        assert.match(await pi.run('gpiodetect'), /\[9030000\.pl061\] \(8 lines\)/)
        // libgpiod's own programs, which share nothing with this project.
        pi.start("gpiomon --banner --num-events=4 --format='%e of %l' GPIO17 GPIO27")
        await pi.says(/^Monitoring lines/)
        for (const [line, isHigh] of WALK) {
          await pi.pins.set(line, isHigh)
          await pi.says(new RegExp(`^${isHigh ? 1 : 2} of ${LINES[line]}$`))
        }
        pi.start('gpioset GPIO13=1')
        await until(() => pi.pins.isHigh(6))
      })
    )

    test.needs(needs, 'passes the contract of GPIO lines with the prebuilt addon', () =>
      onPi(image, pi => runContract(pi, 'cdev'))
    )

    test.needs(needs, 'passes the contract of GPIO lines by onoff, which is not exact', () =>
      onPi(image, pi => runContract(pi, 'sysfs'))
    )

    test.needs(needs, 'sees people at their own pace whole, in order and at once', () =>
      onPi(image, async pi => {
        await watch(pi, { lines: [0, 1], edges: 40 })
        for (let person = 0; person < 10; person++) await walk(pi, 40)
        const { edges, lost, isExact, isInOrder, lateMs } = await watched(pi)
        assert.ok(isExact)
        assert.is(lost, 0)
        assert.is(edges.join(' '), Array(10).fill('0+ 1+ 0- 1-').join(' '))
        assert.ok(isInOrder)
        console.log(`An edge took ${lateMs.toFixed(1)} ms from the kernel's stamp to the listener`)
      })
    )

    test.needs(needs, 'says how many edges it lost while it was too busy to look', () =>
      onPi(image, async pi => {
        await useOneProcessor(pi)
        await watch(pi, { lines: [0, 1], edges: 1_400, gate: '/tmp/gate' })
        for (let person = 0; person < 350; person++) await walk(pi, 1)
        await pi.run('touch /tmp/gate')
        const { edges, lost } = await watched(pi)
        // The kernel keeps the newest 1024.
        assert.ok(lost >= 1_400 - 1_024, `${lost} lost`)
        assert.is(edges.length + lost, 1_400)
        assert.is(edges.slice(-4).join(' '), '0+ 1+ 0- 1-')
      })
    )

    test.needs(
      needs,
      'loses no edge untold when they come faster than the kernel queues them',
      () =>
        onPi(image, async pi => {
          await watch(pi, { lines: [0, 1], edges: 1_000 })
          for (let person = 0; person < 250; person++) await walk(pi, 0)
          const { edges, lost } = await watched(pi)
          const told = edges.length + lost
          // A thread that is interrupted between two edges gives out a number too many.
          assert.ok(told >= 1_000 && told < 1_020, `${edges.length} seen, ${lost} lost`)
        })
    )

    test.needs(needs, 'switches off what it switched on when it is stopped, or has a bug', () =>
      onPi(image, async pi => {
        for (const signal of ['TERM', 'USR2']) {
          pi.start(`node ${GUEST}/drive.js '${JSON.stringify({ line: 6 } satisfies DriveWish)}'`)
          await pi.says(/^on$/)
          assert.is(await pi.pins.isHigh(6), true)
          await pi.run(`kill -${signal} $!`)
          await until(async () => !(await pi.pins.isHigh(6)), 20_000)
          await pi.run('wait; true')
        }
      })
    )
  },
  { stepMs: 120_000 }
)

/** Somebody walks in: the outer beam, both, the inner one. */
const WALK = [
  [0, true],
  [1, true],
  [0, false],
  [1, false]
] as const

async function walk({ pins }: Pi, strideMs: number): Promise<void> {
  for (const [line, isHigh] of WALK) {
    await pins.set(line, isHigh)
    if (strideMs > 0) await delay(strideMs)
  }
}

/** Gives the suite inside what it asks for, until it ends. */
async function runContract(pi: Pi, way: 'cdev' | 'sysfs'): Promise<void> {
  await useOneProcessor(pi)
  pi.type(`node ${GUEST}/contract.js ${way}; echo "suite ended $?"`)
  for (;;) {
    const [, wire, level, asked, code] = await pi.says(
      /(?:wire (\d) ([01])|level (\d)|suite ended (\d+))$/
    )
    if (code !== undefined) {
      assert.is(code, '0', pi.tail())
      return assert.match(pi.tail(), /Total:\s+([1-9]\d*)\D[\s\S]*Passed:\s+\1\D/)
    }
    if (wire !== undefined) await pi.pins.set(Number(wire), level === '1')
    pi.type(asked !== undefined && (await pi.pins.isHigh(Number(asked))) ? '1' : '0')
  }
}

/** Then the kernel is done with an edge before anything else goes on, also where it is slow. */
async function useOneProcessor(pi: Pi): Promise<void> {
  await pi.run('echo 0 > /sys/devices/system/cpu/cpu1/online')
}

async function watch(pi: Pi, wish: WatchWish): Promise<void> {
  pi.start(`node ${GUEST}/watch.js '${JSON.stringify(wish)}'`)
  await pi.says(/^watching/)
}

async function watched(pi: Pi): Promise<Watched> {
  const [, json = ''] = await pi.says(/^saw (.*)/)
  return JSON.parse(json)
}
