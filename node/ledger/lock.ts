import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { Fault } from '../core/ports.ts'
import { makeFolder } from '../disk/replace.ts'
import { faultOf } from './fault.ts'

/** A data folder that nobody but this process writes in, until it lets go. */
export interface LockedFolder {
  readonly dir: string
  readonly release: () => Promise<void>
}

/**
 * Makes this process the only one that writes in a folder, and the folder if it is not there. The
 * lock is a socket in Linux's
 * abstract namespace (unix(7)), named after the folder's device and inode: taken in one step, and
 * let go by the kernel however the process ends, so that no `kill -9` leaves a stale lock file.
 * It holds on one machine and within one network namespace.
 *
 * Rejects with the `Fault`s 'folder-in-use', 'folder-unreachable' and 'disk-full'.
 */
export async function lockFolder(dir: string): Promise<LockedFolder> {
  await makeFolder(dir).catch(error => {
    throw unreachable(dir, error)
  })
  const { dev, ino } = await stat(dir)
  const server = createServer(socket => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => {
      const isTaken = 'code' in error && error.code === 'EADDRINUSE'
      reject(isTaken ? inUse(dir) : error)
    })
    server.listen({ path: `\0stallmesh-folder-${dev}-${ino}` }, resolve)
  })
  server.unref()
  return { dir, release: () => new Promise(resolve => server.close(() => resolve())) }
}

function unreachable(dir: string, error: unknown): Fault {
  const fault = faultOf(error)
  if (fault.code === 'disk-full') return fault
  return new Fault({
    code: 'folder-unreachable',
    message: `The stall cannot make its data folder ${dir} (${Object(error).code}).`,
    fix: 'See that the path is right and belongs to the user of the stall, or use another --data.',
    isRetryable: true
  })
}

const inUse = (dir: string): Fault =>
  new Fault({
    code: 'folder-in-use',
    message: `Another stall program is running on the data folder ${dir}.`,
    fix: 'Use that one, or stop it first. For a second stall, start with --data and a new folder.',
    isRetryable: true
  })
