import { constants } from 'node:fs'
import { constants as os } from 'node:os'
import { loadFdio, READABLE, watchReadable } from '../../drivers/native/load.ts'

/** A pair of terminals: what a driver opens by its path, and the device's end in our hands. */
export interface Pty {
  readonly path: string
  /** What the driver wrote. Nothing is taken from it while the device is stalled. */
  readonly received: () => Buffer
  readonly send: (text: string) => void
  readonly setStalled: (isStalled: boolean) => void
  readonly unplug: () => void
}

const { EIO } = os.errno
const TIOCSPTLCK = 0x40045431
const TIOCGPTN = 0x80045430
const TCGETS = 0x5401
const TCSETS = 0x5402
const TERMIOS_BYTES = 64

/** asm-generic/ioctls.h; a pty of the kernel, with no other program between. */
export function openPty(): Pty {
  const fdio = loadFdio()
  const must = (result: number) => {
    if (result < 0) throw new Error(`No pty: errno ${-result}`)
    return result
  }
  const fd = must(fdio.open('/dev/ptmx', constants.O_RDWR))
  const number = new Uint32Array(2)
  must(fdio.ioctl(fd, TIOCSPTLCK, new Uint8Array(8)))
  must(fdio.ioctl(fd, TIOCGPTN, new Uint8Array(number.buffer)))
  makeRaw(
    bytes => must(fdio.ioctl(fd, TCGETS, bytes)),
    bytes => must(fdio.ioctl(fd, TCSETS, bytes))
  )
  const buffer = new Uint8Array(4_096)
  let received = Buffer.alloc(0)
  let isOpen = true
  const onReady = () => {
    const count = fdio.read(fd, buffer)
    if (count > 0) received = Buffer.concat([received, buffer.subarray(0, count)])
    // The driver closed its end, which would be told over and over.
    else if (count === -EIO) fdio.rearm(watcher, 0)
  }
  const fault = (result: number) => new Error(`No watch: errno ${-result}`)
  const watcher = watchReadable({ fdio, fd, onReady, fault })
  return {
    path: `/dev/pts/${number[0]}`,
    received: () => received,
    send: text => void must(fdio.write(fd, Buffer.from(text))),
    setStalled: isStalled => void must(fdio.rearm(watcher, isStalled ? 0 : READABLE)),
    unplug: () => {
      if (!isOpen) return
      isOpen = false
      fdio.unwatch(watcher)
      fdio.close(fd)
    }
  }
}

/** No echo, no line editing: c_iflag, c_oflag and c_lflag of struct termios are 0. */
function makeRaw(get: (bytes: Uint8Array) => void, set: (bytes: Uint8Array) => void): void {
  const termios = new Uint32Array(TERMIOS_BYTES / 4)
  const bytes = new Uint8Array(termios.buffer)
  get(bytes)
  termios[0] = 0
  termios[1] = 0
  termios[3] = 0
  set(bytes)
}
