import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Bench, Row, Target } from './measure.ts'

/** The public simulator lies beside the checkout, for it is not this project's alone. */
const SIMULATOR = '../shared/reference/pricing/market/bench.js'
const POLICY = fileURLToPath(new URL('../../scripts/stall.js', import.meta.url))
/** Never used in tuning, which was done on seeds 1001 to 1140. */
const SEED_FIRST = 5_001
const SEEDS = 20
const RUN_MS_MAX = 1_800_000

const needs = async () => (existsSync(SIMULATOR) ? false : SIMULATOR)

/** Simulated seasons, priced by the program over its protocol, in % of a clairvoyant's takings. */
export const seasons: Bench = {
  name: 'seasons',
  needs,
  run: async () => {
    const known = await simulated([])
    return [
      ...familyRows(known).map(row => ({ ...row, target: atLeast(93.8) })),
      { ...rowOf('the same, mean of all families', '%', mean(known)), target: atLeast(95) },
      ...boundRows('of these', known)
    ]
  }
}

/** Seasons that nothing was tuned on: what a stall may meet that the public families do not. */
export const hardships: Bench = {
  name: 'hardships',
  needs,
  run: () =>
    inFolder(async folder => {
      const path = join(folder, 'families.json')
      await writeFile(path, JSON.stringify(HARDSHIPS))
      const met = await simulated(['--set', path])
      return [...familyRows(met), ...boundRows('in hardship', met)]
    })
}

const COMMON = {
  days: 6,
  hours: [8, 10, 12],
  nSku: 20,
  footfall: 400,
  medPrice: 12,
  medSales: 6,
  perish: 0.4,
  rainProb: 0.35,
  fcErr: 0.3,
  misset: 0.15,
  maxDelta: 0.15,
  shapes: ['exp', 'logit', 'iso'],
  keeper: 'smart'
}

const HARDSHIPS = Object.fromEntries(
  Object.entries({
    'no counter': { noFoot: true, fcErr: 0.4 },
    'a counter that fails': { counterFail: true },
    'other demand': { shapes: ['linear', 'lnwtp', 'kink'] },
    'eager evenings': { evening: true, rainProb: 0.7 },
    'rises annoy': { annoy: true, keeper: 'naive', misset: 0.25 },
    'bulk buyers': { lumpy: true },
    'ten per cent a window': { maxDelta: 0.1 },
    'a single item': { nSku: 1, footfall: 100, medSales: 12 }
  }).map(([name, more]) => [name, { ...COMMON, ...more, name }])
)

const rowOf = (what: string, unit: string, ours: number): Row => ({ what, unit, ours })
const atLeast = (bound: number): Target => ({ of: 'ours', atLeast: bound })
const atMost = (bound: number): Target => ({ of: 'ours', atMost: bound })

const familyRows = (families: Families): readonly Row[] =>
  Object.entries(families).map(([name, { external, fixed }]) => ({
    ...rowOf(`season ${name}: of clairvoyant / fixed prices`, '%', external.pct),
    peer: fixed.pct
  }))

const mean = (families: Families): number => {
  const all = Object.values(families)
  return all.reduce((sum, { external }) => sum + external.pct, 0) / all.length
}

function boundRows(which: string, families: Families): readonly Row[] {
  const most = (of: (played: Played) => number) =>
    Math.max(...Object.values(families).map(({ external }) => of(external)))
  const leastGain = -most(({ vsLo }) => -vsLo)
  const changes = most(each => each.changes)
  const wrongs = most(({ viol, late }) => viol + late)
  return [
    {
      ...rowOf(`least gain over fixed ${which} (low end, 95 %)`, '%', leastGain),
      target: atLeast(0)
    },
    { ...rowOf(`most changes of a price a day ${which}`, '', changes), target: atMost(4) },
    { ...rowOf(`guard violations and late answers ${which}`, '', wrongs), target: atMost(0) },
    rowOf(
      `longest answer ${which}`,
      'ms',
      most(({ msMax }) => msMax)
    )
  ]
}

/** What the simulator says of one policy in one family. */
interface Played {
  readonly pct: number
  readonly vsLo: number
  readonly changes: number
  readonly viol: number
  readonly late: number
  readonly msMax: number
}

type Families = Readonly<Record<string, { readonly external: Played; readonly fixed: Played }>>

const simulated = (set: readonly string[]): Promise<Families> =>
  inFolder(async folder => {
    const out = join(folder, 'played.json')
    const command = `"${process.execPath}" "${POLICY}" policy --stdio`
    const seeds = ['--seeds', `${SEEDS}`, '--offset', `${SEED_FIRST}`]
    const args = [SIMULATOR, '--cmd', command, ...seeds, '--out', out, ...set]
    await promisify(execFile)(process.execPath, args, { timeout: RUN_MS_MAX })
    return JSON.parse(await readFile(out, 'utf8')) as Families
  })

async function inFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'seasons-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
