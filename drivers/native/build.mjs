// `npm run native` compiles fdio.c for this machine, `npm run native -- --all` for every kind of Pi
// as well. It asks the network for nothing: the headers are the ones that came with this Node.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const nodeGyp = findNodeGyp()

// Debian's cross compilers: gcc-aarch64-linux-gnu and gcc-arm-linux-gnueabihf, and their g++.
const triplets = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
  arm: 'arm-linux-gnueabihf'
}

const nodeDir = [
  process.env['npm_config_nodedir'],
  join(dirname(process.execPath), '..'),
  '/usr'
].find(dir => dir && existsSync(join(dir, 'include', 'node', 'node_api.h')))
if (!nodeDir) {
  fail(
    'The headers of Node are not on this machine.',
    'Install libnode-dev on Debian, or: npm config set nodedir /where/node/was/unpacked'
  )
}
const source = createHash('sha256')
  .update(readFileSync(join(here, 'fdio.c')))
  .digest('hex')
const wanted = process.argv.includes('--all') ? Object.keys(triplets) : [process.arch]
for (const arch of wanted) build(arch)
rmSync(join(here, 'build'), { recursive: true, force: true })

function build(arch) {
  const tool = toolFor(arch)
  const args = ['rebuild', `--arch=${arch}`, `--nodedir=${nodeDir}`, '--loglevel=error', '-C', here]
  const tools = { CC: tool('gcc'), CXX: tool('g++'), LINK: tool('g++'), AR: tool('ar') }
  run(process.execPath, [nodeGyp, ...args, '--', `-Dfdio_source=${source}`], tools)
  const dir = join(here, 'prebuilds', `linux-${arch}`)
  const path = join(dir, 'fdio.node')
  mkdirSync(dir, { recursive: true })
  copyFileSync(join(here, 'build', 'Release', 'fdio.node'), path)
  run(tool('strip'), ['--strip-unneeded', path])
  console.log(`${path}: ${statSync(path).size} bytes`)
}

function findNodeGyp() {
  try {
    return createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
  } catch {
    return fail('The package node-gyp is not installed.', 'npm ci')
  }
}

// A kind of machine that is not in the list can still build for itself.
function toolFor(arch) {
  const isOwn = arch === process.arch
  return name => (isOwn ? name : `${triplets[arch]}-${name}`)
}

function run(command, args, env = {}) {
  const done = spawnSync(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8'
  })
  if (done.status === 0) return
  process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}\n`)
  fail(
    `${command} failed${done.error ? `: ${done.error.message}` : ''}.`,
    'Install what is named above: gcc, g++, make and python3; for --all also the cross compilers.'
  )
}

function fail(sentence, fix) {
  process.stderr.write(`${sentence}\n    do: ${fix}\n`)
  process.exit(1)
}
