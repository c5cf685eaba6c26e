/** Runs in the Pi: watches lines of its chip and says at the end what it saw. */
import { existsSync } from 'node:fs'
import type { Edge } from '../../../drivers/host.ts'
import { openMachine } from '../../../drivers/machine.ts'
import { CHIP, readClocks, type Watched, type WatchWish } from './wish.ts'

const wish: WatchWish = JSON.parse(process.argv[2] ?? '')
const edges: Edge[] = []
const lateMs: number[] = []
let lost = 0
const watched = await openMachine({ readClocks }).gpio.watch(
  {
    consumer: 'test',
    lines: wish.lines.map(offset => ({ chip: CHIP, offset })),
    bias: 'as-is',
    isActiveLow: false,
    debounceUs: 0
  },
  { onEdges, onGone: () => console.log('gone') }
)
console.log(`watching ${watched.values().map(Number).join(' ')}`)
while (wish.gate !== undefined && !existsSync(wish.gate)) standStill(50)

function onEdges(some: readonly Edge[], dropped: number): void {
  const { monoMs } = readClocks()
  edges.push(...some)
  lateMs.push(...some.map(({ monoUs }) => monoMs - monoUs / 1_000))
  lost += dropped
  if (edges.length + lost < wish.edges) return
  const report: Watched = {
    isExact: watched.isExact,
    edges: edges.map(({ line, isActive }) => `${wish.lines[line]}${isActive ? '+' : '-'}`),
    lost,
    isInOrder: edges.every(({ monoUs }, at) => monoUs >= (edges[at - 1]?.monoUs ?? 0)),
    lateMs: lateMs.toSorted((a, b) => a - b)[lateMs.length >> 1] ?? 0
  }
  console.log(`saw ${JSON.stringify(report)}`)
  watched.close()
}

/** As a program does that computes for too long. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
