import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import type { SerialPort } from 'serialport'
import { Fault } from '../../node/core/ports.ts'
import type { SerialPorts } from '../host.ts'
import type { Line, LineListener } from '../line.ts'

/** The machine's serial ports. The package is loaded with the first port that is there. */
export const serialPorts: SerialPorts = {
  open: async ({ path, baud, ...framing }, listener) => {
    await checkPath(path)
    const { SerialPort } = await import('serialport')
    const port = new SerialPort({
      ...framing,
      path,
      baudRate: baud,
      autoOpen: false,
      highWaterMark: READ_BYTES_MAX
    })
    // 'close' settles everything; the error itself only says why it came.
    port.on('error', () => {})
    await openWithin(port, OPEN_MS_MAX)
    return lineOf(port, listener)
  }
}

const OPEN_MS_MAX = 3_000
/** What the kernel gives at once of a terminal line (N_TTY_BUF_SIZE). */
const READ_BYTES_MAX = 4_096
/** Devices are sent a chunk at a time; more than this unsent means that it takes nothing. */
const UNSENT_BYTES_MAX = 64 * 1024
const PULSE_MS = 1_000

/** The package gives sentences, not codes; the two faults that people mend are asked for first. */
async function checkPath(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw faultOf(path, FAULTS_BY_ERRNO[code] ?? 'serial-failed', String(error))
  }
}

function openWithin(port: SerialPort, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      reject(faultOf(port.path, 'serial-failed', 'it did not open in time'))
    }, ms)
    port.open(error => {
      clearTimeout(timer)
      if (isLate) {
        if (error === null) port.close()
      } else if (error === null) resolve()
      else reject(faultOf(port.path, codeOfMessage(error.message), error.message))
    })
  })
}

function lineOf(port: SerialPort, listener: LineListener): Line {
  /** The package may forget the callbacks of writes when the port closes. */
  const unsent = new Set<() => void>()
  let isEnded = false
  let isClosing = false
  const end = () => {
    if (isEnded) return
    isEnded = true
    clearInterval(pulse)
    for (const reject of unsent) reject()
    listener.onClose()
  }
  const close = () => {
    if (isClosing) return
    isClosing = true
    // What is unsent would hold up close(2), and with it the end of the process, for 30 s
    // (closing_wait of setserial(8)).
    port.flush(() => port.close(error => error && end()))
  }
  // The package reads a line that hung up over and over, at full speed and without a word, when
  // it was unplugged between its poll and its read; so the line is asked whether it still is one.
  const pulse = setInterval(() => void port.port?.getBaudRate().catch(close), PULSE_MS)
  port.on('data', bytes => {
    if (!isClosing) listener.onBytes(bytes)
  })
  port.on('close', end)
  const write = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      const fail = () => reject(faultOf(port.path, 'line-broken'))
      if (isEnded || isClosing) return fail()
      if (port.writableLength + bytes.length > UNSENT_BYTES_MAX) {
        return reject(faultOf(port.path, 'line-full'))
      }
      unsent.add(fail)
      port.write(bytes, error => {
        unsent.delete(fail)
        if (error) fail()
        else resolve()
      })
    })
  return { write, close }
}

const FAULTS_BY_ERRNO: Readonly<Record<string, SerialFault>> = {
  ENOENT: 'device-absent',
  ENXIO: 'device-absent',
  ENODEV: 'device-absent',
  EACCES: 'no-permission',
  EPERM: 'no-permission'
}

/** The words of strerror(3), of glibc and of musl, and of the lock that the package takes. */
const codeOfMessage = (message: string): SerialFault =>
  /cannot lock|busy/i.test(message)
    ? 'device-busy'
    : /permission denied/i.test(message)
      ? 'no-permission'
      : /no such (file|device)/i.test(message)
        ? 'device-absent'
        : 'serial-failed'

type SerialFault = keyof typeof SENTENCES

const SENTENCES = {
  'device-absent': {
    says: 'Nothing is plugged in',
    fix: 'Plug it in; the names of what is plugged in are in /dev/serial/by-id.'
  },
  'no-permission': {
    says: 'The stall may not use it',
    fix: "Add the stall's user to the group dialout, then start the stall anew."
  },
  'device-busy': {
    says: 'Another program is using it',
    fix: 'Close the other program; a login console on the port is switched off in raspi-config.'
  },
  'serial-failed': {
    says: 'It cannot be opened as a serial port',
    fix: 'Check the name in stall.toml against /dev/serial/by-id.'
  },
  'line-broken': { says: 'It was unplugged or closed', fix: 'Check the cable.' },
  'line-full': {
    says: 'It takes no more bytes',
    fix: 'Check that it is switched on, and its baud rate and flow control.'
  }
} as const

/** `why` is a program's word, told only where we have none of our own. */
const faultOf = (path: string, code: SerialFault, why = ''): Fault =>
  new Fault({
    code,
    message: `${path}: ${SENTENCES[code].says}${code === 'serial-failed' ? ` (${why})` : ''}.`,
    fix: SENTENCES[code].fix,
    isRetryable: true
  })
