import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

const TERMINUS = '/usr/share/consolefonts/Uni2-Terminus24x12.psf.gz'

/** The rows of a letter, 12 bits each, from Terminus 12x24; without that font, a box. */
export function glyphOf(letter: string): readonly number[] {
  glyphs ??= existsSync(TERMINUS) ? readFont(gunzipSync(readFileSync(TERMINUS))) : new Map()
  return letter === ' ' ? [] : (glyphs.get(letter) ?? BOX)
}

let glyphs: ReadonlyMap<string, readonly number[]> | undefined

const BOX: readonly number[] = [0x3fc, ...Array<number>(16).fill(0x204), 0x3fc]

/** PSF version 2: a header of 32-bit words, bitmaps, then the letters of each bitmap in UTF-8. */
function readFont(file: Buffer): Map<string, readonly number[]> {
  const headerBytes = file.readUInt32LE(8)
  const count = file.readUInt32LE(16)
  const glyphBytes = file.readUInt32LE(20)
  const height = file.readUInt32LE(24)
  const found = new Map<string, readonly number[]>()
  let at = headerBytes + count * glyphBytes
  for (let glyph = 0; glyph < count; glyph++) {
    const start = headerBytes + glyph * glyphBytes
    const rows = Array.from({ length: height }, (_, y) => file.readUInt16BE(start + 2 * y) >> 4)
    const end = file.indexOf(0xff, at)
    // 0xfe begins sequences of letters with marks, which receipts do not use.
    const letters = file.subarray(at, end).toString('latin1').split('\xfe', 1)[0] ?? ''
    for (const letter of Buffer.from(letters, 'latin1').toString('utf8')) found.set(letter, rows)
    at = end + 1
  }
  return found
}
