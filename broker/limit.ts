import type { ParserInside } from './inside.ts'

/**
 * Hangs up on a packet that announces more bytes than it may have.
 *
 * aedes has no such limit: a stranger may announce a CONNECT of 256 MB, and all of it is kept
 * before anybody is asked who they are. The length is known after at most five bytes (2.2.3), so
 * nothing beyond the piece it came in is kept. A packet that lies whole in one read passes: it
 * costs no more than the read.
 */
export function limitPackets(options: {
  parser: ParserInside
  bytesMax: () => number
  tooLarge: (bytes: number) => void
}): void {
  const { parser, bytesMax, tooLarge } = options
  const parse = parser.parse.bind(parser)
  parser.parse = bytes => {
    const left = parse(bytes)
    if (parser.packet.length > bytesMax()) tooLarge(parser.packet.length)
    return left
  }
}
