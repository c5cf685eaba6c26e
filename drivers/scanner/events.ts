/** What matters of one `struct input_event` (linux/input.h). */
export type InputEvent =
  | { readonly event: 'key'; readonly atMs: number; readonly key: number; readonly isDown: boolean }
  /** SYN_DROPPED: the kernel's buffer was full, and keys are missing. */
  | { readonly event: 'dropped' }

/**
 * `struct input_event` begins with a `timeval`, whose two numbers have the width of the kernel's
 * `long`: 24 bytes where pointers have 64 bits, 16 bytes on 32-bit ARM.
 */
export const inputEventBytes = (architecture: string): 16 | 24 =>
  architecture === 'arm' || architecture === 'ia32' ? 16 : 24

const EV_SYN = 0
const EV_KEY = 1
const SYN_DROPPED = 3
const RELEASED = 0
const PRESSED = 1

/** Takes bytes as they come, cut anywhere, and keeps less than one event of them. */
export function inputEventReader(size: 16 | 24): (bytes: Uint8Array) => readonly InputEvent[] {
  let rest = new Uint8Array()
  return bytes => {
    const whole = new Uint8Array(rest.length + bytes.length)
    whole.set(rest)
    whole.set(bytes, rest.length)
    const view = new DataView(whole.buffer)
    const events: InputEvent[] = []
    let at = 0
    for (; at + size <= whole.length; at += size) {
      const event = readEvent(view, at, size)
      if (event !== undefined) events.push(event)
    }
    rest = whole.slice(at)
    return events
  }
}

/** All machines that we know are little-endian. */
function readEvent(view: DataView, at: number, size: 16 | 24): InputEvent | undefined {
  const tail = at + size - 8
  const type = view.getUint16(tail, true)
  const code = view.getUint16(tail + 2, true)
  const value = view.getInt32(tail + 4, true)
  if (type === EV_SYN && code === SYN_DROPPED) return { event: 'dropped' }
  // The third value is a key that repeats because it is held.
  if (type !== EV_KEY || (value !== PRESSED && value !== RELEASED)) return undefined
  const seconds = size === 24 ? Number(view.getBigInt64(at, true)) : view.getUint32(at, true)
  const micros = size === 24 ? Number(view.getBigInt64(at + 8, true)) : view.getUint32(at + 4, true)
  const atMs = seconds * 1_000 + micros / 1_000
  return { event: 'key', atMs, key: code, isDown: value === PRESSED }
}
