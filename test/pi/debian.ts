import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { writeArchive } from './archive.ts'

const execute = promisify(execFile)

/** Debian 13 for arm64 as a Raspberry Pi has it: its own kernel, its own Node. */
export interface Debian {
  readonly kernel: string
  /** The programs and their libraries, as an archive that the kernel unpacks at its start. */
  readonly archive: string
}

const SUITE = 'trixie'
const KERNEL = 'linux-image-arm64'
const PROGRAMS = ['nodejs', 'busybox-static', 'gpiod']
/** Knows the keys of Debian 13 too; a package that is not signed with them is refused by apt. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
const APT_MS_MAX = 180_000
/** A quarter of it all, and nothing that a stall reads. */
const LEFT_OUT = /^usr\/(share\/(doc|man|locale)|lib\/[^/]+\/gconv|share\/nodejs\/@types)$/

/** What is missing to fetch it, or false. Reads anew what the mirror has, where there is a way. */
export async function whatDebianNeeds(folder: string): Promise<string | false> {
  for (const path of ['/usr/bin/apt-get', '/usr/bin/dpkg-deb', KEYRING]) {
    if (!existsSync(path)) return path
  }
  const mirror = await findMirror()
  if (mirror === undefined) return "a mirror of Debian in apt's sources"
  await writeSettings(folder, mirror)
  try {
    await apt(folder, 'apt-get', ['update'])
    // Without a way to the mirror apt goes on with what it read last; there may be nothing.
    await apt(folder, 'apt-cache', ['depends', KERNEL])
    return false
  } catch (error) {
    return `${SUITE} from the mirror of this machine's apt (${error})`
  }
}

/**
 * Fetches Debian's packages into a folder, unless what lies there is of the same versions. Nothing
 * of theirs is run, and this machine's own apt is only asked for its mirror.
 */
export async function fetchDebian(folder: string): Promise<Debian> {
  const depends = await apt(folder, 'apt-cache', ['depends', KERNEL])
  const kernel = /Depends: (\S+)/.exec(depends)?.[1] ?? KERNEL
  const programs = ['install', '-y', '--no-install-recommends', ...PROGRAMS]
  const wanted = [
    await apt(folder, 'apt-get', ['--print-uris', ...programs]),
    await apt(folder, 'apt-get', ['--print-uris', 'download', kernel])
  ]
  const mark = createHash('sha256').update(wanted.join('')).digest('hex').slice(0, 16)
  const home = join(folder, `debian-${mark}`)
  const debian = { kernel: join(home, 'vmlinuz'), archive: join(home, 'root.cpio') }
  if (existsSync(home)) return debian
  for (const old of await readdir(folder)) {
    if (old.startsWith('debian-')) await rm(join(folder, old), { recursive: true })
  }
  console.log(`Fetching Debian's ${PROGRAMS.join(', ')} and ${kernel} for arm64`)
  const packages = join(folder, 'cache/archives')
  // Of an earlier run that was ended before it was done.
  await apt(folder, 'apt-get', ['clean'])
  await apt(folder, 'apt-get', ['--download-only', ...programs])
  await apt(folder, 'apt-get', ['download', kernel], packages)
  const fresh = await mkdtemp(join(folder, 'debian-'))
  await unpack(packages, fresh)
  await rename(fresh, home)
  await apt(folder, 'apt-get', ['clean'])
  return debian
}

/** An apt of its own: another release and processor, other folders, the same mirror. */
async function writeSettings(folder: string, mirror: string): Promise<void> {
  for (const each of ['state/lists/partial', 'cache/archives/partial']) {
    await mkdir(join(folder, each), { recursive: true })
  }
  const source = `deb [arch=arm64 signed-by=${KEYRING}] ${mirror} ${SUITE} main\n`
  await writeFile(join(folder, 'sources.list'), source)
  await writeFile(join(folder, 'status'), '')
  await writeFile(
    join(folder, 'apt.conf'),
    `APT::Architecture "arm64";
APT::Architectures "arm64";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
Dir::State "${join(folder, 'state')}";
Dir::State::status "${join(folder, 'status')}";
Dir::Cache "${join(folder, 'cache')}";
Dir::Etc::sourcelist "${join(folder, 'sources.list')}";
Dir::Etc::sourceparts "-";
`
  )
}

async function apt(
  folder: string,
  program: string,
  args: readonly string[],
  cwd = folder
): Promise<string> {
  const env = { ...process.env, APT_CONFIG: join(folder, 'apt.conf'), LC_ALL: 'C' }
  const options = { env, cwd, timeout: APT_MS_MAX, maxBuffer: 1 << 24 }
  return (await execute(program, ['-q', ...args], options)).stdout
}

/** Debian's archive proper is the one whose suite has no dash: no -security, no -updates. */
async function findMirror(): Promise<string | undefined> {
  const format = ['--format', '$(REPO_URI) $(RELEASE)', 'Created-By: Packages']
  const { stdout } = await execute('apt-get', ['indextargets', ...format])
  return /^(\S+) [a-z]+$/m.exec(stdout)?.[1]
}

async function unpack(packages: string, into: string): Promise<void> {
  const root = join(into, 'root')
  for (const each of (await readdir(packages)).filter(name => name.endsWith('.deb'))) {
    const path = join(packages, each)
    if (!each.startsWith('linux-image-')) await execute('dpkg-deb', ['-x', path, root])
    else await unpackKernel(path, join(into, 'vmlinuz'))
  }
  await writeArchive(join(into, 'root.cpio'), [
    // Programs look for their loader in /lib, where no package has put anything for years.
    ...['bin', 'lib', 'sbin'].map(path => ({ path, link: `usr/${path}` })),
    ...['dev', 'proc', 'sys', 'tmp', 'run', 'root'].map(folder => ({ folder })),
    { path: '', from: root, isLeftOut: path => LEFT_OUT.test(path) }
  ])
  await rm(root, { recursive: true })
}

/** Only the kernel itself: all that is needed for this board is built into it. */
async function unpackKernel(path: string, into: string): Promise<void> {
  const pipe = `dpkg-deb --fsys-tarfile "$1" | tar -xO --wildcards './boot/vmlinuz-*' > "$2"`
  await execute('sh', ['-ec', pipe, 'sh', path, into])
}
