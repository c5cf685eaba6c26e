/**
 * Runs the tests and says at the end how many passed. `unit` needs only npm packages; `system`
 * installs what it needs from Debian and runs against real programs, one file at a time.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

const UNIT_MS_MAX = 10 * 60_000
const SYSTEM_MS_MAX = 20 * 60_000
/** After the last test nothing may keep the process alive; a failed test's server may. */
const LEAVE_MS_MAX = 10_000
/** A program that a system test runs, and the Debian package that brings it. */
const PACKAGES: readonly (readonly [path: string, name: string])[] = [
  ['/usr/bin/chromium', 'chromium'],
  ['/usr/bin/mosquitto_sub', 'mosquitto-clients'],
  ['/usr/bin/zbarimg', 'zbar-tools'],
  ['/usr/sbin/ip', 'iproute2'],
  ['/usr/bin/faketime', 'faketime'],
  ['/usr/bin/openssl', 'openssl'],
  ['/usr/bin/socat', 'socat'],
  ['/usr/bin/umockdev-run', 'umockdev'],
  ['/usr/bin/xkbcli', 'libxkbcommon-tools'],
  ['/usr/share/unifont/unifont_jp.hex', 'unifont'],
  ['/usr/bin/fusermount3', 'fuse3'],
  ['/usr/include/fuse3/fuse.h', 'libfuse3-dev'],
  ['/usr/bin/pkg-config', 'pkg-config'],
  ['/usr/bin/gcc', 'gcc'],
  ['/usr/sbin/mkfs.ext4', 'e2fsprogs'],
  ['/usr/bin/qemu-system-aarch64', 'qemu-system-arm'],
  ['/usr/bin/aarch64-linux-gnu-g++', 'g++-aarch64-linux-gnu'],
  ['/usr/bin/fdtput', 'device-tree-compiler'],
  ['/usr/bin/make', 'make'],
  ['/usr/bin/python3', 'python3'],
  ['/usr/share/consolefonts/Uni2-Terminus24x12.psf.gz', 'console-setup-linux']
]

interface Tally {
  passed: number
  failed: number
  skipped: number
}

const [kind = 'unit', wanted = ''] = process.argv.slice(2)
const tally: Tally = { passed: 0, failed: 0, skipped: 0 }
if (kind === 'system') installPackages()
for (const pattern of patterns(kind, wanted)) add(tally, await runPattern(pattern))
if (kind === 'unit' && wanted === '') {
  add(tally, runBiome())
  console.log('Left out: the tests against real programs. Run them with: npm run test:system')
}
console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`)
process.exitCode = tally.failed > 0 ? 1 : 0

/** Unit tests share a process; a system test gets its own, for it may take the machine apart. */
function patterns(kind: string, wanted: string): string[] {
  if (kind === 'unit') return [`^(?!system|bench).*(?:${wanted}).*\\.test\\.js$`]
  return readdirSync('dist/test/system')
    .filter(name => name.endsWith('.test.js') && name.includes(wanted))
    .map(name => `^system/${name.replaceAll('.', '\\.')}$`)
}

async function runPattern(pattern: string): Promise<Tally> {
  const msMax = kind === 'unit' ? UNIT_MS_MAX : SYSTEM_MS_MAX
  const child = spawn(process.execPath, ['node_modules/uvu/bin.js', 'dist/test', pattern], {
    env: { ...process.env, RUN_MS_MAX: String(msMax) },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    process.stdout.write(text)
    if (text.includes('Duration:')) setTimeout(() => child.kill(), LEAVE_MS_MAX).unref()
  })
  const code = await new Promise<number>(settle => child.on('close', status => settle(status ?? 1)))
  return tallyOf(output, code)
}

/** uvu's own words, without its colours; a run that ends early counts as a failure. */
function tallyOf(output: string, code: number): Tally {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours start with an escape
  const plain = output.replace(/\u001b\[\d+m/g, '')
  const count = (word: string) => Number(new RegExp(`${word}:\\s+(\\d+)`).exec(plain)?.[1] ?? 0)
  const passed = count('Passed')
  const missed = count('Total') - passed - count('Skipped')
  const skipped = count('Skipped') + plain.split('left out:').length - 1
  return { passed, failed: Math.max(missed, code === 0 ? 0 : 1), skipped }
}

function runBiome(): Tally {
  const { status } = spawnSync('node_modules/.bin/biome', ['check', '.'], { stdio: 'inherit' })
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

function installPackages(): void {
  const missing = PACKAGES.filter(([path]) => !existsSync(path)).map(([, name]) => name)
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.log(`These Debian packages are missing: ${missing.join(' ')}`)
    return
  }
  console.log(`Installing ${missing.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'inherit' })
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...missing]
  spawnSync('apt-get', install, { env, stdio: ['ignore', 'ignore', 'inherit'] })
}

function add(sum: Tally, more: Tally): void {
  sum.passed += more.passed
  sum.failed += more.failed
  sum.skipped += more.skipped
}
