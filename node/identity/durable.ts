import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/**
 * Replaces a file so that after a power cut either the old or the new one is there, whole:
 * open(path.new), write, fsync, rename(path.new, path), open(folder), fsync.
 */
export async function writeDurable(options: {
  readonly path: string
  readonly bytes: Uint8Array
  readonly mode: number
}): Promise<void> {
  const { path, bytes, mode } = options
  await makeFolder(dirname(path))
  const file = await open(`${path}.new`, 'w', mode)
  try {
    await file.writeFile(bytes)
    // A `.new` file that a crash left behind keeps the mode it was made with.
    await file.chmod(mode)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
  await syncFolder(dirname(path))
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

/** A new folder is durable when the one above it is flushed, for that holds its name. */
async function makeFolder(path: string): Promise<void> {
  const topmost = await mkdir(path, { recursive: true, mode: 0o700 })
  if (topmost === undefined) return
  for (let made = resolve(path); made !== dirname(resolve(topmost)); made = dirname(made)) {
    await syncFolder(dirname(made))
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
