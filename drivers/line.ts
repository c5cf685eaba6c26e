/** One open line of bytes: a socket, a serial port, a character device, or memory. */
export interface Line {
  /**
   * Resolves when the bytes left our hands, which proves nothing about the other end: a socket
   * takes a whole receipt in 3 ms. Rejects with a `Fault` when the line breaks or is closed first;
   * a line that stands still is for the caller to close.
   */
  readonly write: (bytes: Uint8Array) => Promise<void>
  readonly close: () => void
}

export interface LineListener {
  readonly onBytes: (bytes: Uint8Array) => void
  /** Called once, also after `close`. */
  readonly onClose: () => void
}
