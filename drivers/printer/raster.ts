/** Black and white dots, row by row, eight to a byte, the leftmost dot in the highest bit. */
export interface Raster {
  readonly widthBytes: number
  readonly height: number
  readonly bits: Uint8Array
}

export function blankRaster({ width, height }: { width: number; height: number }): Raster {
  const widthBytes = Math.ceil(width / 8)
  return { widthBytes, height, bits: new Uint8Array(widthBytes * height) }
}

/** Dots to the right of the last byte are cut off. */
export function setDot({ widthBytes, bits }: Raster, x: number, y: number): void {
  if (x < 0 || x >= 8 * widthBytes) return
  const at = y * widthBytes + (x >> 3)
  bits[at] = (bits[at] ?? 0) | (0x80 >> (x & 7))
}

/**
 * Epson GS v 0, in bands that join without a seam: the command prints its rows and stops. A band
 * is small enough for one chunk, so a question fits between any two.
 */
export function rasterBands({ widthBytes, height, bits }: Raster): Uint8Array[] {
  const bands: Uint8Array[] = []
  const rowsMax = Math.max(1, Math.min(BAND_ROWS_MAX, Math.floor(BAND_BYTES_MAX / widthBytes)))
  for (let top = 0; top < height; top += rowsMax) {
    const rows = Math.min(rowsMax, height - top)
    const dots = bits.subarray(top * widthBytes, (top + rows) * widthBytes)
    if (dots.includes(DLE)) throw new RangeError('A picture holds DLE; see withoutDle')
    const size = [widthBytes & 0xff, widthBytes >> 8, rows, 0]
    bands.push(Uint8Array.of(0x1d, 0x76, 0x30, 0, ...size, ...dots))
  }
  return bands
}

/**
 * Printers obey DLE commands wherever they stand, also within a picture (Epson, notes on DLE EOT
 * and DLE DC4), and one of them opens the drawer. DLE is one lonely dot (0x10), so pictures whose
 * dots come in pairs have none; any other gets a second dot beside the first.
 */
export const withoutDle = (raster: Raster): Raster => ({
  ...raster,
  bits: raster.bits.map(byte => (byte === DLE ? 0x18 : byte))
})

const DLE = 0x10
const BAND_ROWS_MAX = 24
const BAND_BYTES_MAX = 1_000
