import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * The number that a program of this folder prints, run in a process of its own: cold as after a
 * restart, and with nothing left open when it ends.
 */
export async function numberFrom(name: string, ...args: readonly string[]): Promise<number> {
  const program = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
  const { stdout } = await run(process.execPath, ['--expose-gc', program, ...args])
  return Number(stdout)
}
