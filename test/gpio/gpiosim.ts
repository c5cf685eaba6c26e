import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createConnection, Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { until } from '../wait.ts'

const SOURCE = fileURLToPath(new URL('../../../test/gpio/gpiosim.c', import.meta.url))

/** Chips of a preloaded program, as `gpiosim.c` has them. */
export interface Gpiosim {
  readonly chips: Readonly<Record<string, { readonly label: string; readonly lines: number }>>
  /** A socket for `holdWires`. */
  readonly control: string
  /** A file for `readOutputs`. */
  readonly log?: string
}

/** What makes the environment of a program one in which there are chips. */
export async function preloadGpiosim(
  dir: string,
  { chips, control, log }: Gpiosim
): Promise<Record<string, string>> {
  const library = join(dir, 'gpiosim.so')
  const flags = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror']
  await promisify(execFile)('gcc', [...flags, '-o', library, SOURCE, '-ldl', '-lpthread'])
  const listed = Object.entries(chips).map(
    ([name, { label, lines }]) => `${name}=${label}:${lines}`
  )
  return {
    LD_PRELOAD: library,
    GPIOSIM_CHIPS: listed.join(','),
    GPIOSIM_CONTROL: control,
    ...(log === undefined ? {} : { GPIOSIM_LOG: log })
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

/** Waits for the socket, which is there from when the program first opened a chip. */
export async function holdWires(control: string): Promise<Wires> {
  const sockets: Socket[] = []
  await until(async () => {
    sockets.push(...(await connect(control)))
    return sockets.length > 0
  })
  const [socket = new Socket()] = sockets
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

/** A connection, or none yet. */
async function connect(control: string): Promise<readonly Socket[]> {
  const socket = createConnection(control)
  return once(socket, 'connect').then(
    () => [socket],
    () => []
  )
}

/** The levels that an output had, one after the other, also of a program that has ended. */
export async function readOutputs(log: string, line: number): Promise<readonly number[]> {
  const levels: number[] = []
  for (const each of (await readFile(log, 'utf8')).trim().split('\n')) {
    const [, offset, level] = each.split(' ').map(Number)
    if (offset === line && level !== undefined && levels.at(-1) !== level) levels.push(level)
  }
  return levels
}
