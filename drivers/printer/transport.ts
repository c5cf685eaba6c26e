/** A way to reach a printer: TCP here, USB and serial later, memory in rehearsals. */
export interface PrinterTransport {
  /** Where the printer is, in words for people: `192.168.1.50:9100`. */
  readonly name: string
  /** Has its own deadline. Rejects with a `Fault`. */
  readonly open: (listener: LineListener) => Promise<PrinterLine>
}

/** One open line to a printer. */
export interface PrinterLine {
  /**
   * Resolves when the bytes left our hands, which proves nothing about paper: a socket takes a
   * whole receipt in 3 ms. Rejects with a `Fault` when the line breaks or is closed first; a line
   * that stands still is for the caller to close.
   */
  readonly write: (bytes: Uint8Array) => Promise<void>
  readonly close: () => void
}

export interface LineListener {
  readonly onBytes: (bytes: Uint8Array) => void
  /** Called once, also after `close`. */
  readonly onClose: () => void
}
