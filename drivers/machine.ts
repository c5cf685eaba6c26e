import { constants } from 'node:fs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { Fault } from '../node/core/ports.ts'
import type { CharacterDevices, Files, Gpio, Host, SerialPorts } from './host.ts'
import { startTimer } from './timer.ts'

/** This machine. What a driver does not touch is never loaded. */
export function openMachine({ readClocks }: Pick<Host, 'readClocks'>): Host {
  return { gpio: gpioWhenAsked(), serial, characters, files, startTimer, readClocks }
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

const files: Files = {
  read: async path => {
    const bytes = await readFile(path).catch(() => undefined)
    return bytes?.subarray(0, FILE_BYTES_MAX).toString()
  },
  list: async path => (await readdir(path).catch(() => [])).toSorted(),
  changedAt: async path => (await stat(path).catch(() => undefined))?.mtimeMs,
  write: async (path, text) => {
    await writeFile(path, text, { flag: WITHOUT_MAKING }).catch(error => {
      throw new Fault({
        code: error.code === 'ENOENT' ? 'device-absent' : 'no-permission',
        message: `${path} cannot be written: ${error.message}.`,
        fix: 'Check the name in stall.toml, and that the stall may write there.',
        isRetryable: true
      })
    })
  }
}
