/** A start bit, eight of data, one to stop: parity and a second stop bit may make it twelve. */
const BITS_A_BYTE = 12
/** What the kernel holds of a terminal line's output at most, a page (tty_buffer, N_TTY). */
const HELD_BYTES_MAX = 4_096

export interface Wire {
  /** The kernel took so many bytes. */
  readonly took: (bytes: number) => void
  /** How long the last of them still need until they are out. */
  readonly leftMs: () => number
}

/**
 * When a serial line's bytes are out. The kernel takes a page of them at once, which at 9600 baud
 * needs five seconds on the wire. It can be asked (tcdrain), but that holds a thread of the pool,
 * for ever when the device takes nothing; arithmetic does not.
 */
export function wireAt(options: { readonly baud: number; readonly nowMs: () => number }): Wire {
  const { baud, nowMs } = options
  const msOf = (bytes: number) => (bytes * BITS_A_BYTE * 1_000) / baud
  let outAtMs = 0
  return {
    took: bytes => {
      const now = nowMs()
      outAtMs = Math.min(Math.max(now, outAtMs) + msOf(bytes), now + msOf(HELD_BYTES_MAX))
    },
    leftMs: () => Math.max(0, Math.ceil(outAtMs - nowMs()))
  }
}
