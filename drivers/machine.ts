import { constants } from 'node:fs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { Fault } from '../node/core/ports.ts'
import type { CharacterDevices, Files, Gpio, Host, SerialPorts } from './host.ts'
import { startTimer } from './timer.ts'

/** This machine. What a driver does not touch is never loaded. */
export function openMachine({ readClocks }: Pick<Host, 'readClocks'>): Host {
  return { gpio: gpioWhenAsked(), serial, characters, files: openFiles(), startTimer, readClocks }
}

/** One for all devices, for the backend over sysfs alone knows which lines are theirs. */
function gpioWhenAsked(): Gpio {
  let opened: Promise<Gpio> | undefined
  const open = (): Promise<Gpio> => {
    opened ??= import('./gpio/open.ts').then(({ openGpio }) => openGpio())
    return opened
  }
  return {
    watch: async (request, listener) => (await open()).watch(request, listener),
    drive: async request => (await open()).drive(request)
  }
}

const serial: SerialPorts = {
  open: async (settings, listener) =>
    (await import('./serial/port.ts')).serialPorts.open(settings, listener)
}

const characters: CharacterDevices = {
  open: async (settings, listener) =>
    (await import('./native/characters.ts')).openCharacters().open(settings, listener)
}

/** A page of memory: what the kernel gives of such a file at most. */
const FILE_BYTES_MAX = 4_096

/** A wrong name in stall.toml is a fault, never a new file. */
const WITHOUT_MAKING = constants.O_WRONLY | constants.O_TRUNC

/**
 * A file on a bus that hangs keeps the thread that reads it. The process has four for all files,
 * and a sale needs one of them, so devices never have more than two, however many of them hang.
 */
const THREADS_MAX = 2
const WAITING_MAX = 64

function openFiles(): Files {
  const pass = turnstile({ max: THREADS_MAX, waitingMax: WAITING_MAX })
  return {
    read: path =>
      pass(
        async () => {
          const bytes = await readFile(path).catch(() => undefined)
          return bytes?.subarray(0, FILE_BYTES_MAX).toString()
        },
        () => undefined
      ),
    list: path =>
      pass<readonly string[]>(
        async () => (await readdir(path).catch(() => [])).toSorted(),
        () => []
      ),
    changedAt: path =>
      pass(
        async () => (await stat(path).catch(() => undefined))?.mtimeMs,
        () => undefined
      ),
    write: (path, text) =>
      pass(
        () =>
          writeFile(path, text, { flag: WITHOUT_MAKING }).catch(error => {
            throw unwritten(path, error)
          }),
        () => {
          throw filesHang(path)
        }
      )
  }
}

/** Lets so many in at once, and so many wait; to all others `turnAway` is said. */
function turnstile({ max, waitingMax }: { readonly max: number; readonly waitingMax: number }) {
  let inside = 0
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>, turnAway: () => T): Promise<T> => {
    if (inside < max) inside += 1
    else if (waiting.length >= waitingMax) return turnAway()
    else await new Promise<void>(enter => waiting.push(enter))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else inside -= 1
    }
  }
}

const unwritten = (path: string, { code, message }: NodeJS.ErrnoException): Fault =>
  new Fault({
    code: code === 'ENOENT' ? 'device-absent' : 'no-permission',
    message: `${path} cannot be written: ${message}.`,
    fix: 'Check the name in stall.toml, and that the stall may write there.',
    isRetryable: true
  })

const filesHang = (path: string): Fault =>
  new Fault({
    code: 'device-stuck',
    message: `${path} is not written: other devices hang.`,
    fix: 'Start the computer anew. If it goes on, unplug one device after the other.',
    isRetryable: true
  })
