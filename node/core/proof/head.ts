import type { LogId } from '../id.ts'

/** What a log key signs: how long the log is, and the hash of all of it. */
export interface Head {
  readonly log: LogId
  readonly size: number
  readonly root: Uint8Array
}

/** The name of a log to the world: a URL without a scheme (C2SP tlog-checkpoint, "origin"). */
export const originOf = (market: string, log: LogId): string => `${market}/${log}`

/** The note text of a C2SP tlog-checkpoint, without extension lines: what is signed, exactly. */
export const headText = (market: string, { log, size, root }: Head): string =>
  `${originOf(market, log)}\n${size}\n${base64(root)}\n`

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** RFC 4648 4; core has neither `Buffer` nor `btoa`. */
export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; index += 3) {
    const [a = 0, b, c] = bytes.subarray(index, index + 3)
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    text += DIGITS[group >> 18]
    text += DIGITS[(group >> 12) & 63]
    text += b === undefined ? '=' : DIGITS[(group >> 6) & 63]
    text += c === undefined ? '=' : DIGITS[group & 63]
  }
  return text
}
