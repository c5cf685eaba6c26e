import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCharacters } from '../../drivers/native/characters.ts'
import { serialTransport } from '../../drivers/printer/serial.ts'
import type { PrinterTransport } from '../../drivers/printer/transport.ts'
import { usbTransport } from '../../drivers/printer/usb.ts'
import { serialPorts } from '../../drivers/serial/port.ts'
import { printerContract } from '../contract/printer.ts'
import { type PrinterWorld, REAL_TIME } from '../contract/printer-world.ts'
import { serveDevice } from '../drivers/socket.ts'
import { comes } from '../wait.ts'
import { NEEDS_SOCAT } from './pty.ts'

const PORT = { baud: 38_400, dataBits: 8, parity: 'none', stopBits: 1 } as const

/** An answer comes through socat and a socket, which a busy machine lets wait for half a second. */
const HASTY_LIMITS = { ...REAL_TIME.hastyLimits, answerMs: 1_000, settleMs: 2_000 }

/**
 * The simulated printer behind a pseudo-terminal: socat carries the bytes from its socket, and
 * ends when it is pulled out.
 */
function ptyWorld(openAt: (path: string) => PrinterTransport): PrinterWorld {
  const closers: (() => Promise<unknown>)[] = []
  let plug = async () => {}
  return {
    ...REAL_TIME,
    hastyLimits: HASTY_LIMITS,
    reach: async device => {
      const server = await serveDevice(device)
      const folder = await mkdtemp(join(tmpdir(), 'stall-printer-'))
      const path = join(folder, 'printer')
      let plugged: Plugged | undefined
      plug = async () => {
        await plugged?.isGone
        plugged = await plugIn(path, server.port)
      }
      await plug()
      closers.push(
        () => rm(folder, { recursive: true }),
        async () => plugged?.isGone,
        server.close
      )
      return openAt(path)
    },
    isBack: () => plug(),
    close: async () => {
      for (const close of closers.toReversed()) await close()
    }
  }
}

interface Plugged {
  readonly isGone: Promise<void>
}

async function plugIn(path: string, port: number): Promise<Plugged> {
  const socat = spawn(
    '/usr/bin/socat',
    ['-t0', `pty,raw,echo=0,link=${path}`, `tcp:127.0.0.1:${port},nodelay`],
    { stdio: 'ignore' }
  )
  let isGone = false
  let held: FileHandle | undefined
  const gone = exitOf(socat).then(async () => {
    isGone = true
    await held?.close()
    rmSync(path, { force: true })
  })
  await comes(() => isGone || existsSync(path))
  // A port stays while nobody has it open; a pty ends with its last reader, so here is one.
  held = await open(path, 'r+').catch(() => undefined)
  if (isGone) await held?.close()
  return { isGone: gone }
}

const exitOf = (child: ChildProcess) =>
  new Promise<void>(resolve => child.once('exit', () => resolve()))

const serialAt = (path: string) => serialTransport({ serial: serialPorts }, { ...PORT, path })
const usbAt = (path: string) => usbTransport({ characters: openCharacters() }, path)

printerContract('at a serial port of the machine', () => ptyWorld(serialAt), NEEDS_SOCAT)
printerContract('at a character device of the machine', () => ptyWorld(usbAt), NEEDS_SOCAT)
