/** Runs in the Pi: watches lines of its chip, and says at the end what it saw. */
import { existsSync } from 'node:fs'
import type { Edge } from '../../../drivers/host.ts'
import { openMachine } from '../../../drivers/machine.ts'
import { CHIP, readClocks, type Watched, type WatchWish } from './wish.ts'

const wish: WatchWish = JSON.parse(process.argv[2] ?? '')
const seen: Edge[] = []
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

function onEdges(edges: readonly Edge[], dropped: number): void {
  const { monoMs } = readClocks()
  seen.push(...edges)
  lateMs.push(...edges.map(({ monoUs }) => monoMs - monoUs / 1_000))
  lost += dropped
  if (seen.length + lost < wish.edges) return
  watched.close()
  const report: Watched = {
    isExact: watched.isExact,
    edges: seen.map(({ line, isActive }) => `${wish.lines[line]}${isActive ? '+' : '-'}`),
    lost,
    isInOrder: seen.every(({ monoUs }, at) => monoUs >= (seen[at - 1]?.monoUs ?? 0)),
    lateMs: lateMs.toSorted((a, b) => a - b)[lateMs.length >> 1] ?? 0
  }
  console.log(`saw ${JSON.stringify(report)}`)
}

/** As a program does that computes for too long. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
