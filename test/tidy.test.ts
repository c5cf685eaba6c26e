/** Checks the shape of the code itself: what a reviewer should never have to say. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import * as assert from 'uvu/assert'
import { suite } from './harness.ts'

const COLUMNS_MAX = 100
const FUNCTION_LINES_MAX = 70
const FILE_LINES_MAX = 400
const README_LINES_MAX = 60

const banned: readonly [where: RegExp, what: RegExp, instead: string][] = [
  [/^node\/core\//, /\bDate\.now|\bnew Date\(\)|\bMath\.random/, 'take it as an argument'],
  [/^node\/core\//, /^import .* from '[^.]/m, 'core imports nothing from outside core'],
  [/^(?!node\/wire\/|test\/)/, /from 'cbor-x/, 'go through node/wire'],
  [/^test\//, /\.only\(/, 'run one file instead'],
  [/^/, /\bas any\b|: any\b|<any>|@ts-(ignore|expect-error|nocheck)/, 'decode it from unknown'],
  [/^/, /^export \* from/m, 'import the file itself, not a barrel'],
  [/(^|\/)(utils?|helpers?|manager|service|common|misc)\b/, /^/, 'name it for the thing it wraps'],
  [/^/, /TODO|FIXME|XXX|HACK/, 'do it before the merge, or write an issue']
]

/** Who may import whom among the files that one project holds together; the rest tsc enforces. */
const allowed: readonly [from: RegExp, to: RegExp][] = [
  [/^node\/(node|health)\.ts$/, /^node\/core\//],
  [/^node\/config(\/.*)?(\.ts)$/, /^node\/(core|config)\b/],
  [/^scripts\/(?!(run|doctor)\.ts)/, /^(scripts|node\/(core|wire|identity|ledger|config))\b/],
  [/^drivers\//, /^(drivers|node\/core)\//],
  [/^broker\//, /^(broker|node\/core|node\/wire\/topics\.ts)\b/]
]

/** What nothing imports: programs, and what bench, power cuts, world and a Pi run as processes. */
const roots = [
  /^node\/(boot|pages\/vite\.config)\.ts$/,
  /^scripts\//,
  /^drivers\/native\/build\.mjs$/,
  /^test\/(bench|powercut|pi\/guest)\//,
  /^test\/world\/main\.ts$/,
  /^test\/.*\.test\.ts$/,
  /\.d\.ts$/
]

suite('tidy', test => {
  const listed = execFileSync('git', [
    'ls-files',
    '-co',
    '--exclude-standard',
    '*.ts',
    '*.tsx',
    '*.mjs'
  ])
  const files = String(listed)
    .trim()
    .split('\n')
    .filter(path => existsSync(path) && !path.startsWith('test/tidy'))
    .map(path => ({ path, text: readFileSync(path, 'utf8') }))
  const paths = new Set(files.map(({ path }) => path))
  const importsByPath = new Map(files.map(({ path, text }) => [path, importsOf(path, text)]))

  test('lines, functions, files and words', () => {
    const faults = files.flatMap(({ path, text }) => [
      ...longLines(text).map(line => `${path}:${line}: over ${COLUMNS_MAX} columns`),
      ...longFunctions(text).map(line => `${path}:${line}: over ${FUNCTION_LINES_MAX} lines`),
      ...(text.split('\n').length > FILE_LINES_MAX
        ? [`${path}: over ${FILE_LINES_MAX} lines`]
        : []),
      ...banned
        .filter(([where, what]) => where.test(path) && what.test(text))
        .map(([, what, instead]) => `${path}: ${what.source} is banned: ${instead}`)
    ])
    assert.equal(faults, [])
  })

  test('every file is reached from an entry point or a test', () => {
    const reached = new Set<string>()
    const visit = (path: string): void => {
      if (reached.has(path)) return
      reached.add(path)
      importsByPath.get(path)?.forEach(visit)
    }
    for (const path of paths) if (roots.some(root => root.test(path))) visit(path)
    for (const page of pageEntries()) visit(page)
    assert.equal(
      [...paths].filter(path => !reached.has(path)),
      []
    )
  })

  test('rooms import only whom they may', () => {
    const faults = allowed.flatMap(([from, to]) =>
      [...importsByPath].flatMap(([path, imports]) =>
        from.test(path)
          ? imports.filter(each => !to.test(each)).map(each => `${path} imports ${each}`)
          : []
      )
    )
    assert.equal(faults, [])
  })

  test('no file imports itself by a detour', () => {
    assert.equal(
      [...importsByPath.keys()].flatMap(path => cycleFrom(path, importsByPath)),
      []
    )
  })

  test('each room says in at most a page what lives there', () => {
    for (const room of ['node', 'broker', 'drivers', 'scripts', 'test']) {
      const path = `${room}/README.md`
      assert.ok(existsSync(path), `${path} is missing`)
      assert.ok(
        readFileSync(path, 'utf8').split('\n').length <= README_LINES_MAX,
        `${path} is long`
      )
    }
  })
})

/** Page scripts are named by their HTML files. */
const pageEntries = (): string[] =>
  String(execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.html']))
    .trim()
    .split('\n')
    .filter(path => existsSync(path))
    .flatMap(path =>
      [...readFileSync(path, 'utf8').matchAll(/src="\.?\/?([^"]+\.tsx?)"/g)].map(([, to = '']) =>
        posix.join(posix.dirname(path), to)
      )
    )

function importsOf(path: string, text: string): string[] {
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)
  return [...found].map(([, to = '']) => posix.join(posix.dirname(path), to))
}

/** The shortest way from a file back to itself, told once: by its first file in the alphabet. */
function cycleFrom(start: string, importsByPath: ReadonlyMap<string, string[]>): string[] {
  const ways: string[][] = [[start]]
  const seen = new Set<string>()
  for (let way = ways.shift(); way; way = ways.shift()) {
    for (const next of importsByPath.get(way.at(-1) ?? '') ?? []) {
      if (next === start)
        return way.every(each => each >= start) ? [[...way, start].join(' > ')] : []
      if (seen.has(next)) continue
      seen.add(next)
      ways.push([...way, next])
    }
  }
  return []
}

const longLines = (text: string): number[] =>
  text.split('\n').flatMap((line, index) => (line.length > COLUMNS_MAX ? [index + 1] : []))

/** A function runs from its header to the first closing brace at the same indent. */
function longFunctions(text: string): number[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    if (!/\b(function|=>)\b.*\{$|\)(: [^=]+)? (=> )?\{$/.test(line)) return []
    const indent = line.search(/\S/)
    const end = lines.findIndex(
      (other, at) => at > index && other.search(/\S/) === indent && /^\s*[})]/.test(other)
    )
    return end - index + 1 > FUNCTION_LINES_MAX ? [index + 1] : []
  })
}
