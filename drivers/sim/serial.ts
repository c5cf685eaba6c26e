import { Fault } from '../../node/core/ports.ts'
import type { SerialPorts, SerialSettings } from '../host.ts'
import type { Line, LineListener } from '../line.ts'

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
const UNSENT_BYTES_MAX = 64 * 1024

export function simSerial(options: { readonly path: string; readonly baud?: number }): SimSerial {
  const { path } = options
  const device = {
    baud: options.baud,
    isPlugged: true,
    isTaking: true,
    open: undefined as Opened | undefined,
    written: new Uint8Array()
  }
  const listeners = new Set<(bytes: Uint8Array) => void>()
  const hear = (bytes: Uint8Array) => {
    device.written = Buffer.concat([device.written, bytes]).subarray(-WRITTEN_BYTES_MAX)
    for (const listener of [...listeners]) listener(bytes)
  }
  const hangUp = () => {
    const { open } = device
    device.open = undefined
    if (open === undefined) return
    for (const { reject } of open.unsent.splice(0)) reject()
    open.listener.onClose()
  }
  const take = () => {
    const { open } = device
    while (device.isTaking && open !== undefined && device.open === open) {
      const parcel = open.unsent.shift()
      if (parcel === undefined) return
      const { baud } = open.settings
      hear(atOtherSpeed({ bytes: parcel.bytes, from: baud, to: device.baud ?? baud }))
      parcel.resolve()
    }
  }
  const lineOf = (open: Opened): Line => ({
    write: bytes =>
      new Promise((resolve, reject) => {
        const broke = () => reject(faultOf('line-broken', path))
        if (device.open !== open) return broke()
        const unsent = open.unsent.reduce((sum, parcel) => sum + parcel.bytes.length, 0)
        if (unsent + bytes.length > UNSENT_BYTES_MAX) return reject(faultOf('line-full', path))
        open.unsent.push({ bytes: bytes.slice(), resolve, reject: broke })
        take()
      }),
    close: () => {
      if (device.open === open) hangUp()
    }
  })
  return {
    serial: {
      open: async (settings, listener) => {
        if (settings.path !== path || !device.isPlugged)
          throw faultOf('device-absent', settings.path)
        if (device.open !== undefined) throw faultOf('device-busy', path)
        const open: Opened = { settings, listener, unsent: [] }
        device.open = open
        return lineOf(open)
      }
    },
    send: said => {
      const { open } = device
      if (open === undefined) return
      const { baud } = open.settings
      const bytes = typeof said === 'string' ? Buffer.from(said) : said
      const heard = atOtherSpeed({ bytes, from: device.baud ?? baud, to: baud })
      // A device never speaks in the middle of our own call.
      queueMicrotask(() => {
        if (device.open === open && heard.length > 0) open.listener.onBytes(heard)
      })
    },
    written: () => device.written,
    onWrite: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    setPlugged: isPlugged => {
      device.isPlugged = isPlugged
      if (!isPlugged) hangUp()
    },
    setBaud: baud => {
      device.baud = baud
    },
    setTaking: isTaking => {
      device.isTaking = isTaking
      take()
    },
    isOpen: () => device.open !== undefined,
    settings: () => device.open?.settings
  }
}

interface Opened {
  readonly settings: SerialSettings
  readonly listener: LineListener
  readonly unsent: {
    readonly bytes: Uint8Array
    readonly resolve: () => void
    readonly reject: () => void
  }[]
}

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

const faultOf = (code: keyof typeof SENTENCES, path: string): Fault =>
  new Fault({
    code,
    message: `${path}: ${SENTENCES[code]}.`,
    fix: code === 'line-full' ? 'Check that it is switched on.' : 'Plug the simulated device in.',
    isRetryable: true
  })

const SENTENCES = {
  'device-absent': 'The simulated device is not plugged in',
  'device-busy': 'The simulated port is open already',
  'line-broken': 'The simulated device was unplugged or closed',
  'line-full': 'The simulated device takes no more bytes'
} as const
