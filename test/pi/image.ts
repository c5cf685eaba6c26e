import { execFile } from 'node:child_process'
import { constants, existsSync } from 'node:fs'
import { copyFile, cp, mkdtemp, readFile, realpath, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Part, writeArchive } from './archive.ts'
import { fetchDebian, whatDebianNeeds } from './debian.ts'

const execute = promisify(execFile)

/** What a machine starts from: a kernel, and all that it finds in its memory. */
export interface Image {
  readonly kernel: string
  readonly memory: string
  /** The device tree: what the board is made of. */
  readonly board: string
}

/** The processor of a Pi 4, with two of its cores and the memory of the smallest. */
export const MACHINE = ['-M', 'virt', '-cpu', 'cortex-a72', '-smp', '2', '-m', '1024']
/** The names of the chip's lines, as on a Pi's header. */
export const LINES = ['GPIO17', 'GPIO27', 'GPIO22', 'GPIO4', 'GPIO5', 'GPIO6', 'GPIO13', 'GPIO19']

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const CACHE = join(ROOT, 'node_modules/.cache/pi')
/** Where the stall lies in the machine, its folders as they are here. */
export const HOME = '/stall'
/** What uvu needs of the packages that are only for tests. */
const SUITE = /^node_modules\/(uvu|dequal|diff|kleur)$/
const COMPILE_MS_MAX = 120_000
const PROGRAMS = ['qemu-system-aarch64', 'aarch64-linux-gnu-g++', 'fdtput', 'setpriv']
/** It is optional, for it must be compiled. */
const EPOLL = join(ROOT, 'node_modules/epoll')

/** What is missing here to make such a machine, or false. */
export async function whatPiNeeds(): Promise<string | false> {
  if (process.platform !== 'linux') return 'Linux'
  const missing = PROGRAMS.find(name => !existsSync(`/usr/bin/${name}`))
  if (missing !== undefined) return missing
  return existsSync(EPOLL) ? whatDebianNeeds(CACHE) : 'the package epoll'
}

/** Debian as it is, this stall as it is built, and more; each name is an image of its own. */
export async function makeImage(name: string, more: readonly Part[] = []): Promise<Image> {
  const debian = await fetchDebian(CACHE)
  const epoll = await compileEpoll()
  const memory = join(CACHE, `${name}.cpio`)
  await copyFile(debian.archive, memory, constants.COPYFILE_FICLONE)
  const home = HOME.slice(1)
  await writeArchive(
    memory,
    [
      { path: 'init', text: INIT, isProgram: true },
      { path: `${home}/package.json`, from: join(ROOT, 'package.json') },
      { path: `${home}/dist`, from: join(ROOT, 'dist'), isLeftOut: isNotRun },
      { path: `${home}/drivers/native/prebuilds`, from: join(ROOT, 'drivers/native/prebuilds') },
      ...(await packages()).map(path => ({
        path: `${home}/${path}`,
        from: join(ROOT, path),
        // What npm compiled is for this machine's processor.
        isLeftOut: (each: string) => each.includes('/epoll/build')
      })),
      { path: `${home}/node_modules/epoll/build/Release/epoll.node`, from: epoll },
      ...more
    ],
    'a'
  )
  return { kernel: debian.kernel, memory, board: await nameLines() }
}

/** QEMU's own device tree, in which the lines of the chip have no names. */
async function nameLines(): Promise<string> {
  const board = join(CACHE, 'board.dtb')
  const [, kind, ...rest] = MACHINE
  await execute('qemu-system-aarch64', ['-M', `${kind},dumpdtb=${board}`, ...rest])
  await execute('fdtput', ['-t', 's', board, '/pl061@9030000', 'gpio-line-names', ...LINES])
  return board
}

/** The first process: what a person would have typed, then whatever comes over the serial line. */
const INIT = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
export PATH=/usr/bin:/usr/sbin HOME=/root
/bin/busybox --install -s /usr/bin
ip link set lo up
stty -echo
echo "started in $(cut -d' ' -f1 /proc/uptime) s"
while read -r line; do eval "$line"; done
`

/** Tests run here, except for the suites and programs that they start over there. */
const isNotRun = (path: string): boolean =>
  /\.(map|d\.ts|tsbuildinfo)$/.test(path) ||
  /\/dist\/(types|test\/(?!pi$|contract$|(harness|wait|fault)\.js$)[^/]+)$/.test(path)

/** What a stall needs to run, and a suite; what else builds and tests need stays here. */
async function packages(): Promise<string[]> {
  const lock: unknown = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'))
  const { packages } = lock as { packages: Record<string, { dev?: true; devOptional?: true }> }
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => SUITE.test(path) || !(dev || devOptional))
    .map(([path]) => path)
    .filter(path => path !== '' && !/@types|typescript/.test(path) && existsSync(join(ROOT, path)))
}

/** The addon of onoff, of which there are no prebuilds: compiled here, for there. */
async function compileEpoll(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(EPOLL, 'package.json'), 'utf8'))
  const home = join(CACHE, `epoll-${version}-${process.versions.modules}`)
  const addon = join(home, 'node_modules/epoll/build/Release/epoll.node')
  if (existsSync(addon)) return addon
  console.log(`Compiling epoll ${version} for arm64`)
  const fresh = await mkdtemp(`${home}-`)
  for (const name of ['epoll', 'nan']) {
    const isSource = (path: string) => !path.includes('/epoll/build')
    await cp(join(ROOT, 'node_modules', name), join(fresh, 'node_modules', name), {
      recursive: true,
      filter: isSource
    })
  }
  await execute(
    process.execPath,
    [
      join(ROOT, 'node_modules/node-gyp/bin/node-gyp.js'),
      'rebuild',
      '--arch=arm64',
      `--nodedir=${join(dirname(await realpath(process.execPath)), '..')}`
    ],
    {
      cwd: join(fresh, 'node_modules/epoll'),
      env: { ...process.env, CC: 'aarch64-linux-gnu-gcc', CXX: 'aarch64-linux-gnu-g++' },
      timeout: COMPILE_MS_MAX
    }
  )
  await rename(fresh, home)
  return addon
}
