import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const SOURCE = fileURLToPath(new URL('../../../test/gpio/sysfsgpio.c', import.meta.url))

/** What is missing here to put a folder in the place of the kernel's, or false. */
export const whatSysfsgpioNeeds = (): string | false =>
  process.getuid?.() === 0
    ? (['/usr/bin/gcc', '/usr/bin/pkg-config', '/usr/include/fuse3/fuse.h', '/dev/fuse'].find(
        path => !existsSync(path)
      ) ?? false)
    : 'root'

export async function buildSysfsgpio(program: string): Promise<void> {
  const { stdout } = await run('pkg-config', ['--cflags', '--libs', 'fuse3'])
  const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, SOURCE]
  await run('gcc', [...flags, ...stdout.trim().split(/\s+/), '-lpthread'])
}

export interface SysfsChip {
  readonly set: (line: number, isHigh: boolean) => Promise<void>
  readonly isHigh: (line: number) => Promise<boolean>
  readonly unplug: () => Promise<void>
  readonly close: () => Promise<void>
}

export async function openSysfsChip(options: {
  readonly program: string
  readonly root: string
  readonly base: number
  readonly lines: number
  readonly label: string
}): Promise<SysfsChip> {
  const { program, root, base, lines, label } = options
  const child = spawn(program, [root, String(base), String(lines), label], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const waiting: ((answer: string) => void)[] = []
  const answer = () => new Promise<string>(resolve => waiting.push(resolve))
  createInterface({ input: child.stdout }).on('line', line => waiting.shift()?.(line))
  await answer()
  const ask = (command: string): Promise<string> => {
    child.stdin.write(`${command}\n`)
    return answer()
  }
  return {
    set: async (line, isHigh) => void (await ask(`set ${line} ${isHigh ? 1 : 0}`)),
    isHigh: async line => (await ask(`get ${line}`)) === '1',
    unplug: async () => void (await ask('unplug')),
    close: async () => {
      child.stdin.end()
      await once(child, 'exit')
    }
  }
}
