import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const STALL = fileURLToPath(new URL('../../bin/stall.js', import.meta.url))

/** A folder with a configuration in it, and free ports for it. */
export interface StallFolder {
  readonly dir: string
  readonly config: string
  readonly data: string
  readonly port: number
}

export interface StallProcess {
  readonly url: string
  readonly child: ChildProcess
  readonly output: () => string
  /** Settles with the exit code, or the signal it died of. */
  readonly ended: Promise<number | string>
}

/** `more` is TOML that follows the tables every test stall has. */
export async function stallFolder(more: string): Promise<StallFolder> {
  const dir = mkdtempSync(join(tmpdir(), 'stall-'))
  const [port, mqtt] = [await freePort(), await freePort()]
  const config = join(dir, 'stall.toml')
  writeFileSync(
    config,
    `[stall]
id = "12"
name = "Mei's Bao"
vendor = "Mei Lin"
[market]
name = "Alley Night Market"
currency = "EUR"
timezone = "Europe/Berlin"
[[tax]]
class = "food"
name = "VAT 7 %"
rate = "7"
inclusive = true
[till]
port = ${port}
[broker]
port = ${mqtt}
[[item]]
sku = "bao"
name = "Char siu bao"
price = "6.50"
tax = "food"
stock = 100000
${more}
`
  )
  return { dir, config, data: join(dir, 'data'), port }
}

/** Starts a stall as a technician would, and waits until it says that it is open. */
export async function startStall(
  { config, data, port, dir }: StallFolder,
  env: NodeJS.ProcessEnv = {}
): Promise<StallProcess> {
  const child = spawn(process.execPath, [STALL, 'run', '--config', config, '--data', data], {
    env: { ...process.env, XDG_RUNTIME_DIR: join(dir, 'run'), ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  const ended = new Promise<number | string>(settle =>
    child.on('close', (code, signal) => settle(code ?? signal ?? 'gone'))
  )
  const isOpen = new Promise<void>(settle => {
    const listen = (text: string) => {
      output += text
      if (output.includes('is open.')) settle()
    }
    child.stdout?.setEncoding('utf8').on('data', listen)
    child.stderr?.setEncoding('utf8').on('data', listen)
  })
  const first = await Promise.race([isOpen, ended])
  if (first !== undefined) throw new Error(`The stall ended with ${first}:\n${output}`)
  return { url: `http://127.0.0.1:${port}`, child, output: () => output, ended }
}

/** Runs a command of `stall` to its end. */
export async function runStall(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {}
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [STALL, ...args], { env: { ...process.env, ...env } })
  const texts = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.stderr += text
  })
  const code = await new Promise<number>(settle => child.on('close', each => settle(each ?? -1)))
  return { code, ...texts }
}

const given = new Set<number>()

/** One that this process has not been given before: the kernel gives out a closed one again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    server.close()
    await once(server, 'close')
    if (address === null || typeof address === 'string') throw new Error('No port')
    if (given.has(address.port)) continue
    given.add(address.port)
    return address.port
  }
}
