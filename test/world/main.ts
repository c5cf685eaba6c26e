/** `npm run world`: markets through bad evenings, by seed; a failing one can be run again. */
import { parseArgs } from 'node:util'
import { runWorld, type WorldResult } from './run.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '100' },
    hours: { type: 'string' }
  }
})
const from = number(values.seed ?? values.from)
const count = values.seed ? 1 : values.hours ? Number.POSITIVE_INFINITY : number(values.seeds)
const endMs = performance.now() + (values.hours ? number(values.hours) * 3_600_000 : Infinity)

let running = from
process.on('uncaughtException', error => {
  console.error(`Seed ${running} broke the program. Again: npm run world -- --seed ${running}`)
  console.error(error)
  process.exit(1)
})

const results: WorldResult[] = []
const failed: number[] = []
const startMs = performance.now()
for (let seed = from; seed < from + count && performance.now() < endMs; seed++) {
  running = seed
  try {
    const result = await runWorld(seed)
    results.push(result)
    if (values.seed) console.log(JSON.stringify(result, null, 2))
    if (results.length % 100 === 0) report()
  } catch (error) {
    failed.push(seed)
    console.error(`Seed ${seed} failed. Again: npm run world -- --seed ${seed}`)
    console.error(error)
  }
}
report()
process.exitCode = failed.length > 0 ? 1 : 0

function report(): void {
  const sum = (of: (result: WorldResult) => number) =>
    results.reduce((all, each) => all + of(each), 0)
  const heals = results.map(({ healMs }) => healMs).sort((a, b) => a - b)
  const seconds = (performance.now() - startMs) / 1_000
  console.log(
    `${results.length} markets agreed, ${failed.length} failed` +
      ` (${(results.length / seconds).toFixed(1)} a second):` +
      ` ${sum(({ acknowledged }) => acknowledged)} acknowledged sales,` +
      ` ${sum(({ crashes }) => crashes)} power cuts,` +
      ` healed in ${heals[heals.length >> 1] ?? 0} ms, at worst ${heals.at(-1) ?? 0} ms`
  )
}

function number(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) {
    console.error(`"${text}" is not a number.\n    do: npm run world -- --seed 7`)
    process.exit(2)
  }
  return value
}
