import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What `npm start` runs. */
const STALL = fileURLToPath(new URL('../../bin/stall.js', import.meta.url))
const RUN_MS_MAX = 120_000

/** A stall as its keeper starts it: the program itself, in a process of its own. */
export interface RunningStall {
  readonly url: string
  readonly pid: number
  /** Ends it as a power cut would, and gives the milliseconds of CPU that it took. */
  readonly kill: () => Promise<number>
}

export async function runStall(options: {
  readonly dir: string
  /** A fresh one is a fresh boot of the machine. */
  readonly runDir: string
  readonly config?: string
}): Promise<RunningStall> {
  const { dir, runDir, config } = options
  const program = runCounted(
    [STALL, 'run', '--data', dir, ...(config ? ['--config', config] : [])],
    { RUNTIME_DIRECTORY: runDir }
  )
  const pid = Number(await program.says(/^pid (\d+)$/m))
  const url = await program.says(/^ {2}Till +(http:\S+)\/$/m)
  const kill = () => {
    process.kill(pid, 'SIGKILL')
    return program.cpuMs
  }
  return { url, pid, kill }
}

/** The milliseconds of CPU that Node itself takes to start and end. */
export const emptyNode = (): Promise<number> => runCounted(['-e', '0'], {}).cpuMs

interface Counted {
  /** What the pattern's group finds in the program's words; rejects when it ends without them. */
  readonly says: (pattern: RegExp) => Promise<string>
  readonly cpuMs: Promise<number>
}

/** Runs Node below a shell, for only a parent is told what its child used (getrusage). */
function runCounted(args: readonly string[], env: NodeJS.ProcessEnv): Counted {
  const script = '"$@" & child=$!; echo "pid $child"; wait $child; times'
  const { stdout } = spawn('bash', ['-c', script, 'bash', process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
    timeout: RUN_MS_MAX
  })
  let words = ''
  stdout.setEncoding('utf8').on('data', (text: string) => {
    words += text
  })
  const closed = once(stdout, 'close')
  return {
    cpuMs: closed.then(() => cpuMsIn(words)),
    says: async pattern => {
      for (;;) {
        const found = pattern.exec(words)?.[1]
        if (found !== undefined) return found
        if (stdout.closed) throw new Error(`The program ended and only said: ${words}`)
        await Promise.race([once(stdout, 'data'), closed])
      }
    }
  }
}

/** The last line of a shell's `times`: what its children used, as `0m0.123s 0m0.045s`. */
function cpuMsIn(words: string): number {
  const [line = ''] = words.trim().split('\n').slice(-1)
  const spans = [...line.matchAll(/(\d+)m([\d.]+)s/g)]
  if (spans.length !== 2) throw new Error(`Not the output of times: ${line}`)
  return spans.reduce((ms, [, minutes, seconds]) => {
    return ms + Number(minutes) * 60_000 + Number(seconds) * 1_000
  }, 0)
}
