import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, lstatSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serialPorts } from '../../drivers/serial/port.ts'
import type { SerialWorld } from '../contract/serial.ts'
import { until } from '../wait.ts'

export const NEEDS_SOCAT = existsSync('/usr/bin/socat') ? false : 'socat'

/** A cable made of a pseudo-terminal. socat holds the device's end; killing it is unplugging. */
export async function ptyWorld(): Promise<SerialWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'stall-pty-'))
  const path = join(folder, 'port')
  let device: ChildProcess | undefined
  let written = Buffer.alloc(0)
  const plug = async () => {
    const socat = spawn('/usr/bin/socat', ['-', `pty,raw,echo=0,link=${path}`], {
      stdio: ['pipe', 'pipe', 'inherit']
    })
    socat.stdout.on('data', (bytes: Buffer) => {
      written = Buffer.concat([written, bytes])
    })
    // What was sent to a device that is pulled out is lost.
    socat.stdin.on('error', () => {})
    device = socat
    await until(() => existsSync(path))
  }
  const unplug = async () => {
    const socat = device
    device = undefined
    if (socat === undefined) return
    const isGone = new Promise(resolve => socat.once('exit', resolve))
    socat.kill('SIGKILL')
    await isGone
    // udev takes the name away; a killed socat leaves it.
    if (lstatSync(path, { throwIfNoEntry: false })) rmSync(path)
  }
  await plug()
  return {
    serial: serialPorts,
    path,
    send: bytes => void device?.stdin?.write(bytes),
    written: () => written,
    setPlugged: isPlugged => (isPlugged ? plug() : unplug()),
    setTaking: isTaking => void device?.kill(isTaking ? 'SIGCONT' : 'SIGSTOP'),
    close: async () => {
      await unplug()
      await rm(folder, { recursive: true })
    }
  }
}
