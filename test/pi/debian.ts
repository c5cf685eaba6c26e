import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openApt, SUITE, whatAptNeeds } from '../apt.ts'
import { writeArchive } from './archive.ts'

const execute = promisify(execFile)

/** Debian 13 for arm64 as a Raspberry Pi has it: its own kernel, its own Node. */
export interface Debian {
  readonly kernel: string
  /** The programs and their libraries, as an archive that the kernel unpacks at its start. */
  readonly archive: string
}

const ARCHITECTURE = 'arm64'
const KERNEL = 'linux-image-arm64'
const PROGRAMS = ['nodejs', 'busybox-static', 'gpiod']
/** A quarter of it all, and nothing that a stall reads. */
const LEFT_OUT = /^usr\/(share\/(doc|man|locale)|lib\/[^/]+\/gconv|share\/nodejs\/@types)$/

/** What is missing to fetch it, or false. Reads anew what the mirror has, where there is a way. */
export async function whatDebianNeeds(folder: string): Promise<string | false> {
  const missing = whatAptNeeds()
  if (missing !== false) return missing
  try {
    const apt = await openApt({ folder, architecture: ARCHITECTURE })
    await apt.run('apt-get', ['update'])
    // Without a way to the mirror apt goes on with what it read last; there may be nothing.
    await apt.run('apt-cache', ['depends', KERNEL])
    return false
  } catch (error) {
    return `${SUITE} from the mirror of this machine's apt, which says: ${error}`
  }
}

/**
 * Fetches Debian's packages into a folder, unless what lies there is of the same versions. Nothing
 * of theirs is run, and this machine's own apt is only asked for its mirror.
 */
export async function fetchDebian(folder: string): Promise<Debian> {
  const apt = await openApt({ folder, architecture: ARCHITECTURE })
  const depends = await apt.run('apt-cache', ['depends', KERNEL])
  const kernel = /Depends: (\S+)/.exec(depends)?.[1] ?? KERNEL
  const programs = ['install', '-y', '--no-install-recommends', ...PROGRAMS]
  const wanted = [
    await apt.run('apt-get', ['--print-uris', ...programs]),
    await apt.run('apt-get', ['--print-uris', 'download', kernel])
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
  await apt.run('apt-get', ['clean'])
  await apt.run('apt-get', ['--download-only', ...programs])
  await apt.run('apt-get', ['download', kernel], packages)
  const fresh = await mkdtemp(join(folder, 'debian-'))
  await unpack(packages, fresh)
  await rename(fresh, home)
  await apt.run('apt-get', ['clean'])
  return debian
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
