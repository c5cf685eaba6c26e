import { constants } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { constants as os } from 'node:os'
import { join } from 'node:path'
import { getSystemErrorName } from 'node:util'
import { Fault } from '../../node/core/ports.ts'
import type {
  EdgeListener,
  Gpio,
  InputLines,
  InputRequest,
  LineRef,
  OutputLine,
  OutputRequest
} from '../host.ts'
import { type Fdio, watchReadable } from '../native/load.ts'
import {
  type ChipNames,
  chipGone,
  findLine,
  lineAbsent,
  lineBusy,
  linesApart,
  noPermission
} from './lines.ts'
import { edgeOrder, type NumberedEdge } from './order.ts'
import { keepSafe } from './safe.ts'
import * as uapi from './uapi.ts'

/** GPIO by the kernel's character device: stamps are the kernel's, and what was lost is counted. */
export const openCdev = (options: {
  readonly fdio: Fdio
  /** Where gpiochip0 is. */
  readonly devRoot: string
}): Gpio => ({
  watch: (request, listener) =>
    withChips(options, chips => watchLines({ ...options, chips, request, listener })),
  drive: request => withChips(options, chips => driveLine({ ...options, chips, request }))
})

/** Numbers of chips move from boot to boot; only these names are chips. */
export const isChipName = (name: string): boolean => /^gpiochip\d+$/.test(name)

/** The largest chips have some hundred; each costs a question. */
const CHIP_LINES_MAX = 1_024
/** A full ring of the kernel in four reads. */
const EVENTS_A_READ = uapi.KEPT_EDGES_MAX / 4
/** A line that never rests has its next turn after everybody else. */
const READS_A_TURN_MAX = 16
const { EAGAIN, EACCES, EPERM, EBUSY, ENODEV } = os.errno

interface Chip extends ChipNames {
  readonly fd: number
}

/** Looks at all chips anew for each request, for they come and go. */
async function withChips<Result>(
  { fdio, devRoot }: { readonly fdio: Fdio; readonly devRoot: string },
  step: (chips: readonly Chip[]) => Result
): Promise<Result> {
  const names = (await readdir(devRoot)).filter(isChipName).toSorted()
  const chips: Chip[] = []
  let isForbidden = false
  try {
    for (const name of names) {
      const fd = fdio.open(join(devRoot, name), constants.O_RDWR)
      if (fd === -EACCES || fd === -EPERM) isForbidden = true
      if (fd >= 0) chips.push({ fd, ...namesOf(fdio, fd) })
    }
    return step(chips)
  } catch (error) {
    // The line may be on a chip that could not be asked.
    const isAbsent = error instanceof Fault && error.code === 'device-absent'
    throw isForbidden && isAbsent ? noPermission(devRoot) : error
  } finally {
    for (const { fd } of chips) fdio.close(fd)
  }
}

function namesOf(fdio: Fdio, fd: number): ChipNames {
  const info = uapi.emptyChipInfo()
  if (fdio.ioctl(fd, uapi.GPIO_GET_CHIPINFO, info) < 0) return { label: '', names: [] }
  const { label, lines } = uapi.readChipInfo(info)
  const length = Math.min(lines, CHIP_LINES_MAX)
  const names = Array.from({ length }, (_, offset) => lineInfo(fdio, fd, offset).name)
  return { label, names }
}

function lineInfo(fdio: Fdio, fd: number, offset: number) {
  const info = uapi.lineInfoRequest(offset)
  fdio.ioctl(fd, uapi.GPIO_V2_GET_LINEINFO, info)
  return uapi.readLineInfo(info)
}

function findLines(
  refs: readonly LineRef[],
  chips: readonly Chip[]
): { readonly chip: Chip; readonly offsets: readonly number[] } {
  const found = refs.map(ref => {
    const line = findLine(ref, chips)
    if (line === undefined) throw lineAbsent(ref)
    return line
  })
  const [first] = found
  if (first === undefined) throw new RangeError('A request without lines')
  const { chip } = first
  if (found.some(line => line.chip !== chip)) throw linesApart(refs)
  return { chip, offsets: found.map(({ offset }) => offset) }
}

/** Asks the kernel for the lines; gives the descriptor that stands for them. */
function takeLines(options: {
  readonly fdio: Fdio
  readonly chip: Chip
  readonly offsets: readonly number[]
  readonly refs: readonly LineRef[]
  readonly consumer: string
  readonly request: Uint8Array
}): number {
  const { fdio, chip, offsets, refs, consumer, request } = options
  const result = fdio.ioctl(chip.fd, uapi.GPIO_V2_GET_LINE, request)
  if (result >= 0) return uapi.requestFd(request)
  if (result !== -EBUSY) throw chipFault(chip.label, result)
  for (const [index, ref] of refs.entries()) {
    const info = lineInfo(fdio, chip.fd, offsets[index] ?? 0)
    if (info.isUsed) throw lineBusy(ref, info.consumer)
  }
  // Nobody has it: it was asked for twice in one request, or just let go.
  throw lineBusy(refs.at(-1) ?? { name: '' }, consumer)
}

function watchLines(options: {
  readonly fdio: Fdio
  readonly chips: readonly Chip[]
  readonly request: InputRequest
  readonly listener: EdgeListener
}): InputLines {
  const { fdio, request, listener } = options
  const { chip, offsets } = findLines(request.lines, options.chips)
  const fd = takeLines({
    ...{ fdio, chip, offsets, refs: request.lines, consumer: request.consumer },
    request: uapi.inputRequest({ ...request, offsets })
  })
  let isOpen = true
  const close = () => {
    if (!isOpen) return
    isOpen = false
    fdio.unwatch(watcher)
    fdio.close(fd)
  }
  const drain = edgeReader({ fdio, fd, offsets, isOpen: () => isOpen, onEdges: listener.onEdges })
  const onReady = (status: number) => {
    if (status >= 0 && drain()) return
    close()
    listener.onGone(chipGone(chip.label))
  }
  const fault = (result: number) => chipFault(chip.label, result)
  const watcher = watchReadable({ fdio, fd, onReady, fault })
  const values = uapi.valuesRequest(offsets.length)
  return {
    isExact: true,
    values: () => {
      const result = isOpen ? fdio.ioctl(fd, uapi.GPIO_V2_LINE_GET_VALUES, values) : -ENODEV
      if (result < 0) throw chipFault(chip.label, result)
      return uapi.readValues(values, offsets.length)
    },
    close
  }
}

/** Reads what there is and tells it in order; false when the chip is gone or speaks nonsense. */
function edgeReader(options: {
  readonly fdio: Fdio
  readonly fd: number
  readonly offsets: readonly number[]
  readonly isOpen: () => boolean
  readonly onEdges: EdgeListener['onEdges']
}): () => boolean {
  const { fdio, fd, offsets, isOpen, onEdges } = options
  const bytes = new Uint8Array(EVENTS_A_READ * uapi.EVENT_BYTES)
  const events = new DataView(bytes.buffer)
  const lines = new Map(offsets.map((offset, line) => [offset, line]))
  const putInOrder = edgeOrder()
  return () => {
    for (let reads = 0; isOpen() && reads < READS_A_TURN_MAX; reads++) {
      const count = fdio.read(fd, bytes)
      if (count === -EAGAIN) return true
      if (count <= 0 || count % uapi.EVENT_BYTES !== 0) return false
      const read: NumberedEdge[] = []
      for (let at = 0; at < count; at += uapi.EVENT_BYTES) {
        const edge = uapi.edgeAt(events, at, lines)
        if (edge === undefined) return false
        read.push({ edge, seqno: uapi.seqnoAt(events, at) })
      }
      for (const { edges, lost } of putInOrder(read)) {
        if (isOpen()) onEdges(edges, lost)
      }
      if (count < bytes.length) return true
    }
    return true
  }
}

function driveLine(options: {
  readonly fdio: Fdio
  readonly chips: readonly Chip[]
  readonly request: OutputRequest
}): OutputLine {
  const { fdio, request } = options
  const { consumer, isActiveLow, safe } = request
  const { chip, offsets } = findLines([request.line], options.chips)
  const [offset = 0] = offsets
  const fd = takeLines({
    ...{ fdio, chip, offsets, refs: [request.line], consumer },
    request: uapi.outputRequest({ offset, consumer, isActiveLow, isOn: safe })
  })
  const put = (isOn: boolean) =>
    fdio.ioctl(fd, uapi.GPIO_V2_LINE_SET_VALUES, uapi.outputValue(isOn))
  let isOpen = true
  const letGo = keepSafe(() => put(safe))
  return {
    set: isOn => {
      if (!isOpen) throw new Error(`The output ${request.consumer} is closed`)
      const result = put(isOn)
      if (result < 0) throw chipFault(chip.label, result)
    },
    close: () => {
      if (!isOpen) return
      isOpen = false
      letGo()
      put(safe)
      fdio.close(fd)
    }
  }
}

function chipFault(label: string, result: number): Fault {
  if (result === -ENODEV) return chipGone(label)
  return new Fault({
    code: 'gpio-failed',
    message: `The GPIO chip ${label} refuses the request (${getSystemErrorName(result)}).`,
    fix: 'Use another line: not every one of this chip can tell edges, or be pulled up or down.',
    isRetryable: true
  })
}
