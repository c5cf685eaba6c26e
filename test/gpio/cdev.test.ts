import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { array, asyncProperty, assert as check, integer, oneof, uint8Array } from 'fast-check'
import * as assert from 'uvu/assert'
import { openCdev } from '../../drivers/gpio/cdev.ts'
import { openGpio } from '../../drivers/gpio/open.ts'
import { EVENT_BYTES, GPIO_GET_CHIPINFO, GPIO_V2_GET_LINE } from '../../drivers/gpio/uapi.ts'
import type { Edge, Gpio, InputRequest } from '../../drivers/host.ts'
import type { Fdio } from '../../drivers/native/load.ts'
import { Fault } from '../../node/core/ports.ts'
import { faultOf } from '../fault.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'

const REQUEST = {
  consumer: 'fuzz',
  lines: [{ chip: 'fuzz', offset: 0 }],
  bias: 'as-is',
  isActiveLow: false,
  debounceUs: 0
} as const
const EAGAIN = -11

/** A kernel of which reads and answers are what a test says. */
function kernelOf(options: {
  readonly reads: readonly (Uint8Array | number)[]
  readonly onReady?: (call: (status: number) => void) => void
  readonly results?: Readonly<Record<number, number>>
}): Fdio {
  const left = [...options.reads]
  return {
    open: () => 10,
    close: () => 0,
    read: (_, bytes) => {
      const next = left.shift() ?? EAGAIN
      if (typeof next === 'number') return next
      bytes.set(next.subarray(0, bytes.length))
      return next.length
    },
    write: () => EAGAIN,
    isHungUp: () => false,
    ioctl: (_, request, bytes) => {
      if (request === GPIO_GET_CHIPINFO) {
        Buffer.from(bytes.buffer).write('fuzz', 32)
        bytes[64] = 1
      }
      return options.results?.[request] ?? 0
    },
    ioctlInt: () => 0,
    watch: (_, __, onReady) => {
      options.onReady?.(onReady as (status: number) => void)
      return {}
    },
    rearm: () => 0,
    unwatch: () => {}
  }
}

function event(seqno: number, id = 1, offset = 0): Uint8Array {
  const view = new DataView(new ArrayBuffer(EVENT_BYTES))
  view.setUint32(8, id, true)
  view.setUint32(12, offset, true)
  view.setUint32(16, seqno, true)
  return new Uint8Array(view.buffer)
}

/** What a request hears of such reads. */
async function hear(reads: readonly (Uint8Array | number)[], status = 0) {
  const told: { readonly edges: readonly Edge[]; readonly lost: number }[] = []
  let gone = 0
  let ready: (status: number) => void = () => {}
  const fdio = kernelOf({ reads, onReady: call => (ready = call) })
  await inChips(async devRoot => {
    await openCdev({ fdio, devRoot }).watch(REQUEST, {
      onEdges: (edges, lost) => told.push({ edges, lost }),
      onGone: () => {
        gone += 1
      }
    })
    ready(status)
  })
  return { told, gone, counts: told.map(({ edges, lost }) => [edges.length, lost]) }
}

const inChips = (step: (devRoot: string) => Promise<void>) =>
  inFolder(async dir => {
    await writeFile(join(dir, 'gpiochip0'), '')
    await step(dir)
  })

suite('the reader of edges', test => {
  test('a gap between two edges of one read is told where it was', async () => {
    const { counts } = await hear([Buffer.concat([event(1), event(2), event(7), event(8)])])
    assert.equal(counts, [
      [2, 0],
      [2, 4]
    ])
  })

  test('a gap before the first edge is counted, and the numbers go round', async () => {
    assert.equal((await hear([event(1_025)])).counts, [[1, 1_024]])
    const { counts } = await hear([Buffer.concat([event(0xffffffff), event(0), event(3)])])
    assert.equal(counts, [
      [2, 0xfffffffe],
      [1, 2]
    ])
  })

  test('half an event, an unknown line and an unknown kind end it: that is no kernel', async () => {
    for (const bad of [event(1).subarray(0, 47), event(1, 1, 9), event(1, 3), new Uint8Array(0)]) {
      const { told, gone } = await hear([bad, event(2)])
      assert.is(gone, 1)
      assert.is(told.length, 0)
    }
  })

  test('who closes in the middle of a read hears nothing of its rest', () =>
    inChips(async devRoot => {
      let calls = 0
      let ready: (status: number) => void = () => {}
      const reads = [Buffer.concat([event(1), event(5)]), event(6)]
      const fdio = kernelOf({ reads, onReady: call => (ready = call) })
      const count = () => {
        calls += 1
        lines.close()
      }
      const listener = { onEdges: count, onGone: count }
      const lines = await openCdev({ fdio, devRoot }).watch(REQUEST, listener)
      ready(0)
      assert.is(calls, 1)
    }))

  test('an error of poll or read is the end, once', async () => {
    assert.is((await hear([], -9)).gone, 1)
    assert.is((await hear([-19, -19])).gone, 1)
  })

  test('whatever is read, nothing is thrown past the reader', () => {
    const garbage = oneof(
      uint8Array({ maxLength: 5 * EVENT_BYTES }),
      uint8Array({ minLength: EVENT_BYTES, maxLength: EVENT_BYTES }),
      integer({ min: -133, max: 0 }),
      integer({ min: 0, max: 0xffffffff }).map(seqno => event(seqno))
    )
    return check(
      asyncProperty(array(garbage, { maxLength: 8 }), async reads => {
        const { told, gone } = await hear(reads)
        assert.ok(gone <= 1)
        assert.ok(told.every(({ edges, lost }) => edges.length > 0 && lost >= 0))
      }),
      { seed: 11, numRuns: 200 }
    )
  })
})

suite('the choice of a way to GPIO', test => {
  const codeOf = async (gpio: Gpio, change: Partial<InputRequest> = {}): Promise<string> => {
    const request = { ...REQUEST, ...change }
    return (await faultOf(gpio.watch(request, { onEdges: () => {}, onGone: () => {} }))).code
  }
  const missing = () => {
    throw new Fault({ code: 'addon-missing', message: '', fix: '', isRetryable: false })
  }

  test('without chips and without sysfs there is no GPIO; the addon is not even asked for', () =>
    inFolder(async dir => {
      const load = () => assert.unreachable() as never
      assert.is(await codeOf(openGpio({ devRoot: dir, sysRoot: dir, load })), 'device-absent')
    }))

  test('with a chip and without the addon its own words are told', () =>
    inChips(async dir => {
      const gpio = openGpio({ devRoot: dir, sysRoot: dir, load: missing })
      assert.is(await codeOf(gpio), 'addon-missing')
    }))

  test('without the addon sysfs is taken, where a chip is found by its label', () =>
    inChips(async dir => {
      const folder = join(dir, 'class', 'gpio', 'gpiochip512')
      await mkdir(folder, { recursive: true })
      await writeFile(join(dir, 'class', 'gpio', 'export'), '')
      await writeFile(join(folder, 'label'), 'pinctrl-bcm2711\n')
      await writeFile(join(folder, 'base'), '512\n')
      await writeFile(join(folder, 'ngpio'), '58\n')
      const gpio = openGpio({ devRoot: dir, sysRoot: dir, load: missing })
      assert.is(await codeOf(gpio), 'device-absent')
      assert.is(await codeOf(gpio, { lines: [{ name: 'GPIO17' }], bias: 'up' }), 'no-bias')
    }))

  test('a line that may be on a chip that we may not ask is not called absent', () =>
    inChips(async dir => {
      const fdio: Fdio = { ...kernelOf({ reads: [] }), open: () => -13 }
      assert.is(await codeOf(openCdev({ fdio, devRoot: dir })), 'no-permission')
    }))

  test('what the kernel refuses is a fault with its errno, and the chip is let go', () =>
    inChips(async dir => {
      const open: number[] = []
      const kernel = kernelOf({ reads: [], results: { [GPIO_V2_GET_LINE]: -22 } })
      const fdio: Fdio = {
        ...kernel,
        open: () => open.push(10) + 9,
        close: () => {
          open.pop()
          return 0
        }
      }
      assert.is(await codeOf(openCdev({ fdio, devRoot: dir })), 'gpio-failed')
      assert.is(open.length, 0)
    }))
})
