import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

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
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
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
  const folder = await open(dirname(path), 'r')
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
