// The only file that runs before anything is installed or built, so it is plain JavaScript and
// needs nothing but Node and npm. It makes a fresh clone ready, then hands over to the built code.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const inRoot = (...parts) => join(root, ...parts)

const handOver = {
  start: rest => ['dist/bin/stall.js', 'run', ...rest],
  test: rest => ['dist/scripts/test.js', 'unit', ...rest],
  'test:system': rest => ['dist/scripts/test.js', 'system', ...rest],
  bench: rest => ['--expose-gc', 'dist/test/bench/main.js', ...rest],
  world: rest => ['dist/test/world/main.js', ...rest],
  build: () => null
}

const [wish = 'start', ...rest] = process.argv.slice(2)
const next = handOver[wish]
if (!next) fail(`There is no "${wish}".`, `Try one of: ${Object.keys(handOver).join(', ')}`)
if (!isNodeNew()) {
  fail(
    `stallmesh needs Node 20.19, 22.12 or newer; this is ${process.version}.`,
    'Install one: apt install nodejs npm on Debian 13, or from https://nodejs.org'
  )
}
if (isOlder(inRoot('node_modules', '.package-lock.json'), [inRoot('package-lock.json')])) {
  step('Installing packages (once)', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}
pruneOrphans(inRoot('dist'))
step('Building', process.execPath, [inRoot('node_modules', 'typescript', 'bin', 'tsc'), '-b'])
const pages = ['node/pages', 'node/core', 'package-lock.json'].flatMap(each =>
  filesIn(inRoot(each))
)
if (isOlder(inRoot('dist', 'pages', 'manifest.json'), pages)) {
  vite('Building pages', 'node/pages/vite.config.ts')
}
const built = ['node', 'broker', 'drivers', 'scripts'].flatMap(room =>
  filesIn(inRoot('dist', room))
)
if (isOlder(inRoot('dist', 'bin', 'stall.js'), built)) {
  vite('Bundling', 'scripts/bundle.config.ts')
}
const args = next(rest)
if (args) handOverTo(args)

function vite(title, config) {
  const path = inRoot('node_modules', 'vite', 'bin', 'vite.js')
  step(title, process.execPath, [path, 'build', '-c', config, '-l', 'warn'])
}

function step(title, command, args) {
  if (process.stdout.isTTY) process.stdout.write(`${title} …\r`)
  const done = spawnSync(command, args, { cwd: root, stdio: 'pipe', encoding: 'utf8' })
  if (process.stdout.isTTY) process.stdout.write(`${' '.repeat(title.length + 2)}\r`)
  if (done.status === 0) return
  process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}\n`)
  fail(
    `${title} failed.`,
    command === 'npm' ? 'Is there a way to the npm registry?' : 'Mend what is named above.'
  )
}

// Who stops this process means the child: it closes in order, and its exit code is ours. A Ctrl-C
// reaches the child from the terminal too; hearing it twice does no harm.
function handOverTo(args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal))
  }
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

function isOlder(path, sources) {
  if (!existsSync(path)) return true
  const built = statSync(path).mtimeMs
  return sources.some(source => existsSync(source) && statSync(source).mtimeMs > built)
}

function filesIn(path) {
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}

// What was built from a file that is gone would still be found, and its tests still run.
function pruneOrphans(dist) {
  for (const path of filesIn(dist).filter(
    each => each.endsWith('.js') && !/\/dist\/(pages|bin)\//.test(each)
  )) {
    const source = path.replace(dist, root).replace(/\.js$/, '.ts')
    if (!existsSync(source)) rmSync(path)
  }
}

// What `engines` in package.json says: Vite needs no less.
function isNodeNew() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major === 20 ? minor >= 19 : major === 22 ? minor >= 12 : major > 22
}

function fail(sentence, fix) {
  process.stderr.write(`${sentence}\n    do: ${fix}\n`)
  process.exit(1)
}
