import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { SerialPort } from 'serialport'
import { Fault } from '../../node/core/ports.ts'
import { within } from '../deadline.ts'
import type { SerialPorts } from '../host.ts'
import { type Line, type LineListener, UNSENT_BYTES_MAX } from '../line.ts'
import { startTimer } from '../timer.ts'
import { wireAt } from './wire.ts'

/**
 * The machine's serial ports, through the binding of the package `serialport`. Its streams are left
 * out: they read ahead at the pace of the device, and one that floods took 7 % of a processor.
 */
export const serialPorts: SerialPorts = {
  open: async ({ path, baud, dataBits, parity, stopBits, rtscts = false }, listener) => {
    await checkPath(path)
    const { SerialPort } = await import('serialport')
    const framing = { dataBits, parity, stopBits, rtscts }
    const opening = SerialPort.binding.open({ path, baudRate: baud, ...framing })
    return lineOf({ port: await openedInTime(opening, path), path, baud, listener })
  }
}

type Port = Awaited<ReturnType<typeof SerialPort.binding.open>>

const OPEN_MS_MAX = 3_000
/** What the kernel gives at once of a terminal line (N_TTY_BUF_SIZE). */
const READ_BYTES_MAX = 4_096
/**
 * A read costs some 80 µs however few bytes it brings, so a line that nobody asked gets one for
 * each breath, and some at once when it was quiet; the kernel holds what 921,600 baud bring
 * meanwhile. What we write earns reads, for a question must not wait for its answer.
 */
const BREATH_MS = 32
const READS_AT_ONCE_MAX = 16
const READS_A_WRITE = 8
const PULSE_MS = 1_000
/** A page at 9600 baud; slower lines lose their end rather than hold up the stop. */
const DRAIN_MS_MAX = 5_500

/** The package gives sentences, not codes; the two faults that people mend are asked for first. */
async function checkPath(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw faultOf(path, FAULTS_BY_ERRNO[code] ?? 'serial-failed', String(error))
  }
}

async function openedInTime(opening: Promise<Port>, path: string): Promise<Port> {
  const deadline = { startTimer, ms: OPEN_MS_MAX }
  const opened = await within({ ...deadline, promise: opening }).catch(({ message }: Error) => {
    throw faultOf(path, codeOfMessage(message), message)
  })
  if (opened !== 'late') return opened
  void opening.then(port => port.close()).catch(() => {})
  throw faultOf(path, 'serial-failed', 'it did not open in time')
}

function lineOf(options: {
  readonly port: Port
  readonly path: string
  readonly baud: number
  readonly listener: LineListener
}): Line {
  const { port, path, baud, listener } = options
  const wire = wireAt({ baud, nowMs: () => performance.now() })
  /** What is handed over and not yet taken; the package may forget it when the port closes. */
  const unsent = new Map<() => void, number>()
  let isClosing = false
  const end = (afterMs: number) => {
    if (isClosing) return
    isClosing = true
    clearInterval(pulse)
    // A printer that cannot answer would lose the end of its receipt to the next one's new line.
    const isOut = delay(Math.min(afterMs, DRAIN_MS_MAX))
    // What is unsent then would hold up close(2), and with it the end of the process, for 30 s
    // (closing_wait of setserial(8)). An unplugged port cannot be flushed, which is as good.
    void isOut
      .then(() => port.flush())
      .catch(() => {})
      .then(() => port.close())
      .catch(() => {})
      .then(() => {
        for (const reject of unsent.keys()) reject()
        listener.onClose()
      })
  }
  const lose = () => end(0)
  // The package reads a line that hung up over and over, at full speed and without a word, when
  // it was unplugged between its poll and its read; so the line is asked whether it still is one.
  const pulse = setInterval(() => void port.getBaudRate().catch(lose), PULSE_MS)
  const pace = readPace()
  void readAll({ port, pace, isOver: () => isClosing, onBytes: listener.onBytes }).then(lose)
  let sending = Promise.resolve()
  const write = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      const fail = () => reject(faultOf(path, 'line-broken'))
      if (isClosing) return fail()
      const waiting = [...unsent.values()].reduce((sum, length) => sum + length, 0)
      if (waiting + bytes.length > UNSENT_BYTES_MAX) return reject(faultOf(path, 'line-full'))
      unsent.set(fail, bytes.length)
      pace.earn(READS_A_WRITE)
      // One at a time, says BindingPortInterface.
      sending = sending
        .then(() => port.write(Buffer.from(bytes)))
        .then(
          () => {
            wire.took(bytes.length)
            resolve()
          },
          error => {
            fail()
            if (error.canceled !== true) lose()
          }
        )
        .then(() => void unsent.delete(fail))
    })
  return { write, close: () => end(wire.leftMs()) }
}

/** Until the line breaks or is closed. */
async function readAll(options: {
  readonly port: Port
  readonly pace: ReadPace
  readonly isOver: () => boolean
  readonly onBytes: (bytes: Uint8Array) => void
}): Promise<void> {
  const { port, pace, isOver, onBytes } = options
  const buffer = Buffer.alloc(READ_BYTES_MAX)
  while (!isOver()) {
    const bytesRead = await port.read(buffer, 0, buffer.length).then(
      done => done.bytesRead,
      () => 0
    )
    if (isOver() || bytesRead === 0) return
    onBytes(Uint8Array.prototype.slice.call(buffer, 0, bytesRead))
    if (!pace.spend()) await delay(BREATH_MS)
  }
}

interface ReadPace {
  readonly earn: (reads: number) => void
  /** False when the next read has to wait. */
  readonly spend: () => boolean
}

function readPace(): ReadPace {
  let left = READS_AT_ONCE_MAX
  let spentMs = performance.now()
  const earn = (reads: number) => {
    left = Math.min(READS_AT_ONCE_MAX, left + reads)
  }
  return {
    earn,
    spend: () => {
      const now = performance.now()
      earn((now - spentMs) / BREATH_MS)
      spentMs = now
      left -= 1
      return left >= 0
    }
  }
}

const FAULTS_BY_ERRNO: Readonly<Record<string, SerialFault>> = {
  ENOENT: 'device-absent',
  ENXIO: 'device-absent',
  ENODEV: 'device-absent',
  EACCES: 'no-permission',
  EPERM: 'no-permission'
}

/** The words of strerror(3), of glibc and of musl, and of the lock that the package takes. */
const FAULTS_BY_WORDS: readonly (readonly [words: RegExp, code: SerialFault])[] = [
  [/cannot lock|busy/i, 'device-busy'],
  [/permission denied/i, 'no-permission'],
  [/no such (file|device)/i, 'device-absent'],
  // EIO: a port that was pulled out meanwhile, or that has no chip behind it.
  [/i(nput)?\/o(utput)? error/i, 'device-absent']
]

const codeOfMessage = (message: string): SerialFault =>
  FAULTS_BY_WORDS.find(([words]) => words.test(message))?.[1] ?? 'serial-failed'

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
