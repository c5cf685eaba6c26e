import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { access, mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { until } from '../wait.ts'

const run = promisify(execFile)

/** A disk with a file system on it, made of a file; `close` leaves nothing behind. */
export interface Disk {
  /** Where its ext4 is mounted. */
  readonly dir: string
  /** Its name under /sys/block, for `readTraffic`. */
  readonly device: string
  /** Where a program writes how far it got, to be noted between the writes. */
  readonly ackPath: string
  readonly close: () => Promise<void>
}

/** How slow the disk is. A memory card is about 2 ms a write + 0.1 ms a KiB, 2 ms a flush. */
export interface Delays {
  readonly writeUs: number
  readonly kibUs: number
  readonly flushUs: number
}

export const CARD: Delays = { writeUs: 2_000, kibUs: 100, flushUs: 2_000 }
const NONE: Delays = { writeUs: 0, kibUs: 0, flushUs: 0 }

/** What is missing here to mount such disks, or false. */
export async function whatDisksNeed(): Promise<string | false> {
  if (process.getuid?.() !== 0) return 'root'
  const isThere = (path: string) =>
    access(path).then(
      () => true,
      () => false
    )
  if (!(await isThere('/dev/fuse'))) return '/dev/fuse'
  const tools = ['gcc', 'pkg-config', 'mkfs.ext4', 'losetup', 'fusermount3']
  for (const tool of tools) {
    const found = await run('sh', ['-c', `command -v ${tool}`]).catch(() => undefined)
    if (!found) return tool
  }
  const library = await run('pkg-config', ['--exists', 'fuse3']).catch(() => undefined)
  return library ? false : 'libfuse3-dev'
}

/** A disk as slow as a memory card, for measuring what a stall would feel. Needs root. */
export async function mountDelayedDisk(
  options: { readonly sizeMiB?: number; readonly delays?: Delays } = {}
): Promise<Disk> {
  const work = await mkdtemp(join(tmpdir(), 'stall-card-'))
  const removeWork = () => rm(work, { recursive: true, force: true })
  try {
    const image = join(work, 'image')
    await formatImage(image, options.sizeMiB ?? 256)
    const disk = await mountRecorded({ work, image, delays: options.delays ?? CARD })
    return {
      ...disk,
      close: async () => {
        await disk.close()
        await removeWork()
      }
    }
  } catch (error) {
    await removeWork()
    throw error
  }
}

/** An empty ext4 of 4 KiB blocks in a file. */
export async function formatImage(path: string, sizeMiB: number): Promise<void> {
  const file = await open(path, 'w')
  await file.truncate(sizeMiB << 20)
  await file.close()
  await run('mkfs.ext4', ['-q', '-F', '-b', '4096', path])
}

/** Mounts an image through the recorder. `log` gets every write, flush and ack, in order. */
export async function mountRecorded(options: {
  readonly work: string
  readonly image: string
  readonly log?: string
  readonly delays?: Delays
}): Promise<Disk> {
  const { work, image, log = '-', delays = NONE } = options
  const program = await compileDisk()
  const folder = await mkdtemp(join(work, 'fuse-'))
  const { writeUs, kibUs, flushUs } = delays
  const numbers = [writeUs, kibUs, flushUs].map(String)
  const fuse = spawn(program, [image, log, ...numbers, folder], { stdio: 'inherit' })
  const ended = new Promise<void>(resolve => fuse.once('exit', () => resolve()))
  const stop = async () => {
    await run('fusermount3', ['-u', folder])
    await ended
  }
  await until(() => existsSync(join(folder, 'disk')), 10_000)
  try {
    const disk = await mountLoop({ work, image: join(folder, 'disk'), isDirect: true })
    const ackPath = join(folder, 'ack')
    return { ...disk, ackPath, close: () => disk.close().finally(stop) }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Mounts an image by itself, as after a reboot: the file system repairs itself by its journal. */
export async function mountLoop(options: {
  readonly work: string
  readonly image: string
  readonly isDirect?: boolean
}): Promise<Disk> {
  const { work, image, isDirect = false } = options
  const dir = await mkdtemp(join(work, 'mount-'))
  const direct = isDirect ? ['--direct-io=on'] : []
  const { stdout } = await run('losetup', ['--find', '--show', ...direct, image])
  const loop = stdout.trim()
  const detach = () => run('losetup', ['-d', loop])
  try {
    await run('mount', ['-o', 'noatime', loop, dir])
  } catch (error) {
    await detach()
    throw error
  }
  // A test that failed may hold files open still; a lazy unmount leaves nothing behind either.
  const close = () =>
    run('umount', [dir])
      .catch(() => run('umount', ['-l', dir]))
      .finally(detach)
      .then(() => undefined)
  return { dir, device: basename(loop), ackPath: '/dev/null', close }
}

/** What went to a disk so far, as the kernel counts it (Documentation/block/stat.rst). */
export async function readTraffic(device: string) {
  const text = await readFile(`/sys/block/${device}/stat`, 'utf8')
  const fields = text.trim().split(/\s+/).map(Number)
  return { writes: fields[4] ?? 0, bytes: (fields[6] ?? 0) * 512, flushes: fields[15] ?? 0 }
}

/** Compiles the recorder once for each state of its source. */
async function compileDisk(): Promise<string> {
  const source = fileURLToPath(new URL('../../../test/powercut/disk.c', import.meta.url))
  const mark = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 16)
  const folder = join(tmpdir(), `stall-disk-${process.getuid?.() ?? 0}`)
  const program = join(folder, mark)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (
    await access(program).then(
      () => true,
      () => false
    )
  )
    return program
  const { stdout } = await run('pkg-config', ['--cflags', '--libs', 'fuse3'])
  const fresh = `${program}.${process.pid}`
  const flags = stdout.trim().split(/\s+/)
  await run('gcc', ['-O2', '-Wall', '-Wextra', '-o', fresh, source, ...flags, '-lpthread'])
  await rename(fresh, program)
  return program
}
