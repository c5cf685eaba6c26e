import { crc32, deflateSync } from 'node:zlib'
import type { Raster } from '../printer/raster.ts'

/** A PNG (ISO/IEC 15948) of one bit a dot, black on nothing: the paper shows through. */
export function pngOf({ widthBytes, height, bits }: Raster): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(widthBytes * 8, 0)
  header.writeUInt32BE(height, 4)
  // One bit deep, colours from a palette.
  header.set([1, 3, 0, 0, 0], 8)
  const rows = Array.from({ length: height }, (_, y) =>
    // Each row says first that it is not filtered.
    Buffer.concat([Buffer.of(0), bits.subarray(y * widthBytes, (y + 1) * widthBytes)])
  )
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.of(0xff, 0xff, 0xff, 0x22, 0x22, 0x22)),
    chunk('tRNS', Buffer.of(0)),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0))
  ])
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')

function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(body, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}
