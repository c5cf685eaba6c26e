import type { Edge } from '../host.ts'

/**
 * The structures of linux/gpio.h, version 2 of its interface (Linux 5.10), as bytes. They are laid
 * out alike on 32 and 64 bits; all machines that we build for are little-endian.
 */

export const GPIO_GET_CHIPINFO = 0x8044b401
export const GPIO_V2_GET_LINEINFO = 0xc100b405
export const GPIO_V2_GET_LINE = 0xc250b407
export const GPIO_V2_LINE_GET_VALUES = 0xc010b40e
export const GPIO_V2_LINE_SET_VALUES = 0xc010b40f

/** The most that the kernel keeps for a request: 16 for each of GPIO_V2_LINES_MAX, 64. */
export const KEPT_EDGES_MAX = 16 * 64
/** sizeof(struct gpio_v2_line_event) */
export const EVENT_BYTES = 48
/** sizeof(struct gpio_v2_line_values): what the lines are, and which of them are meant. */
const VALUES_BYTES = 16
/** GPIO_MAX_NAME_SIZE, with the zero at its end. */
const NAME_BYTES = 32

const FLAG = {
  USED: 1,
  ACTIVE_LOW: 2,
  INPUT: 4,
  OUTPUT: 8,
  EDGE_RISING: 16,
  EDGE_FALLING: 32,
  BIAS_PULL_UP: 256,
  BIAS_PULL_DOWN: 512,
  BIAS_DISABLED: 1_024
} as const
const ATTRIBUTE = { OUTPUT_VALUES: 2, DEBOUNCE: 3 } as const
const RISING_EDGE = 1
const FALLING_EDGE = 2

const BIAS_FLAGS = {
  up: FLAG.BIAS_PULL_UP,
  down: FLAG.BIAS_PULL_DOWN,
  off: FLAG.BIAS_DISABLED,
  'as-is': 0
} as const

/** struct gpio_v2_line_request for inputs that tell both edges. */
export const inputRequest = (request: {
  readonly offsets: readonly number[]
  readonly consumer: string
  readonly isActiveLow: boolean
  readonly bias: keyof typeof BIAS_FLAGS
  readonly debounceUs: number
}): Uint8Array =>
  lineRequest({
    ...request,
    flags: FLAG.INPUT | FLAG.EDGE_RISING | FLAG.EDGE_FALLING | BIAS_FLAGS[request.bias],
    attribute:
      request.debounceUs > 0 ? { id: ATTRIBUTE.DEBOUNCE, value: request.debounceUs } : undefined,
    keptEdges: KEPT_EDGES_MAX
  })

/** struct gpio_v2_line_request for one output, which has its level from the first moment. */
export const outputRequest = (request: {
  readonly offset: number
  readonly consumer: string
  readonly isActiveLow: boolean
  readonly isOn: boolean
}): Uint8Array =>
  lineRequest({
    ...request,
    offsets: [request.offset],
    flags: FLAG.OUTPUT,
    attribute: { id: ATTRIBUTE.OUTPUT_VALUES, value: request.isOn ? 1 : 0 },
    keptEdges: 0
  })

/** The descriptor that the kernel put into an answered request. */
export const requestFd = (request: Uint8Array): number => viewOf(request).getInt32(588, true)

function lineRequest(request: {
  readonly offsets: readonly number[]
  readonly consumer: string
  readonly isActiveLow: boolean
  readonly flags: number
  readonly attribute: { readonly id: number; readonly value: number } | undefined
  readonly keptEdges: number
}): Uint8Array {
  const { offsets, consumer, isActiveLow, flags, attribute, keptEdges } = request
  const bytes = new Uint8Array(592)
  const view = viewOf(bytes)
  for (const [index, offset] of offsets.entries()) view.setUint32(4 * index, offset, true)
  new TextEncoder().encodeInto(consumer, bytes.subarray(256, 256 + NAME_BYTES - 1))
  // struct gpio_v2_line_config
  view.setUint32(288, flags | (isActiveLow ? FLAG.ACTIVE_LOW : 0), true)
  if (attribute !== undefined) {
    view.setUint32(296, 1, true)
    // struct gpio_v2_line_config_attribute: what, and for which lines
    view.setUint32(320, attribute.id, true)
    view.setUint32(328, attribute.value, true)
    view.setBigUint64(336, allOf(offsets.length), true)
  }
  view.setUint32(560, offsets.length, true)
  view.setUint32(564, keptEdges, true)
  return bytes
}

export const emptyChipInfo = (): Uint8Array => new Uint8Array(68)

/** struct gpiochip_info */
export const readChipInfo = (bytes: Uint8Array) => ({
  label: nameAt(bytes, 32),
  lines: viewOf(bytes).getUint32(64, true)
})

export function lineInfoRequest(offset: number): Uint8Array {
  const bytes = new Uint8Array(256)
  viewOf(bytes).setUint32(64, offset, true)
  return bytes
}

/** struct gpio_v2_line_info */
export const readLineInfo = (bytes: Uint8Array) => ({
  name: nameAt(bytes, 0),
  consumer: nameAt(bytes, 32),
  isUsed: (viewOf(bytes).getUint32(72, true) & FLAG.USED) !== 0
})

/** struct gpio_v2_line_values, to ask for all of so many lines. */
export function valuesRequest(lines: number): Uint8Array {
  const bytes = new Uint8Array(VALUES_BYTES)
  viewOf(bytes).setBigUint64(8, allOf(lines), true)
  return bytes
}

export function readValues(bytes: Uint8Array, lines: number): readonly boolean[] {
  const bits = viewOf(bytes).getBigUint64(0, true)
  return Array.from({ length: lines }, (_, line) => ((bits >> BigInt(line)) & 1n) === 1n)
}

/** struct gpio_v2_line_values for a request of one output. */
export function outputValue(isOn: boolean): Uint8Array {
  const bytes = valuesRequest(1)
  bytes[0] = isOn ? 1 : 0
  return bytes
}

/** Counts all edges of a request, also those that were dropped. Begins at 1. */
export const seqnoAt = (events: DataView, at: number): number => events.getUint32(at + 16, true)

/** struct gpio_v2_line_event. Undefined when no kernel writes such a thing. */
export function edgeAt(
  events: DataView,
  at: number,
  lines: ReadonlyMap<number, number>
): Edge | undefined {
  const id = events.getUint32(at + 8, true)
  const line = lines.get(events.getUint32(at + 12, true))
  if (line === undefined || (id !== RISING_EDGE && id !== FALLING_EDGE)) return undefined
  // Whole ns are exact up to 104 days since boot, and in whole µs afterwards too.
  const ns = events.getUint32(at + 4, true) * 2 ** 32 + events.getUint32(at, true)
  return { line, isActive: id === RISING_EDGE, monoUs: Math.floor(ns / 1_000) }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const allOf = (lines: number): bigint => (1n << BigInt(lines)) - 1n

/** A name ends at its first zero; the kernel copies up to 31 bytes of whatever was given. */
function nameAt(bytes: Uint8Array, at: number): string {
  const name = bytes.subarray(at, at + NAME_BYTES)
  const end = name.indexOf(0)
  return new TextDecoder().decode(end < 0 ? name : name.subarray(0, end))
}
