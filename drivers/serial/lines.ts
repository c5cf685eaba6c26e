import { ReadlineParser } from '@serialport/parser-readline'

/** No device that speaks in lines has more to say in one. */
export const LINE_BYTES_MAX = 1_024

/**
 * Makes lines of bytes, without their ends; CR, LF and both end a line, and empty ones are left
 * out. The parser keeps a line of any length and copies all of it for each piece that comes
 * (26 MB took 9 s), so what runs on past LINE_BYTES_MAX is thrown away up to the next end and told
 * as `onOverlong`: that is how a wrong baud rate looks.
 */
export function lineReader(options: {
  readonly onLine: (line: string) => void
  readonly onOverlong: () => void
}): (bytes: Uint8Array) => void {
  const freshParser = () =>
    new ReadlineParser({ encoding: 'utf8' }).on('data', (line: string) => options.onLine(line))
  let parser = freshParser()
  /** Bytes of the unfinished line, in the parser or thrown away. */
  let pending = 0
  const take = (piece: Uint8Array, isEnded: boolean) => {
    const wasOverlong = pending > LINE_BYTES_MAX
    pending += piece.length
    if (pending <= LINE_BYTES_MAX) parser.write(piece)
    else if (!wasOverlong) {
      parser.destroy()
      parser = freshParser()
      options.onOverlong()
    }
    if (!isEnded) return
    if (pending <= LINE_BYTES_MAX) parser.write(LINE_FEED)
    pending = 0
  }
  return bytes => {
    for (let from = 0; from < bytes.length; ) {
      const end = lineEnd(bytes, from)
      if (end > from || pending > 0) take(bytes.subarray(from, end), end < bytes.length)
      from = end + 1
    }
  }
}

const LF = 0x0a
const CR = 0x0d
const LINE_FEED = Uint8Array.of(LF)

/** The place of the next CR or LF, or the end of the bytes. */
function lineEnd(bytes: Uint8Array, from: number): number {
  const ends = [bytes.indexOf(LF, from), bytes.indexOf(CR, from)].filter(place => place >= 0)
  return Math.min(bytes.length, ...ends)
}
