import * as assert from 'uvu/assert'
import { type Crossing, crossingCounter } from '../../drivers/radar/crossing.ts'
import type { Target } from '../../drivers/radar/targets.ts'
import { suite } from '../harness.ts'

const LINE: Crossing = { axis: 'y', atMm: 1_500, isInFalling: true }

suite('crossing a line', test => {
  test('nearer is in, farther is out', () => {
    assert.equal(walk([path(2_500, 500)]), { in: 1, out: 0 })
    assert.equal(walk([path(500, 2_500)]), { in: 0, out: 1 })
  })

  test('or the other way round, or across', () => {
    assert.equal(walk([path(2_500, 500)], { ...LINE, isInFalling: false }), { in: 0, out: 1 })
    const across = path(1_000, -1_000).map(({ yMm }) => at(yMm, 2_000))
    assert.equal(walk([across], { axis: 'x', atMm: 0, isInFalling: true }), { in: 1, out: 0 })
  })

  test('who stands on the line and sways has not crossed it', () => {
    const sway = Array.from({ length: 200 }, (_, step) => at(0, 1_500 + 150 * Math.sin(step)))
    assert.equal(walk([[...path(2_500, 1_500), ...sway, ...path(1_500, 2_500)]]), { in: 0, out: 0 })
  })

  test('who first appears on the line counts only when it comes back over it', () => {
    assert.equal(walk([path(1_550, 500)]), { in: 0, out: 0 })
    assert.equal(walk([[...path(1_550, 500), ...path(500, 2_000)]]), { in: 0, out: 1 })
  })

  test('two side by side are two, whatever slots the radar puts them in', () => {
    const left = path(2_500, 500).map(({ yMm }) => at(-500, yMm))
    const right = path(2_500, 500).map(({ yMm }) => at(500, yMm))
    const swapped = left.map((target, step) =>
      step % 2 ? [target, right[step]] : [right[step], target]
    )
    assert.equal(count(swapped.map(known)), { in: 2, out: 0 })
  })

  test('two who meet on the line are one in and one out', () => {
    const into = path(2_500, 500).map(({ yMm }) => at(-400, yMm))
    const out = path(500, 2_500).map(({ yMm }) => at(400, yMm))
    assert.equal(walk([into, out]), { in: 1, out: 1 })
  })

  test('a frame or two without the target do not lose it, a second does', () => {
    const way = path(2_500, 500)
    const blink = (from: number, frames: number) =>
      way.map((target, step) => (step >= from && step < from + frames ? [] : [target]))
    assert.equal(count(blink(9, 3)), { in: 1, out: 0 })
    const gone = [
      ...blink(8, 99).slice(0, 8),
      ...Array.from({ length: 12 }, () => []),
      [at(0, 500)]
    ]
    assert.equal(count(gone), { in: 0, out: 0 })
  })

  test('a leap that no one can walk is somebody else', () => {
    assert.equal(count([[at(0, 2_500)], [at(0, 500)], [at(0, 400)]]), { in: 0, out: 0 })
  })
})

const at = (xMm: number, yMm: number): Target => ({ xMm, yMm, cmPerSecond: 0 })

/** A step of a tenth of a second at walking speed. */
function path(fromMm: number, toMm: number): Target[] {
  const steps = Math.ceil(Math.abs(toMm - fromMm) / 100)
  return Array.from({ length: steps + 1 }, (_, step) =>
    at(0, fromMm + ((toMm - fromMm) * step) / steps)
  )
}

function walk(paths: readonly (readonly Target[])[], line = LINE) {
  const frames = Math.max(...paths.map(({ length }) => length))
  const seen = Array.from({ length: frames }, (_, frame) => known(paths.map(each => each[frame])))
  return count(seen, line)
}

const known = (targets: readonly (Target | undefined)[]): Target[] =>
  targets.filter(target => target !== undefined)

function count(frames: readonly (readonly Target[])[], line = LINE) {
  const cross = crossingCounter(line)
  const total = { in: 0, out: 0 }
  for (const [frame, targets] of frames.entries()) {
    const crossed = cross(targets, frame * 100)
    total.in += crossed.in
    total.out += crossed.out
  }
  return total
}
