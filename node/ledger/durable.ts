import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Fault } from '../core/ports.ts'

/**
 * Puts a whole file in place so that a power cut leaves either the old one or the new one:
 *
 *     openat(path.new, O_CREAT|O_TRUNC) write… fsync close rename(path.new, path) fsync(dir)
 *
 * The parts are drawn one at a time, so a caller can build them in slices.
 */
export async function replaceFile(
  path: string,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
): Promise<void> {
  const fresh = `${path}.new`
  const file = await open(fresh, 'w', 0o600)
  try {
    for await (const part of parts) await file.writeFile(part)
    await file.sync()
  } catch (error) {
    // On a full disk, half a file must not take the room that the next sale needs.
    await rm(fresh, { force: true })
    throw error
  } finally {
    await file.close()
  }
  await rename(fresh, path)
  await syncDir(dirname(path))
}

/** A file's name is durable only when its folder is. */
export async function syncDir(path: string): Promise<void> {
  const dir = await open(path, 'r')
  try {
    await dir.sync()
  } finally {
    await dir.close()
  }
}

/** What the disk said, in words for the keeper; what the disk did not say is a bug and thrown. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error
  if (error instanceof Error && 'code' in error) return diskFault(String(error.code))
  throw error
}

export function diskFault(code: string): Fault {
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Fault({
      code: 'disk-full',
      message: 'The disk is full.',
      fix: 'Nothing can be booked until some space on the card is free; then try once more.',
      isRetryable: true
    })
  }
  return new Fault({
    code: 'disk-failed',
    message: `The disk did not take a write (${code}).`,
    fix: 'Try once more. If it happens again, replace the card soon: it may be worn out.',
    isRetryable: true
  })
}
