/** `npm run bench`: how fast and how small a stall is, in ratios to peers of the same run. */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { answer, slowAnswer } from './answer.ts'
import { devices } from './devices.ts'
import { gpio } from './gpio.ts'
import { group } from './group.ts'
import { load } from './load.ts'
import { market } from './market.ts'
import type { Bench, Row } from './measure.ts'
import { reopen } from './reopen.ts'
import { replicate } from './replicate.ts'
import { hardships, seasons } from './seasons.ts'
import { serial } from './serial.ts'
import { start } from './start.ts'
import { rowJson, tableText } from './table.ts'
import { tap } from './tap.ts'
import { tick } from './tick.ts'
import { traffic } from './traffic.ts'

const benches: readonly Bench[] = [
  slowAnswer,
  answer,
  group,
  traffic,
  reopen,
  start,
  devices,
  gpio,
  load,
  tap,
  serial,
  tick,
  seasons,
  hardships,
  replicate,
  market
]

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, only: { type: 'string' } }
})
const chosen = benches.filter(({ name }) => values.only === undefined || name === values.only)
if (chosen.length === 0) {
  console.error(`There is no "${values.only}". Try: ${benches.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

const rows: Row[] = []
const [loadBefore = 0] = loadavg()
const leftOut: string[] = []
for (const { name, needs, run } of chosen) {
  const missing = (await needs?.()) ?? false
  if (missing) {
    leftOut.push(`${name} needs ${missing}`)
    continue
  }
  console.error(`${name} …`)
  rows.push(...(await run()))
}
const [loadAfter = 0] = loadavg()
const machine = { node: process.version, cores: cpus().length, loadBefore, loadAfter }
if (values.json) {
  console.log(JSON.stringify({ machine, rows: rows.map(rowJson), leftOut }, null, 2))
} else {
  console.log(tableText(rows))
  const load = `load ${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after`
  console.log(`Node ${machine.node}, ${machine.cores} cores, ${load}`)
  for (const sentence of leftOut) console.log(`left out: ${sentence}`)
}
