import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/**
 * Puts a whole file in place so that a power cut leaves either the old one or the new one:
 *
 *     mkdir(dir) fsync(the folders above it)                  if it is not there
 *     openat(path.new, O_CREAT|O_TRUNC) write… fchmod fsync close
 *     rename(path.new, path) fsync(dir)
 *
 * The parts are drawn one at a time, so a caller can build them in slices. Rejects with what the
 * system said; then the old file is there, and no half of the new one.
 */
export async function replaceFile(file: {
  readonly path: string
  readonly parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  /** Of the file itself; a folder that is made for it is its owner's alone. */
  readonly mode: number
}): Promise<void> {
  const { path, parts, mode } = file
  const fresh = `${path}.new`
  await makeFolder(dirname(path))
  const writer = await open(fresh, 'w', mode)
  try {
    for await (const part of parts) await writer.writeFile(part)
    // A `.new` file that a crash left behind keeps the mode it was made with.
    await writer.chmod(mode)
    await writer.sync()
  } catch (error) {
    // On a full disk, half a file must not take the room that the next sale needs.
    await rm(fresh, { force: true })
    throw error
  } finally {
    await writer.close()
  }
  await rename(fresh, path)
  await syncFolder(dirname(path))
}

/** A new folder is durable when the one above it is flushed, for that holds its name. */
export async function makeFolder(path: string): Promise<void> {
  const topmost = await mkdir(path, { recursive: true, mode: 0o700 })
  if (topmost === undefined) return
  for (let made = resolve(path); made !== dirname(resolve(topmost)); made = dirname(made)) {
    await syncFolder(dirname(made))
  }
}

/** A file's name is durable only when its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Undefined when there is no such file. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
