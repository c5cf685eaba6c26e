import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { Fault } from '../core/ports.ts'

/**
 * Makes this process the only one that writes in a folder. The lock is a socket in Linux's
 * abstract namespace (unix(7)), named after the folder's device and inode: taken in one step, and
 * let go by the kernel however the process ends, so that no `kill -9` leaves a stale lock file.
 * It holds on one machine and within one network namespace.
 *
 * Gives the function that lets go. Rejects with the `Fault` 'folder-in-use'.
 */
export async function lockFolder(dir: string): Promise<() => Promise<void>> {
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
  return () => new Promise(resolve => server.close(() => resolve()))
}

const inUse = (dir: string): Fault =>
  new Fault({
    code: 'folder-in-use',
    message: `Another stall program is running on the data folder ${dir}.`,
    fix: 'Use that one, or stop it first. For a second stall, start with --data and a new folder.',
    isRetryable: true
  })
