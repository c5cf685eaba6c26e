import * as assert from 'uvu/assert'
import type { Edge, Gpio, InputLines, InputRequest, LineRef } from '../../drivers/host.ts'
import { Fault } from '../../node/core/ports.ts'
import { faultOf } from '../fault.ts'
import { type Suite, suite } from '../harness.ts'
import { type Story, storiesIn } from './story.ts'

/** A chip with at least four lines, and hands on its wires. */
export interface GpioWorld {
  readonly gpio: Gpio
  /** The label of the chip. */
  readonly chip: string
  /** The names by which lines 0 to 3 are asked for. */
  readonly names: readonly [string, string, string, string]
  /** Whether stamps are the kernel's, losses are told and order is kept. */
  readonly isExact: boolean
  readonly setInput: (name: string, isHigh: boolean) => Promise<void>
  readonly isHigh: (name: string) => Promise<boolean>
  /** CLOCK_MONOTONIC in µs. */
  readonly nowUs: () => number
  /** Lets time pass until it is true. */
  readonly until: (isTrue: () => boolean | Promise<boolean>) => Promise<void>
  /** Takes the chip away, unless it is soldered on. */
  readonly unplug?: () => Promise<void>
  readonly close: () => Promise<void>
}

/** What every way to GPIO lines must do. */
export function gpioContract(
  name: string,
  openWorld: () => Promise<GpioWorld>,
  /** A chip on a board, which nobody can unplug. */
  { isSoldered = false }: { readonly isSoldered?: boolean } = {}
): void {
  suite(`gpio ${name}`, test => {
    const story = storiesIn(test, openWorld)
    inputs(story)
    order(story)
    outputs(story)
    refusals(story)
    endings(test, openWorld)
    if (!isSoldered) unplugging(story)
  })
}

interface Heard {
  readonly edges: Edge[]
  readonly lost: () => number
  /** Why its chip is gone, each time that it was told. */
  readonly gone: readonly Fault[]
  readonly lines: InputLines
  /** The edges without their stamps, one character each: `A` line 0 active, `b` line 1 not. */
  readonly text: () => string
}

async function listen(
  { gpio }: GpioWorld,
  lines: readonly LineRef[],
  change: Partial<InputRequest> = {}
): Promise<Heard> {
  const edges: Edge[] = []
  const gone: Fault[] = []
  let lost = 0
  const request: InputRequest = {
    ...{ consumer: 'contract', lines, bias: 'as-is', isActiveLow: false, debounceUs: 0 },
    ...change
  }
  const opened = await gpio.watch(request, {
    onEdges: (more, dropped) => {
      edges.push(...more)
      lost += dropped
    },
    onGone: fault => gone.push(fault)
  })
  const letter = ({ line, isActive }: Edge) => (isActive ? 'ABCD' : 'abcd')[line]
  const text = () => edges.map(letter).join('')
  return { edges, lost: () => lost, gone, lines: opened, text }
}

function inputs(story: Story<GpioWorld>): void {
  story(
    'tells both edges of a line by its name, once each, stamped when they were',
    async world => {
      const [name] = world.names
      await world.setInput(name, false)
      const heard = await listen(world, [{ name }])
      const from = world.nowUs()
      for (const isHigh of [true, false, true]) {
        const before = heard.edges.length
        await world.setInput(name, isHigh)
        await world.until(() => heard.edges.length > before)
      }
      assert.is(heard.text(), 'AaA')
      assert.is(heard.lost(), 0)
      assert.is(heard.lines.isExact, world.isExact)
      const stamps = heard.edges.map(({ monoUs }) => monoUs)
      assert.equal(
        stamps,
        stamps.toSorted((a, b) => a - b)
      )
      assert.ok(stamps.every(each => each >= from && each <= world.nowUs()))
      heard.lines.close()
    }
  )

  story('finds a line by its number on a chip that is known by its label', async world => {
    const [, name] = world.names
    await world.setInput(name, false)
    const heard = await listen(world, [{ chip: world.chip, offset: 1 }])
    await world.setInput(name, true)
    await world.until(() => heard.text() === 'A')
    heard.lines.close()
  })

  story('an active-low line is active when its wire is low', async world => {
    const [name] = world.names
    await world.setInput(name, true)
    const heard = await listen(world, [{ name }], { isActiveLow: true })
    assert.equal(heard.lines.values(), [false])
    await world.setInput(name, false)
    await world.until(() => heard.text() === 'A')
    assert.equal(heard.lines.values(), [true])
    heard.lines.close()
  })

  story('tells values as they are, also before the first edge', async world => {
    const [first, second] = world.names
    await world.setInput(first, true)
    await world.setInput(second, false)
    const heard = await listen(world, [{ name: first }, { name: second }])
    assert.equal(heard.lines.values(), [true, false])
    await world.setInput(second, true)
    await world.until(() => heard.lines.values()[1] === true)
    heard.lines.close()
  })

  story('a bounce shorter than the debounce is not told', async world => {
    const [name] = world.names
    await world.setInput(name, false)
    const heard = await listen(world, [{ name }], { debounceUs: 200_000 })
    for (const isHigh of [true, false, true, false, true]) await world.setInput(name, isHigh)
    await world.until(() => heard.text() !== '')
    for (const isHigh of [false, true]) await world.setInput(name, isHigh)
    await world.setInput(name, false)
    await world.until(() => heard.text().length > 1)
    assert.is(heard.text(), 'Aa')
    heard.lines.close()
  })
}

function order(story: Story<GpioWorld>): void {
  story('all lines of a request are told apart and in order', async world => {
    const [first, second] = world.names
    for (const name of [first, second]) await world.setInput(name, false)
    const heard = await listen(world, [{ name: second }, { name: first }])
    const steps = [
      [second, true, 'A'],
      [first, true, 'AB'],
      [second, false, 'ABa'],
      [first, false, 'ABab']
    ] as const
    for (const [name, isHigh, text] of steps) {
      await world.setInput(name, isHigh)
      // What keeps no order is asked one by one.
      if (!world.isExact) await world.until(() => heard.text() === text)
    }
    await world.until(() => heard.text() === 'ABab')
    heard.lines.close()
  })

  story('a burst is told whole, or what was lost of it', async world => {
    const [name] = world.names
    await world.setInput(name, false)
    const heard = await listen(world, [{ name }])
    const sent = 200
    for (let edge = 0; edge < sent; edge++) await world.setInput(name, edge % 2 === 0)
    if (world.isExact) {
      await world.until(() => heard.edges.length + heard.lost() === sent)
      assert.is(heard.text(), 'Aa'.repeat(heard.edges.length / 2))
    } else {
      await world.until(() => heard.text().endsWith('a'))
      assert.ok(heard.edges.length + heard.lost() <= sent)
    }
    heard.lines.close()
  })
}

function outputs(story: Story<GpioWorld>): void {
  for (const isActiveLow of [false, true]) {
    const kind = isActiveLow ? 'an active-low output' : 'an output'
    for (const safe of [false, true]) {
      const output = { consumer: 'contract', isActiveLow, safe }
      story(`${kind} that is safe ${safe ? 'on' : 'off'} begins and ends so`, async world => {
        const [, , name] = world.names
        const isOn = async () => (await world.isHigh(name)) !== isActiveLow
        const line = await world.gpio.drive({ ...output, line: { name } })
        assert.is(await isOn(), safe)
        line.set(!safe)
        assert.is(await isOn(), !safe)
        line.set(safe)
        assert.is(await isOn(), safe)
        line.set(!safe)
        line.close()
        assert.is(await isOn(), safe)
        line.close()
        assert.throws(() => line.set(true), /closed/)
      })
    }
  }
}

function refusals(story: Story<GpioWorld>): void {
  story('a line that nobody has is absent, and words say how to find one', async world => {
    for (const line of [
      { name: 'NO_SUCH_LINE' },
      { name: '' },
      { name: world.names[0], chip: 'no-such-chip' },
      { chip: world.chip, offset: 4_000 },
      { chip: 'no-such-chip', offset: 0 }
    ]) {
      const watched = await faultOf(listen(world, [line]))
      assert.is(watched.code, 'device-absent')
      assert.ok(watched.fix.length > 0)
      const driven = world.gpio.drive({ consumer: 'b', line, isActiveLow: false, safe: false })
      assert.is((await faultOf(driven)).code, 'device-absent')
    }
  })

  story('a line that is taken is busy, its holder is named, and it is free after', async world => {
    const [name, other] = world.names
    const drive = () =>
      world.gpio.drive({ consumer: 'second', line: { name }, isActiveLow: false, safe: false })
    const heard = await listen(world, [{ name }], { consumer: 'first' })
    for (const attempt of [drive, () => listen(world, [{ name: other }, { name }])]) {
      const fault = await faultOf(attempt())
      assert.is(fault.code, 'line-busy')
      assert.match(fault.message, name)
      assert.match(fault.message, 'first')
    }
    // Neither attempt kept the other line.
    const free = await listen(world, [{ name: other }])
    free.lines.close()
    heard.lines.close()
    const line = await drive()
    assert.match((await faultOf(listen(world, [{ name }]))).message, 'second')
    line.close()
  })

  story('one line twice in one request is busy', async world => {
    const [name] = world.names
    const twice = listen(world, [{ name }, { chip: world.chip, offset: 0 }])
    assert.is((await faultOf(twice)).code, 'line-busy')
    const once = await listen(world, [{ name }])
    once.lines.close()
  })
}

function endings(test: Suite, openWorld: () => Promise<GpioWorld>): void {
  test('after close nothing is told, also not from the middle of a burst', async () => {
    const world = await openWorld()
    const [name] = world.names
    await world.setInput(name, false)
    let edges = 0
    let gone = 0
    const lines = await world.gpio.watch(
      { consumer: 'c', lines: [{ name }], bias: 'as-is', isActiveLow: false, debounceUs: 0 },
      {
        onEdges: () => {
          edges += 1
          lines.close()
        },
        onGone: () => {
          gone += 1
        }
      }
    )
    for (const isHigh of [true, false, true]) await world.setInput(name, isHigh)
    await world.until(() => edges > 0)
    const witness = await listen(world, [{ name }])
    await world.setInput(name, false)
    await world.until(() => witness.text() !== '')
    assert.is(edges, 1)
    witness.lines.close()
    witness.lines.close()
    await world.close()
    assert.is(gone, 0)
  })
}

function unplugging(story: Story<GpioWorld>): void {
  story('a chip that is unplugged ends all that was on it, once', async world => {
    const { unplug } = world
    if (unplug === undefined) throw new Error('Say that this chip is soldered on')
    const [first, second, third] = world.names
    const heard = await listen(world, [{ name: first }])
    const closed = await listen(world, [{ name: second }])
    const request = { consumer: 'c', line: { name: third }, isActiveLow: false, safe: false }
    const line = await world.gpio.drive(request)
    closed.lines.close()
    await unplug()
    await world.until(() => heard.gone.length > 0)
    assert.is(heard.gone[0]?.code, 'device-absent')
    assert.match(heard.gone[0]?.message ?? '', world.chip)
    assert.equal(closed.gone, [])
    assert.is(
      absence(() => heard.lines.values()),
      'device-absent'
    )
    assert.is(
      absence(() => line.set(true)),
      'device-absent'
    )
    heard.lines.close()
    line.close()
    const again = listen(world, [{ chip: world.chip, offset: 0 }])
    assert.is((await faultOf(again)).code, 'device-absent')
    assert.is(heard.gone.length, 1)
  })
}

function absence(step: () => unknown): string {
  try {
    step()
  } catch (error) {
    return error instanceof Fault ? error.code : String(error)
  }
  return 'nothing was thrown'
}
