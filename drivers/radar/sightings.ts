import { frameReader } from './frames.ts'

/** What an LD2410 sees: how far the nearest is, or nobody. */
export interface Sighting {
  readonly cm: number | undefined
}

/**
 * HLK-LD2410 serial protocol, 2.3: F4 F3 F2 F1, a length, 02 (or 01 when engineering), AA, the
 * target, 55 00, F8 F7 F6 F5.
 */
export function sightingReader(): (bytes: Uint8Array) => readonly Sighting[] {
  const read = frameReader({
    header: Uint8Array.of(0xf4, 0xf3, 0xf2, 0xf1),
    footer: Uint8Array.of(0xf8, 0xf7, 0xf6, 0xf5),
    lengthOf: start => {
      if (start.length < AROUND_BYTES - 4) return undefined
      const length = Buffer.from(start).readUInt16LE(4)
      return length < BASIC_BYTES || length > DATA_BYTES_MAX ? 0 : length + AROUND_BYTES
    }
  })
  return bytes => read(bytes).flatMap(sightingIn)
}

/** A basic frame as the radar sends it; somebody who moves. */
export function sightingFrame({ cm }: Sighting): Uint8Array {
  const nobody = 'f4f3f2f1 0d00 02 aa 00 0000 00 0000 00 0000 5500 f8f7f6f5'
  const frame = Buffer.from(nobody.replaceAll(' ', ''), 'hex')
  if (cm === undefined) return frame
  frame.set([MOVING], STATE_AT)
  frame.writeUInt16LE(cm, STATE_AT + 1)
  frame.set([ENERGY_MAX], STATE_AT + 3)
  frame.writeUInt16LE(cm, STATE_AT + 7)
  return frame
}

/** Header, length and footer. */
const AROUND_BYTES = 10
/** From the type to the 55 00 behind the target. */
const BASIC_BYTES = 13
/** The engineering frame has 35; a longer one is none that we know. */
const DATA_BYTES_MAX = 64
const STATE_AT = 8
const MOVING = 1
const STILL = 2
const ENERGY_MAX = 100

function sightingIn(frame: Uint8Array): readonly Sighting[] {
  const bytes = Buffer.from(frame)
  const type = bytes[6]
  const isReport = (type === 1 || type === 2) && bytes[7] === 0xaa && bytes.at(-6) === 0x55
  const state = bytes[STATE_AT] ?? 0
  if (!isReport || state > (MOVING | STILL)) return []
  const near = [
    ...(state & MOVING ? [bytes.readUInt16LE(STATE_AT + 1)] : []),
    ...(state & STILL ? [bytes.readUInt16LE(STATE_AT + 4)] : [])
  ]
  return [{ cm: near.length === 0 ? undefined : Math.min(...near) }]
}
