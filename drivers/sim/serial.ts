import type { SerialPorts, SerialSettings } from '../host.ts'
import { type Line, type LineListener, UNSENT_BYTES_MAX } from '../line.ts'
import { simLineFault } from './line-fault.ts'

/** A serial port in memory, seen from the device's end of the cable. */
export interface SimSerial {
  readonly serial: SerialPorts
  /** From the device to us; lost when nobody has the port open, as on a real one. */
  readonly send: (bytes: Uint8Array | string) => void
  /** What the device heard, the newest of it. */
  readonly written: () => Uint8Array
  readonly onWrite: (listener: (bytes: Uint8Array) => void) => () => void
  readonly setPlugged: (isPlugged: boolean) => void
  /** The device's own speed, if it is not what we open the port with. */
  readonly setBaud: (baud: number | undefined) => void
  /** Whether the device takes bytes; what it does not take stands on the line. */
  readonly setTaking: (isTaking: boolean) => void
  readonly isOpen: () => boolean
  readonly settings: () => SerialSettings | undefined
}

const WRITTEN_BYTES_MAX = 64 * 1024

export function simSerial(options: { readonly path: string; readonly baud?: number }): SimSerial {
  const { path } = options
  const device: Device = {
    path,
    baud: options.baud,
    isPlugged: true,
    isTaking: true,
    port: undefined,
    written: new Uint8Array(),
    listeners: new Set()
  }
  return {
    serial: {
      open: async (settings, listener) => {
        if (settings.path !== path || !device.isPlugged) {
          throw simLineFault('device-absent', settings.path)
        }
        if (device.port !== undefined) throw simLineFault('device-busy', path)
        device.port = { settings, listener, unsent: [], isEnding: false }
        return lineOf(device, device.port)
      }
    },
    send: said => send(device, typeof said === 'string' ? Buffer.from(said) : said),
    written: () => device.written,
    onWrite: listener => {
      device.listeners.add(listener)
      return () => device.listeners.delete(listener)
    },
    setPlugged: isPlugged => {
      device.isPlugged = isPlugged
      if (!isPlugged) hangUp(device)
    },
    setBaud: baud => {
      device.baud = baud
    },
    setTaking: isTaking => {
      device.isTaking = isTaking
      take(device)
    },
    isOpen: () => openPort(device) !== undefined,
    settings: () => device.port?.settings
  }
}

interface Device {
  readonly path: string
  baud: number | undefined
  isPlugged: boolean
  isTaking: boolean
  port: Port | undefined
  written: Uint8Array
  readonly listeners: Set<(bytes: Uint8Array) => void>
}

interface Port {
  /** We closed it, and it is not yet told. */
  isEnding: boolean
  readonly settings: SerialSettings
  readonly listener: LineListener
  readonly unsent: {
    readonly bytes: Uint8Array
    readonly resolve: () => void
    readonly reject: () => void
  }[]
}

function lineOf(device: Device, port: Port): Line {
  const { path } = device
  return {
    write: bytes =>
      new Promise((resolve, reject) => {
        const broke = () => reject(simLineFault('line-broken', path))
        if (openPort(device) !== port) return broke()
        const unsent = port.unsent.reduce((sum, parcel) => sum + parcel.bytes.length, 0)
        if (unsent + bytes.length > UNSENT_BYTES_MAX) return reject(simLineFault('line-full', path))
        port.unsent.push({ bytes: bytes.slice(), resolve, reject: broke })
        take(device)
      }),
    close: () => {
      // As on a real port it takes a while, and until it is told nobody may open it again.
      port.isEnding = true
      setImmediate(() => {
        if (device.port === port) hangUp(device)
      })
    }
  }
}

/** The device takes what stands on the line. */
function take(device: Device): void {
  const port = openPort(device)
  while (device.isTaking && port !== undefined && openPort(device) === port) {
    const parcel = port.unsent.shift()
    if (parcel === undefined) return
    const { baud } = port.settings
    const bytes = atOtherSpeed({ bytes: parcel.bytes, from: baud, to: device.baud ?? baud })
    device.written = Buffer.concat([device.written, bytes]).subarray(-WRITTEN_BYTES_MAX)
    for (const listener of [...device.listeners]) listener(bytes)
    parcel.resolve()
  }
}

function send(device: Device, bytes: Uint8Array): void {
  const port = openPort(device)
  if (port === undefined) return
  const { baud } = port.settings
  const heard = atOtherSpeed({ bytes, from: device.baud ?? baud, to: baud })
  // A device never speaks in the middle of our own call.
  queueMicrotask(() => {
    if (openPort(device) === port && heard.length > 0) port.listener.onBytes(heard)
  })
}

function hangUp(device: Device): void {
  const { port } = device
  device.port = undefined
  if (port === undefined) return
  for (const { reject } of port.unsent.splice(0)) reject()
  port.listener.onClose()
}

const openPort = ({ port }: Device): Port | undefined => (port?.isEnding ? undefined : port)

/**
 * What a receiver makes of bytes sent at another speed: it waits for a start bit, looks at the
 * middle of each of its own eight bits, and drops a byte whose stop bit is not there.
 */
function atOtherSpeed(options: {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
}): Uint8Array {
  const { bytes, from, to } = options
  if (from === to) return bytes.slice()
  const bits = [...bytes].flatMap(byte => [0, ...BITS.map(bit => (byte >> bit) & 1), 1])
  /** The line after so many of the receiver's bits; it rests at 1. */
  const levelAt = (place: number) => bits[Math.floor((place * from) / to)] ?? 1
  const end = (bits.length * to) / from
  const heard: number[] = []
  for (let place = 0; place < end; ) {
    if (levelAt(place) === 1) {
      place += 1 / SAMPLES_A_BIT
      continue
    }
    const byte = BITS.reduce((sum, bit) => sum | (levelAt(place + 1.5 + bit) << bit), 0)
    if (levelAt(place + 9.5) === 1) heard.push(byte)
    place += 10
  }
  return Uint8Array.from(heard)
}

const BITS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7]
/** What a 16550 takes. */
const SAMPLES_A_BIT = 16
