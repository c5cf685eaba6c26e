import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SOURCE = fileURLToPath(new URL('../../../test/gpio/gpiosim.c', import.meta.url))

/** Chips of a preloaded program, as `gpiosim.c` has them. */
export interface Gpiosim {
  readonly chips: Readonly<Record<string, { readonly label: string; readonly lines: number }>>
  /** Where `gpiochip0` is; in a test's folder, so that a program that looks finds its name. */
  readonly root: string
  /** A socket for `holdWires`. */
  readonly control: string
}

/** What makes the environment of a program one in which there are chips. */
export async function preloadGpiosim(
  dir: string,
  { chips, root, control }: Gpiosim
): Promise<Record<string, string>> {
  const library = join(dir, 'gpiosim.so')
  const flags = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror']
  await promisify(execFile)('gcc', [...flags, '-o', library, SOURCE, '-ldl', '-lpthread'])
  const listed = Object.entries(chips).map(
    ([name, { label, lines }]) => `${name}=${label}:${lines}`
  )
  if (root !== '/dev') {
    for (const name of Object.keys(chips)) await writeFile(join(root, name), '')
  }
  return {
    LD_PRELOAD: library,
    GPIOSIM_CHIPS: listed.join(','),
    GPIOSIM_ROOT: root,
    GPIOSIM_CONTROL: control
  }
}

/** Hands on the wires of a preloaded program. Each call settles when it is done. */
export interface Wires {
  readonly set: (chip: string, line: number, isHigh: boolean) => Promise<void>
  readonly isHigh: (chip: string, line: number) => Promise<boolean>
  /** Begins a burst; the next call waits until it is over. */
  readonly burst: (
    wire: { readonly chip: string; readonly line: number },
    changes: { readonly count: number; readonly gapUs: number }
  ) => Promise<void>
  /** Edges that left full rings unread, of all requests. */
  readonly dropped: () => Promise<number>
  readonly setPlugged: (chip: string, isPlugged: boolean) => Promise<void>
  readonly close: () => void
}

/** The socket is there from when the program first opened a chip. */
export async function holdWires(control: string): Promise<Wires> {
  const socket = createConnection(control)
  await once(socket, 'connect')
  const waiting: ((answer: string) => void)[] = []
  createInterface({ input: socket }).on('line', answer => waiting.shift()?.(answer))
  const ask = (command: string): Promise<string> =>
    new Promise(resolve => {
      waiting.push(resolve)
      socket.write(`${command}\n`)
    })
  const order = async (command: string) => {
    const answer = await ask(command)
    if (answer !== 'ok') throw new Error(`${command}: ${answer}`)
  }
  return {
    set: (chip, line, isHigh) => order(`set ${chip} ${line} ${isHigh ? 1 : 0}`),
    isHigh: async (chip, line) => (await ask(`get ${chip} ${line}`)) === '1',
    burst: ({ chip, line }, { count, gapUs }) => order(`burst ${chip} ${line} ${count} ${gapUs}`),
    dropped: async () => Number(await ask('dropped')),
    setPlugged: (chip, isPlugged) => order(`${isPlugged ? 'plug' : 'unplug'} ${chip}`),
    close: () => socket.destroy()
  }
}
