import { chipGone, findLine, lineAbsent, lineBusy } from '../gpio/lines.ts'
import type { EdgeListener, Gpio, Host, InputRequest, LineRef, OutputRequest } from '../host.ts'
import { startTimer as realTimer, type StartTimer } from '../timer.ts'

/** A GPIO chip in memory, and the hands that hold its wires. */
export interface SimGpio {
  readonly gpio: Gpio
  /** Drives a wire from outside; its edge is told before this returns, stamped now or `monoUs`. */
  readonly setInput: (name: string, isHigh: boolean, monoUs?: number) => void
  /** The level on the wire, whoever drives it. */
  readonly isHigh: (name: string) => boolean
  /** Told when an output's level changes, until the function that it returns is called. */
  readonly onOutput: (listener: OutputListener) => () => void
  /** The next edges of each request come with word of so many that were dropped before them. */
  readonly loseEdges: (count: number) => void
  /** The chip is unplugged or back. Requests end with it and must be made again. */
  readonly setGone: (isGone: boolean) => void
}

type OutputListener = (name: string, isHigh: boolean) => void

interface SimGpioOptions {
  /** The chip's label. */
  readonly chip: string
  /** Of its lines, by offset. */
  readonly names: readonly string[]
  readonly readClocks: Host['readClocks']
  /** What debouncing waits with. */
  readonly startTimer?: StartTimer
}

/** As strict as the kernel about who holds a line, and with the kernel's software debounce. */
export function simGpio({ startTimer = realTimer, ...options }: SimGpioOptions): SimGpio {
  const { readClocks } = options
  const chip: Chip = {
    label: options.chip,
    names: options.names,
    wires: options.names.map(name => ({ name, level: undefined, bias: 'as-is', consumer: '' })),
    watches: new Set(),
    listeners: new Set(),
    plugged: 1,
    isGone: false
  }
  return {
    gpio: {
      watch: async (request, listener) => watchLines(chip, request, listener),
      drive: async request => driveLine(chip, request)
    },
    setInput: (name, isHigh, monoUs = Math.round(readClocks().monoMs * 1_000)) => {
      const wire = wireNamed(chip, name)
      const isChange = levelOf(wire) !== isHigh
      wire.level = isHigh
      if (!isChange) return
      for (const watch of [...chip.watches]) sense({ watch, wire, monoUs, startTimer })
    },
    isHigh: name => levelOf(wireNamed(chip, name)),
    onOutput: listener => {
      chip.listeners.add(listener)
      return () => chip.listeners.delete(listener)
    },
    loseEdges: count => {
      for (const watch of chip.watches) watch.lost += count
    },
    setGone: isGone => {
      if (isGone && !chip.isGone) unplug(chip)
      chip.isGone = isGone
    }
  }
}

interface Chip {
  readonly label: string
  readonly names: readonly string[]
  readonly wires: readonly Wire[]
  readonly watches: Set<Watch>
  readonly listeners: Set<OutputListener>
  /** How often it was plugged in: requests of another time are void. */
  plugged: number
  isGone: boolean
}

interface Wire {
  readonly name: string
  /** Undefined while nobody ever drove it: then the bias decides. */
  level: boolean | undefined
  bias: InputRequest['bias']
  /** Who holds the line; empty when it is free. */
  consumer: string
}

interface Watch {
  readonly request: InputRequest
  readonly listener: EdgeListener
  readonly inputs: readonly Input[]
  lost: number
}

interface Input {
  readonly wire: Wire
  /** The level behind the debounce. */
  isHigh: boolean
  stopTimer: (() => void) | undefined
}

const levelOf = ({ level, bias }: Wire): boolean => level ?? bias === 'up'

function wireNamed({ wires }: Chip, name: string): Wire {
  const wire = wires.find(each => each.name === name)
  if (wire === undefined) throw new RangeError(`The simulated chip has no line ${name}`)
  return wire
}

/** All of the lines or none of them. */
function takeWires(chip: Chip, refs: readonly LineRef[], consumer: string): readonly Wire[] {
  if (chip.isGone) throw chipGone(chip.label)
  const taken: Wire[] = []
  for (const ref of refs) {
    const wire = chip.wires[findLine(ref, [chip])?.offset ?? -1]
    if (wire === undefined) throw lineAbsent(ref)
    // A line twice in one request is busy the second time, as in the kernel.
    if (wire.consumer !== '' || taken.includes(wire)) {
      throw lineBusy(ref, wire.consumer || consumer)
    }
    taken.push(wire)
  }
  for (const wire of taken) wire.consumer = consumer
  return taken
}

function watchLines(chip: Chip, request: InputRequest, listener: EdgeListener) {
  const wires = takeWires(chip, request.lines, request.consumer)
  for (const wire of wires) wire.bias = request.bias
  const inputs = wires.map(wire => ({ wire, isHigh: levelOf(wire), stopTimer: undefined }))
  const watch: Watch = { request, listener, inputs, lost: 0 }
  chip.watches.add(watch)
  return {
    isExact: true,
    values: () => {
      if (!chip.watches.has(watch)) throw chipGone(chip.label)
      return inputs.map(({ isHigh }) => isHigh !== request.isActiveLow)
    },
    close: () => {
      if (chip.watches.delete(watch)) letGo(watch)
    }
  }
}

function letGo({ inputs }: Watch): void {
  for (const input of inputs) {
    input.stopTimer?.()
    input.wire.consumer = ''
  }
}

/** What a change on a wire means to a request. */
function sense(change: {
  readonly watch: Watch
  readonly wire: Wire
  readonly monoUs: number
  readonly startTimer: StartTimer
}): void {
  const { watch, wire, monoUs, startTimer } = change
  const line = watch.inputs.findIndex(input => input.wire === wire)
  const input = watch.inputs[line]
  if (input === undefined) return
  const { debounceUs, isActiveLow } = watch.request
  const settle = (stampUs: number) => {
    const isHigh = levelOf(wire)
    if (isHigh === input.isHigh) return
    input.isHigh = isHigh
    const { lost } = watch
    watch.lost = 0
    watch.listener.onEdges([{ line, isActive: isHigh !== isActiveLow, monoUs: stampUs }], lost)
  }
  if (debounceUs === 0) {
    settle(monoUs)
    return
  }
  // The kernel's gpiolib-cdev.c: each interrupt starts the period anew; the stamp is from its end.
  input.stopTimer?.()
  input.stopTimer = startTimer(debounceUs / 1_000, () => settle(monoUs + debounceUs))
}

function driveLine(chip: Chip, request: OutputRequest) {
  const [wire] = takeWires(chip, [request.line], request.consumer)
  if (wire === undefined) throw lineAbsent(request.line)
  const { plugged } = chip
  let isOpen = true
  const put = (isOn: boolean) => {
    const isHigh = isOn !== request.isActiveLow
    if (wire.level === isHigh) return
    wire.level = isHigh
    for (const listener of [...chip.listeners]) listener(wire.name, isHigh)
  }
  put(request.safe)
  return {
    set: (isOn: boolean) => {
      if (!isOpen) throw new Error(`The output ${wire.name} is closed`)
      if (chip.plugged !== plugged) throw chipGone(chip.label)
      put(isOn)
    },
    close: () => {
      if (!isOpen) return
      isOpen = false
      if (chip.plugged !== plugged) return
      put(request.safe)
      wire.consumer = ''
    }
  }
}

function unplug(chip: Chip): void {
  const ended = [...chip.watches]
  chip.watches.clear()
  chip.plugged += 1
  for (const wire of chip.wires) wire.consumer = ''
  for (const watch of ended) letGo(watch)
  for (const { listener } of ended) listener.onGone(chipGone(chip.label))
}
