import type { Line, LineListener } from '../line.ts'

/** A way to reach a printer: TCP, USB, serial, or memory in rehearsals. */
export interface PrinterTransport {
  /** Where the printer is, in words for people: `192.168.1.50:9100`. */
  readonly name: string
  /** What a person may look at when nothing answers. */
  readonly silenceHint?: string
  /** Has its own deadline. Rejects with a `Fault`. */
  readonly open: (listener: LineListener) => Promise<Line>
}
