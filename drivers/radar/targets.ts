import { frameReader } from './frames.ts'

/** What an LD2450 sees in one of its three slots. */
export interface Target {
  readonly xMm: number
  readonly yMm: number
  readonly cmPerSecond: number
}

/** HLK-LD2450 manual, chapter 6: AA FF 03 00, three targets of 8 bytes, 55 CC. */
export function targetReader(): (bytes: Uint8Array) => readonly (readonly Target[])[] {
  const read = frameReader({
    header: Uint8Array.of(0xaa, 0xff, 0x03, 0x00),
    footer: Uint8Array.of(0x55, 0xcc),
    lengthOf: () => FRAME_BYTES
  })
  return bytes => read(bytes).map(frame => SLOTS.flatMap(slot => targetIn(frame, slot)))
}

/** A frame as the radar sends it. */
export function targetFrame(targets: readonly Target[]): Uint8Array {
  const frame = Buffer.alloc(FRAME_BYTES)
  frame.set([0xaa, 0xff, 0x03, 0x00])
  frame.set([0x55, 0xcc], FRAME_BYTES - 2)
  for (const [slot, { xMm, yMm, cmPerSecond }] of targets.slice(0, SLOTS.length).entries()) {
    const at = 4 + 8 * slot
    for (const [index, value] of [xMm, yMm, cmPerSecond].entries()) {
      frame.writeUInt16LE(value < 0 ? -value : value | SIGN, at + 2 * index)
    }
    frame.writeUInt16LE(RESOLUTION_MM, at + 6)
  }
  return frame
}

const FRAME_BYTES = 30
const SLOTS: readonly number[] = [0, 1, 2]
const SIGN = 0x8000
const RESOLUTION_MM = 320

function targetIn(frame: Uint8Array, slot: number): readonly Target[] {
  const bytes = Buffer.from(frame).subarray(4 + 8 * slot, 12 + 8 * slot)
  // Table 3: a slot of zeros is an empty one.
  if (bytes.every(byte => byte === 0)) return []
  const [xMm = 0, yMm = 0, cmPerSecond = 0] = [0, 2, 4].map(at => signed(bytes.readUInt16LE(at)))
  return [{ xMm, yMm, cmPerSecond }]
}

/** Not two's complement: the highest bit is set for positive numbers. */
const signed = (word: number): number => (word & SIGN ? word & ~SIGN : -word || 0)
