/** Runs in the Pi: watches lines of its chip, and says at the end what it saw. */
import { existsSync } from 'node:fs'
import type { Edge, Gpio } from '../../../drivers/host.ts'
import { openMachine } from '../../../drivers/machine.ts'
import { CHIP, readClocks, type Watched, type WatchWish } from './wish.ts'

const wish: WatchWish = JSON.parse(process.argv[2] ?? '')
const seen: Edge[] = []
const lateMs: number[] = []
let lost = 0
const watched = await (await openGpio()).watch(
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

async function openGpio(): Promise<Gpio> {
  if (!wish.isBySysfs) return openMachine({ readClocks }).gpio
  const { openSysfs } = await import('../../../drivers/gpio/sysfs.ts')
  return openSysfs({ root: '/sys/class/gpio' })
}

function onEdges(edges: readonly Edge[], dropped: number): void {
  const { monoMs } = readClocks()
  seen.push(...edges)
  lateMs.push(...edges.map(({ monoUs }) => monoMs - monoUs / 1_000))
  lost += dropped
  if (wish.isAloud) for (const edge of edges) console.log(`edge ${nameOf(edge)}`)
  if (seen.length + lost >= wish.edges) end()
}

function end(): void {
  watched.close()
  const report: Watched = {
    isExact: watched.isExact,
    edges: seen.map(nameOf),
    lost,
    isInOrder: seen.every(({ monoUs }, at) => monoUs >= (seen[at - 1]?.monoUs ?? 0)),
    lateMs: lateMs.toSorted((a, b) => a - b)[lateMs.length >> 1] ?? 0
  }
  console.log(`saw ${JSON.stringify(report)}`)
}

function nameOf({ line, isActive }: Edge): string {
  return `${wish.lines[line]}${isActive ? '+' : '-'}`
}

/** As a program does that computes for too long. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
