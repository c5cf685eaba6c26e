import { createWriteStream } from 'node:fs'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What goes into an archive. Paths are relative; owners become root. */
export type Part =
  | { readonly folder: string }
  | { readonly path: string; readonly link: string }
  | { readonly path: string; readonly text: string; readonly isProgram?: boolean }
  /** A file, or a folder with all that is in it. */
  | {
      readonly path: string
      readonly from: string
      readonly isLeftOut?: (path: string) => boolean
    }

interface Member {
  readonly path: string
  readonly mode: number
  readonly bytes: Uint8Array
}

const S_IFDIR = 0o040000
const S_IFREG = 0o100000
const S_IFLNK = 0o120000

/**
 * Writes a cpio archive as the kernel unpacks it into memory at its start (its document
 * driver-api/early-userspace/buffer-format). Such archives may simply follow each other in a file,
 * so that what seldom changes is written once.
 */
export const writeArchive = (file: string, parts: readonly Part[], flags = 'w'): Promise<void> =>
  pipeline(Readable.from(archive(parts)), createWriteStream(file, { flags }))

async function* archive(parts: readonly Part[]): AsyncGenerator<Buffer> {
  const made = new Set(['.'])
  let inode = 1
  for (const part of parts) {
    for await (const member of members(part)) {
      for (const path of foldersAbove(member.path)) {
        if (!made.has(path)) yield encode(folder(path), inode++)
        made.add(path)
      }
      yield encode(member, inode++)
    }
  }
  yield encode({ path: 'TRAILER!!!', mode: 0, bytes: Buffer.alloc(0) }, 0)
}

/** The kernel makes none by itself. */
const foldersAbove = (path: string): string[] => {
  const above = dirname(path)
  return above === '.' ? [] : [...foldersAbove(above), above]
}

const folder = (path: string): Member => ({
  path,
  mode: S_IFDIR | 0o755,
  bytes: Buffer.alloc(0)
})

async function* members(part: Part): AsyncGenerator<Member> {
  if ('folder' in part) {
    yield folder(part.folder)
  } else if ('link' in part) {
    yield { path: part.path, mode: S_IFLNK | 0o777, bytes: Buffer.from(part.link) }
  } else if ('text' in part) {
    const mode = S_IFREG | (part.isProgram ? 0o755 : 0o644)
    yield { path: part.path, mode, bytes: Buffer.from(part.text) }
  } else {
    yield* walk(part.from, part.path, part.isLeftOut ?? (() => false))
  }
}

async function* walk(
  from: string,
  path: string,
  isLeftOut: (path: string) => boolean
): AsyncGenerator<Member> {
  if (isLeftOut(path)) return
  const { mode } = await lstat(from)
  const kind = mode & 0o170000
  if (kind === S_IFLNK) yield { path, mode, bytes: Buffer.from(await readlink(from)) }
  if (kind === S_IFREG) yield { path, mode, bytes: await readFile(from) }
  if (kind !== S_IFDIR) return
  if (path !== '') yield folder(path)
  for (const name of (await readdir(from)).toSorted()) {
    yield* walk(join(from, name), join(path, name), isLeftOut)
  }
}

/** "newc": a magic and thirteen numbers in hex, the name, the bytes, each filled up to four. */
function encode({ path, mode, bytes }: Member, inode: number): Buffer {
  const name = Buffer.from(`${path}\0`)
  const [uid, gid, links, time, major, minor, check] = [0, 0, 1, 0, 0, 0, 0]
  const numbers = [inode, mode, uid, gid, links, time, bytes.length]
  const rest = [major, minor, major, minor, name.length, check]
  const hex = [...numbers, ...rest].map(each => each.toString(16).padStart(8, '0'))
  const header = Buffer.concat([Buffer.from(`070701${hex.join('')}`), name])
  return Buffer.concat([header, filling(header), bytes, filling(bytes)])
}

const filling = ({ length }: Uint8Array) => Buffer.alloc(-length & 3)
