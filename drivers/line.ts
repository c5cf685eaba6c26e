/** One open line of bytes: a socket, a serial port, a character device, or memory. */
export interface Line {
  /**
   * Resolves when the bytes left our hands, which proves nothing about the other end: a socket
   * takes a whole receipt in 3 ms. Rejects with a `Fault` when the line breaks or is closed first;
   * a line that stands still is for the caller to close. More than UNSENT_BYTES_MAX that the other
   * end has not taken are refused as `line-full`.
   */
  readonly write: (bytes: Uint8Array) => Promise<void>
  readonly close: () => void
}

export interface LineListener {
  readonly onBytes: (bytes: Uint8Array) => void
  /** Called once, also after `close`. */
  readonly onClose: () => void
}

/** Devices are sent a chunk at a time; more than this unsent means that they take nothing. */
export const UNSENT_BYTES_MAX = 64 * 1024
