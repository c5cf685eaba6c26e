import { constants } from 'node:fs'
import { constants as os } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { Fault } from '../../node/core/ports.ts'
import type { CharacterDevices, CharacterSettings } from '../host.ts'
import { type Line, type LineListener, UNSENT_BYTES_MAX } from '../line.ts'
import { startTimer } from '../timer.ts'
import { type Fdio, loadFdio, READABLE, WRITABLE, watchReadable } from './load.ts'

/** The machine's character devices. Nothing here waits for one, not even the process's end. */
export const openCharacters = (options: { readonly load?: () => Fdio } = {}): CharacterDevices => ({
  open: async (settings, listener) =>
    openLine({ fdio: (options.load ?? loadFdio)(), settings, listener })
})

/** linux/input.h: what the device sends goes to this descriptor alone. */
const EVIOCGRAB = 0x40044590
const READ_BYTES_MAX = 4_096
/** A device that never stops sending has its next turn after everybody else. */
const READS_A_TURN_MAX = 16
/** Some printers send empty packets all the time, and usblp gives them out. */
const EMPTY_PAUSE_MS = 50
const { EAGAIN } = os.errno

interface Opened {
  readonly fdio: Fdio
  readonly fd: number
  readonly path: string
  readonly listener: LineListener
}

function openLine(options: {
  readonly fdio: Fdio
  readonly settings: CharacterSettings
  readonly listener: LineListener
}): Line {
  const { fdio, listener } = options
  const { path, access, isGrabbed } = options.settings
  const fd = fdio.open(path, access === 'read' ? constants.O_RDONLY : constants.O_RDWR)
  if (fd < 0) throw faultOf(path, fd)
  const grabbed = isGrabbed ? fdio.ioctlInt(fd, EVIOCGRAB, 1) : 0
  if (grabbed < 0) {
    fdio.close(fd)
    throw faultOf(path, grabbed)
  }
  return runLine({ fdio, fd, path, listener })
}

function runLine(opened: Opened): Line {
  const { fdio, fd, path, listener } = opened
  const buffer = new Uint8Array(READ_BYTES_MAX)
  const unsent: Parcel[] = []
  let isOpen = true
  let stopPause: (() => void) | undefined
  const close = () => {
    if (!isOpen) return
    isOpen = false
    stopPause?.()
    fdio.unwatch(watcher)
    fdio.close(fd)
    for (const { reject } of unsent.splice(0)) reject(lineFault(path, 'line-broken'))
    listener.onClose()
  }
  const rearm = () => {
    if (!isOpen) return
    const events = (stopPause ? 0 : READABLE) | (unsent.length > 0 ? WRITABLE : 0)
    if (fdio.rearm(watcher, events) < 0) close()
  }
  const receive = () => {
    for (let reads = 0; isOpen && reads < READS_A_TURN_MAX; reads++) {
      const count = fdio.read(fd, buffer)
      if (count === -EAGAIN) return
      if (count < 0 || (count === 0 && fdio.isHungUp(fd))) return close()
      if (count === 0) {
        stopPause = startTimer(EMPTY_PAUSE_MS, () => {
          stopPause = undefined
          rearm()
        })
        return rearm()
      }
      listener.onBytes(buffer.slice(0, count))
    }
  }
  const send = () => {
    if (sendAll(opened, unsent)) rearm()
    else close()
  }
  const onReady = (status: number, events: number) => {
    if (status < 0) return close()
    if (events & READABLE) receive()
    if (isOpen && events & WRITABLE) send()
  }
  const fault = () => lineFault(path, 'not-a-device')
  const watcher = watchReadable({ fdio, fd, onReady, fault })
  const write = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      const length = unsent.reduce((sum, parcel) => sum + parcel.bytes.length, bytes.length)
      if (!isOpen) return reject(lineFault(path, 'line-broken'))
      if (length > UNSENT_BYTES_MAX) return reject(lineFault(path, 'line-full'))
      unsent.push({ bytes, resolve, reject })
      // Behind others it goes when the device has room again.
      if (unsent.length === 1) send()
    })
  return { write, close }
}

interface Parcel {
  bytes: Uint8Array
  readonly resolve: () => void
  readonly reject: (fault: Fault) => void
}

/** Sends what the device has room for; false when it is gone. */
function sendAll({ fdio, fd }: Opened, unsent: Parcel[]): boolean {
  for (;;) {
    const [parcel] = unsent
    if (parcel === undefined) return true
    if (parcel.bytes.length === 0) {
      unsent.shift()
      parcel.resolve()
      continue
    }
    const count = fdio.write(fd, parcel.bytes)
    if (count === -EAGAIN || count === 0) return true
    if (count < 0) return false
    parcel.bytes = parcel.bytes.subarray(count)
  }
}

function faultOf(path: string, result: number): Fault {
  const errno = getSystemErrorName(result)
  return lineFault(path, CODES[errno] ?? 'device-failed', errno)
}

const CODES: Readonly<Record<string, keyof typeof WORDS>> = {
  ENOENT: 'device-absent',
  ENOTDIR: 'device-absent',
  ENODEV: 'device-absent',
  ENXIO: 'device-absent',
  EACCES: 'no-permission',
  EPERM: 'no-permission',
  EBUSY: 'device-busy',
  ENOTTY: 'not-a-device',
  EINVAL: 'not-a-device',
  EISDIR: 'not-a-device'
}

const WORDS = {
  'device-absent': {
    says: 'Nothing is plugged in',
    fix: 'Plug it in and switch it on; it is taken up by itself.'
  },
  'no-permission': {
    says: 'The stall may not use it',
    fix: "Add the stall's user to the device's group (ls -l shows it), then start the stall anew."
  },
  'device-busy': {
    says: 'Another program is using it',
    fix: 'Close the other program; CUPS takes USB printers, so it is not to be installed here.'
  },
  'not-a-device': {
    says: 'It is not a device of this kind',
    fix: 'Check the name in stall.toml.'
  },
  'device-failed': {
    says: 'It cannot be opened',
    fix: 'Unplug it and plug it in again.'
  },
  'line-broken': {
    says: 'It was unplugged or closed before all was sent',
    fix: 'Plug it in again; it is taken up by itself.'
  },
  'line-full': {
    says: 'It takes nothing any more',
    fix: 'Switch it off and on.'
  }
} as const

/** `errno` is the kernel's word, told only where we have none of our own. */
const lineFault = (path: string, code: keyof typeof WORDS, errno = ''): Fault =>
  new Fault({
    code,
    message: `${path}: ${WORDS[code].says}${code === 'device-failed' ? ` (${errno})` : ''}.`,
    fix: WORDS[code].fix,
    isRetryable: code !== 'not-a-device'
  })
