import type { SimFault } from '../../node/core/device.ts'
import { Fault } from '../../node/core/ports.ts'
import type { Line, LineListener } from '../line.ts'
import type { PrinterModel } from '../printer/models.ts'
import type { PrinterTransport } from '../printer/transport.ts'
import { startTimer as realTimer, type StartTimer } from '../timer.ts'
import { type PaperLine, paperWriter } from './paper.ts'

/** How the simulated printer is. Every part can be changed at any time. */
export interface SimPrinterState {
  readonly isPlugged: boolean
  readonly isCoverOpen: boolean
  /** Lines of paper left on the roll; 0 is out of paper. */
  readonly rollLines: number
  /** Prints, and never says a word. */
  readonly isMute: boolean
  /** Answers questions of state, and never a fence. */
  readonly isFenceless: boolean
  /** Sends noise ahead of each reply, as a loose serial cable does. */
  readonly isGarbling: boolean
  /** Answers with noise and nothing else. */
  readonly isNoisy: boolean
  /** Says that all is well, and nothing comes out. */
  readonly isHeadStuck: boolean
  /** Takes bytes until its buffer is full, and does nothing with them. */
  readonly isStalled: boolean
  /** Kicked open; a person shuts it. */
  readonly isDrawerOpen: boolean
  readonly bytesPerSecond: number
  /** What it takes ahead of the head. */
  readonly bufferBytes: number
}

export interface SimPrinter {
  readonly transport: PrinterTransport
  readonly set: (change: Partial<SimPrinterState>) => void
  readonly state: () => SimPrinterState
  readonly faults: readonly SimFault[]
  /** Null ends the fault that it has. */
  readonly setFault: (fault: SimFault | null) => void
  /** What came out, oldest first; the roll on the table is cut off at the top. */
  readonly paper: () => readonly PaperLine[]
  /** Told of each line when it comes out. */
  readonly onPaper: (listener: (line: PaperLine) => void) => () => void
}

/** Lines on a fresh roll of paper: about 30 m, a small one. */
const ROLL_LINES = 8_000
const PAPER_LINES_MAX = 1_000
const TICK_MS = 10
const REPLY_MS = 1
const PAPER_LOW_LINES = 200

/**
 * A printer in memory that behaves as real ones do: a finite buffer, a speed, real-time questions
 * answered ahead of the queue, and paper that runs out in the middle of a line.
 */
export function simPrinter(options: {
  readonly model: PrinterModel
  readonly state?: Partial<SimPrinterState>
  readonly startTimer?: StartTimer
  /** Called when the drawer springs open. */
  readonly onDrawer?: () => void
}): SimPrinter {
  const { model, startTimer = realTimer } = options
  const device = freshDevice({ ...FRESH, ...options.state })
  const listeners = new Set<(line: PaperLine) => void>()
  const reply = (bytes: readonly number[]) => {
    if (device.state.isMute || device.state.isStalled) return
    const { isGarbling, isNoisy } = device.state
    const said = isNoisy ? NOISE : isGarbling ? [...NOISE, ...bytes] : bytes
    const { listener } = device
    startTimer(REPLY_MS, () => {
      if (device.listener === listener) listener?.onBytes(Uint8Array.from(said))
    })
  }
  const parts = { device, model, reply, onDrawer: options.onDrawer }
  const powerUp = () => startPrinting({ ...parts, listeners })
  let print = powerUp()
  const work = () => {
    device.stopTick = undefined
    for (let bytes = bytesATick(device.state); bytes > 0 && canPrint(device); bytes--) {
      if (device.buffer.length === 0) admit(parts)
      const byte = device.buffer.shift()
      if (byte === undefined) break
      print(byte)
    }
    admit(parts)
    awake()
  }
  const awake = () => {
    if (device.stopTick === undefined && canPrint(device)) {
      device.stopTick = startTimer(TICK_MS, work)
    }
  }
  const receive = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      if (device.listener === undefined) return reject(unplugged())
      device.inbox.push({ bytes, taken: 0, resolve, reject: () => reject(unplugged()) })
      admit(parts)
      awake()
    })
  const set = (change: Partial<SimPrinterState>) => {
    device.state = { ...device.state, ...change }
    if (!device.state.isPlugged) {
      unplug(device)
      print = powerUp()
    }
    if (device.reportsChanges) reply(changeBytes(device.state))
    admit(parts)
    awake()
  }
  return {
    transport: { name: 'the till', open: async listener => openLine(device, listener, receive) },
    set,
    state: () => device.state,
    faults: FAULTS,
    setFault: fault => set(stateWith(fault)),
    paper: () => device.paper,
    onPaper: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
  }
}

/** The wrong speed is a fault of the line: `sim/serial.ts` has it. */
const FAULTS: readonly SimFault[] = ['paper-out', 'cover-open', 'unplug', 'stall', 'garbage']

const stateWith = (fault: SimFault | null): Partial<SimPrinterState> => ({
  isPlugged: fault !== 'unplug',
  isCoverOpen: fault === 'cover-open',
  rollLines: fault === 'paper-out' ? 0 : ROLL_LINES,
  isStalled: fault === 'stall',
  isNoisy: fault === 'garbage'
})

interface Device {
  state: SimPrinterState
  readonly paper: PaperLine[]
  /** What the host sent and the buffer has no room for yet. */
  inbox: Parcel[]
  buffer: number[]
  /** What may become a real-time command. */
  command: number[]
  reportsChanges: boolean
  listener: LineListener | undefined
  stopTick: (() => void) | undefined
}

interface Parcel {
  readonly bytes: Uint8Array
  taken: number
  readonly resolve: () => void
  readonly reject: () => void
}

const FRESH: SimPrinterState = {
  isPlugged: true,
  isCoverOpen: false,
  rollLines: ROLL_LINES,
  isMute: false,
  isFenceless: false,
  isGarbling: false,
  isNoisy: false,
  isHeadStuck: false,
  isStalled: false,
  isDrawerOpen: false,
  bytesPerSecond: 20_000,
  bufferBytes: 4_096
}

const freshDevice = (state: SimPrinterState): Device => ({
  state,
  paper: [],
  inbox: [],
  buffer: [],
  command: [],
  reportsChanges: false,
  listener: undefined,
  stopTick: undefined
})

const NOISE: readonly number[] = [0xff, 0x37, 0x13, 0x80, 0xfe]

/** What the parts of a printer share. */
interface Parts {
  readonly device: Device
  readonly model: PrinterModel
  readonly reply: (bytes: readonly number[]) => void
  readonly onDrawer: (() => void) | undefined
}

/** What the head does: each line uses paper, and what is asked is answered when it is reached. */
function startPrinting(
  parts: Parts & { readonly listeners: ReadonlySet<(line: PaperLine) => void> }
): (byte: number) => void {
  const { device, model, reply, listeners } = parts
  return paperWriter(model, {
    onLine: line => {
      device.paper.push(line)
      if (device.paper.length > PAPER_LINES_MAX) device.paper.shift()
      device.state = { ...device.state, rollLines: Math.max(0, device.state.rollLines - 1) }
      if (device.reportsChanges && isOut(device.state)) reply(changeBytes(device.state))
      for (const listener of [...listeners]) listener(line)
    },
    onKick: () => openDrawer(parts),
    onQuestion: (command, parameters) => {
      if (command === 'GS a') {
        device.reportsChanges = parameters[0] !== 0 && model.status === 'asb'
        if (device.reportsChanges) reply(changeBytes(device.state))
      } else if (!device.state.isFenceless) {
        reply(fenceReply(command, parameters, device.state))
      }
    }
  })
}

function openDrawer({ device, model, reply, onDrawer }: Parts): void {
  if (model.drawer === 'none') return
  device.state = { ...device.state, isDrawerOpen: true }
  if (device.reportsChanges) reply(changeBytes(device.state))
  onDrawer?.()
}

const bytesATick = (state: SimPrinterState) =>
  Math.max(1, Math.floor((state.bytesPerSecond * TICK_MS) / 1_000))

const canPrint = ({ state, buffer, inbox }: Device) =>
  state.isPlugged &&
  !state.isCoverOpen &&
  !state.isStalled &&
  !state.isHeadStuck &&
  state.rollLines > 0 &&
  (buffer.length > 0 || inbox.length > 0)

function openLine(
  device: Device,
  listener: LineListener,
  receive: (bytes: Uint8Array) => Promise<void>
): Line {
  // Printers serve one host at a time.
  if (!device.state.isPlugged || device.listener !== undefined) throw unplugged()
  device.listener = listener
  return {
    write: receive,
    close: () => {
      if (device.listener === listener) hangUp(device)
    }
  }
}

function hangUp(device: Device): void {
  const { listener, inbox } = device
  device.listener = undefined
  device.reportsChanges = false
  device.inbox = []
  device.command = []
  for (const parcel of inbox) parcel.reject()
  listener?.onClose()
}

/** Without power the buffer is lost as well. */
function unplug(device: Device): void {
  device.buffer = []
  device.stopTick?.()
  device.stopTick = undefined
  hangUp(device)
}

/** Moves what was sent into the buffer while there is room; real-time commands never queue. */
function admit(parts: Parts): void {
  const { device } = parts
  for (;;) {
    const [parcel] = device.inbox
    if (parcel === undefined || device.buffer.length >= device.state.bufferBytes) return
    const byte = parcel.bytes[parcel.taken]
    if (byte !== undefined) takeByte(parts, byte)
    parcel.taken += 1
    if (parcel.taken < parcel.bytes.length) continue
    device.inbox = device.inbox.slice(1)
    parcel.resolve()
  }
}

/** A line cuts what it carries where it likes, so a command may come in any number of pieces. */
function takeByte(parts: Parts, byte: number): void {
  const { device, model, reply } = parts
  device.command.push(byte)
  const { command } = device
  const [first, second, n] = command
  const isQuestion = first === DLE && (second ?? EOT) === EOT
  const isKick =
    first === DLE && (second ?? DC4) === DC4 && (n ?? 1) === 1 && model.drawer === 'dle-dc4'
  if ((isQuestion && command.length < 3) || (isKick && command.length < 5)) return
  device.command = []
  if (isQuestion) reply([statusByte(n ?? 0, device.state)])
  else if (isKick) openDrawer(parts)
  else device.buffer.push(...command)
}

const DLE = 0x10
const EOT = 0x04
const DC4 = 0x14

const isOut = (state: SimPrinterState) => state.rollLines === 0
const isLow = (state: SimPrinterState) => state.rollLines < PAPER_LOW_LINES
const isOffline = (state: SimPrinterState) => state.isCoverOpen || isOut(state)

/** The answer to `DLE EOT n`. The switch of the drawer lets pin 3 go high when it opens. */
function statusByte(n: number, state: SimPrinterState): number {
  if (n === 1) return 0x12 | (isOffline(state) ? 0x08 : 0) | (state.isDrawerOpen ? 0x04 : 0)
  if (n === 2) return 0x12 | (state.isCoverOpen ? 0x04 : 0) | (isOut(state) ? 0x20 : 0)
  if (n === 4) return 0x12 | (isLow(state) ? 0x0c : 0) | (isOut(state) ? 0x60 : 0)
  return 0x12
}

/** What `GS a` sends at each change. */
const changeBytes = (state: SimPrinterState): readonly number[] => [
  0x10 |
    (isOffline(state) ? 0x08 : 0) |
    (state.isCoverOpen ? 0x20 : 0) |
    (state.isDrawerOpen ? 0x04 : 0),
  0,
  (isLow(state) ? 0x03 : 0) | (isOut(state) ? 0x0c : 0),
  0x0f
]

function fenceReply(
  command: string,
  parameters: readonly number[],
  state: SimPrinterState
): readonly number[] {
  if (command === 'GS r') return [isLow(state) ? 0x03 : 0]
  // GS ( H pL pH fn m d1 d2 d3 d4: function 48 sends the four back.
  return parameters[0] === 0x48 ? [0x37, 0x22, ...parameters.slice(5, 9), 0] : []
}

const unplugged = (): Fault =>
  new Fault({
    code: 'device-absent',
    message: 'The simulated printer is not plugged in.',
    fix: 'End its fault on the till, or with stall doctor --fix.',
    isRetryable: true
  })
