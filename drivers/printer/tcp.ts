import { createConnection, type Socket } from 'node:net'
import { Fault } from '../../node/core/ports.ts'
import { type Line, type LineListener, UNSENT_BYTES_MAX } from '../line.ts'
import type { PrinterDriver } from './driver.ts'
import { openPrinterAt, readSettings } from './settings.ts'
import type { PrinterTransport } from './transport.ts'

/** A printer on the network; port 9100 is what all makers use (raw, "JetDirect"). */
export function tcpTransport(options: {
  readonly host: string
  readonly port: number
  readonly connectMs?: number
}): PrinterTransport {
  const name = `${options.host}:${options.port}`
  return {
    name,
    open: listener => connect({ connectMs: CONNECT_MS_MAX, ...options, name, listener })
  }
}

/** `driver = "escpos-tcp"`: a printer on the network, with `host`, `model` and perhaps `port`. */
export const escposTcp: PrinterDriver = {
  parse: table => {
    const host = table.text('host')
    const port = table.port('port', 9100)
    const settings = readSettings(table)
    if (host === undefined || settings === undefined) return undefined
    return { claims: [], open: () => openPrinterAt(tcpTransport({ host, port }), settings) }
  }
}

const CONNECT_MS_MAX = 3_000
/** Finds a printer that lost its power while the line was idle. */
const KEEP_ALIVE_MS = 5_000

function connect(options: {
  readonly host: string
  readonly port: number
  readonly connectMs: number
  readonly name: string
  readonly listener: LineListener
}): Promise<Line> {
  const { host, port, connectMs, name, listener } = options
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, noDelay: true, keepAlive: true })
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    const timer = setTimeout(() => socket.destroy(new Error('timed out')), connectMs)
    let isOpen = false
    socket.once('connect', () => {
      clearTimeout(timer)
      isOpen = true
      resolve({ write: bytes => write(socket, bytes, name), close: () => socket.destroy() })
    })
    socket.on('data', bytes => listener.onBytes(bytes))
    // 'close' always follows and settles everything; the error only says why nobody answered.
    let why = ''
    socket.on('error', error => {
      why = `: ${error.message}`
    })
    socket.once('close', () => {
      clearTimeout(timer)
      if (isOpen) listener.onClose()
      else reject(unreachable(name, why))
    })
  })
}

function write(socket: Socket, bytes: Uint8Array, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.writableLength + bytes.length > UNSENT_BYTES_MAX) return reject(full(name))
    const isBroken = () => reject(unreachable(name, ': the line broke'))
    socket.once('close', isBroken)
    socket.write(bytes, error => {
      socket.off('close', isBroken)
      if (error) isBroken()
      else resolve()
    })
  })
}

const full = (name: string): Fault =>
  new Fault({
    code: 'line-full',
    message: `The printer at ${name} takes nothing any more.`,
    fix: 'Switch it off and on.',
    isRetryable: true
  })

const unreachable = (name: string, why: string): Fault =>
  new Fault({
    code: 'printer-unreachable',
    message: `The printer at ${name} cannot be reached${why}.`,
    fix: 'Check that it is switched on and that its network cable is in.',
    isRetryable: true
  })
