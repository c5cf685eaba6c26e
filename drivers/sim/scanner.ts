import type { SimFault } from '../../node/core/device.ts'
import type { Simulation, SimWorld } from '../driver.ts'
import { inputEventBytes } from '../scanner/events.ts'
import { KEY, keyMap } from '../scanner/keys.ts'
import type { KeyboardSettings, LineSettings } from '../scanner/settings.ts'
import { chance, noise } from './chance.ts'
import { simCharacters } from './characters.ts'
import { simHost } from './host.ts'
import { simSerial } from './serial.ts'
import { nowAndThen } from './timers.ts'

/** Between two scans, when a stall is neither asleep nor in a hurry. */
const SCAN_MS_MIN = 5_000
const SCAN_MS_MAX = 25_000
/** A scanner types a key each few milliseconds. */
const KEY_MS = 4
/** A trigger whose contact bounces reads twice. */
const BOUNCE_MS = 120
const NOISE_BYTES = 40

/** A scanner that types. `bounce` reads each code twice, `overflow` loses keys in the kernel. */
export function simKeyboard(settings: KeyboardSettings, world: SimWorld): Simulation {
  const device = simCharacters(settings)
  const size = inputEventBytes(process.arch)
  const strokes = strokesOf(settings)
  const type = (keys: readonly Stroke[], from = 0) => {
    const stroke = keys[from]
    if (stroke === undefined) return
    const { wallMs } = world.readClocks()
    for (const event of stroke) device.send(eventBytes({ ...event, size, wallMs }))
    world.startTimer(KEY_MS, () => type(keys, from + 1))
  }
  return scanning({
    world,
    codes: settings.codes,
    faults: ['unplug', 'stall', 'garbage', 'overflow', 'bounce'],
    setPlugged: device.setPlugged,
    scan: (code, fault) => {
      const keys = [...code].map(strokes)
      const half = Math.ceil(keys.length / 2)
      const within = fault === 'garbage' ? [CTRL_X] : fault === 'overflow' ? [DROPPED] : []
      type([...keys.slice(0, half), ...within, ...keys.slice(half), ENTER])
    },
    host: simHost({ ...world, characters: device.characters })
  })
}

/** A scanner that sends lines. */
export function simLineScanner(settings: LineSettings, world: SimWorld): Simulation {
  const device = simSerial(settings)
  const random = chance(world.seed + 1)
  return scanning({
    world,
    codes: settings.codes,
    faults: ['unplug', 'stall', 'garbage', 'wrong-baud', 'bounce'],
    setPlugged: device.setPlugged,
    onFault: fault => device.setBaud(fault === 'wrong-baud' ? settings.baud / 2 : undefined),
    scan: (code, fault) => {
      if (fault === 'garbage') device.send(noise(random, NOISE_BYTES))
      device.send(`${settings.hasAim ? aimIdentifier(code) : ''}${code}\r\n`)
    },
    host: simHost({ ...world, serial: device.serial })
  })
}

const aimIdentifier = (code: string): string => (/^\d+$/.test(code) ? ']E0' : ']C0')

/** The hand that holds the scanner. */
function scanning(options: {
  readonly world: SimWorld
  readonly codes: readonly string[]
  readonly faults: readonly SimFault[]
  readonly setPlugged: (isPlugged: boolean) => void
  readonly onFault?: (fault: SimFault | null) => void
  readonly scan: (code: string, fault: SimFault | null) => void
  readonly host: Simulation['host']
}): Simulation {
  const { world, codes, scan } = options
  const random = chance(world.seed)
  let fault: SimFault | null = null
  const close = nowAndThen({
    startTimer: world.startTimer,
    random,
    msMin: SCAN_MS_MIN,
    msMax: SCAN_MS_MAX,
    run: () => {
      const code = codes[Math.floor(random() * codes.length)] ?? ''
      if (fault !== 'stall') scan(code, fault)
      const againMs = BOUNCE_MS + KEY_MS * code.length
      if (fault === 'bounce') world.startTimer(againMs, () => scan(code, fault))
    }
  })
  return {
    host: options.host,
    faults: options.faults,
    setFault: now => {
      fault = now
      options.setPlugged(fault !== 'unplug')
      options.onFault?.(fault)
    },
    close
  }
}

/** What goes over the wire at once: a key down and up, with shift around it where it needs it. */
type Stroke = readonly KernelEvent[]

interface KernelEvent {
  readonly type: number
  readonly code: number
  readonly value: number
}

const EV_SYN = 0
const EV_KEY = 1
const SYN_REPORT: KernelEvent = { type: EV_SYN, code: 0, value: 0 }
const DROPPED: Stroke = [{ type: EV_SYN, code: 3, value: 0 }, SYN_REPORT]
const KEY_X = 45

const down = (code: number): KernelEvent => ({ type: EV_KEY, code, value: 1 })
const up = (code: number): KernelEvent => ({ type: EV_KEY, code, value: 0 })
const tap = (code: number): Stroke => [down(code), SYN_REPORT, up(code), SYN_REPORT]
const ENTER = tap(KEY.enter)
const CTRL_X: Stroke = [down(KEY.leftCtrl), ...tap(KEY_X), up(KEY.leftCtrl), SYN_REPORT]

/** The keys that write a character on the scanner's own layout. */
function strokesOf({ layout }: KeyboardSettings): (character: string) => Stroke {
  const map = [...keyMap(layout)]
  return character => {
    for (const [key, written] of map) {
      const level = written.indexOf(character)
      const held = HELD[level]
      if (held === undefined) continue
      return [...held.map(down), ...tap(key), ...held.map(up), SYN_REPORT]
    }
    return []
  }
}

const HELD: readonly (readonly number[])[] = [[], [KEY.leftShift], [KEY.rightAlt]]

function eventBytes(
  event: KernelEvent & { readonly size: 16 | 24; readonly wallMs: number }
): Uint8Array {
  const { size, wallMs, type, code, value } = event
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  const seconds = Math.floor(wallMs / 1_000)
  const micros = Math.floor((wallMs % 1_000) * 1_000)
  // The upper halves of 64-bit numbers stay 0 until 2106.
  view.setUint32(0, seconds, true)
  view.setUint32(size === 24 ? 8 : 4, micros, true)
  view.setUint16(size - 8, type, true)
  view.setUint16(size - 6, code, true)
  view.setInt32(size - 4, value, true)
  return bytes
}
