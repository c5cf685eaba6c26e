import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { PNG } from 'pngjs'
import { Fault } from '../../node/core/ports.ts'
import { blankRaster, type Raster, setDot, withoutDle } from './raster.ts'

/**
 * Reads a PNG and makes it fit the paper, in black and white dots. Rejects with a `Fault`. Colours
 * become greys, and greys a pattern of dots (Floyd and Steinberg, 1976).
 */
export async function readLogo(options: {
  readonly path: string
  /** Of the paper; a wider picture is made smaller, a smaller one stays as it is. */
  readonly dots: number
}): Promise<Raster> {
  const { path, dots } = options
  const bytes = await readFileUpTo(path, FILE_BYTES_MAX)
  return withoutDle(dithered(shrunk(decode(path, bytes), { width: dots, height: ROWS_MAX })))
}

const FILE_BYTES_MAX = 1024 * 1024
/** 4 cm of paper on each receipt are enough. */
const ROWS_MAX = 320
/** 800 by 600, more than any paper shows: 60 ms of work on a PC, a few times that on a Pi. */
const PIXELS_MAX = 480_000

/** Darkness of each dot, 0 is white and 1 black. */
interface Greys {
  readonly width: number
  readonly height: number
  readonly darkness: Float64Array
}

async function readFileUpTo(path: string, bytesMax: number): Promise<Buffer> {
  try {
    // A pipe would be waited for until somebody writes to it.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const { size } = await file.stat()
      if (size > bytesMax) throw tooLarge(path, `it has ${Math.ceil(size / 1024)} KiB`)
      const bytes = Buffer.alloc(size)
      const { bytesRead } = await file.read(bytes, 0, size, 0)
      return bytes.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault({
      code: 'logo-missing',
      message: `Receipts have no logo: ${path} cannot be read.`,
      fix: 'Put the picture there, or correct `logo` in stall.toml.',
      isRetryable: true
    })
  }
}

/** PNG (ISO/IEC 15948): a signature, then IHDR with the size, which is looked at first. */
function decode(path: string, bytes: Buffer): Greys {
  const isPng = bytes.length > 24 && bytes.readUInt32BE(0) === 0x89504e47
  const [width, height] = isPng ? [bytes.readUInt32BE(16), bytes.readUInt32BE(20)] : [0, 0]
  if (width * height > PIXELS_MAX) throw tooLarge(path, `it has ${width} by ${height} pixels`)
  try {
    const { data } = PNG.sync.read(bytes)
    return { width, height, darkness: darknessOf(data) }
  } catch (error) {
    throw new Fault({
      code: 'logo-broken',
      message: `Receipts have no logo: ${path} is no picture that can be read.`,
      fix: `Save it again as a PNG (${error instanceof Error ? error.message : error}).`,
      isRetryable: true
    })
  }
}

const tooLarge = (path: string, why: string) =>
  new Fault({
    code: 'logo-too-large',
    message: `Receipts have no logo: ${path} is too large; ${why}.`,
    fix: 'Make it smaller: paper has 384 or 576 dots from side to side.',
    isRetryable: true
  })

/** Of RGBA on white paper, weighed as eyes do (ITU-R BT.601). */
function darknessOf(rgba: Uint8Array): Float64Array {
  const darkness = new Float64Array(rgba.length / 4)
  for (let pixel = 0; pixel < darkness.length; pixel++) {
    const at = 4 * pixel
    const red = 0.299 * (rgba[at] ?? 0)
    const green = 0.587 * (rgba[at + 1] ?? 0)
    const blue = 0.114 * (rgba[at + 2] ?? 0)
    const alpha = (rgba[at + 3] ?? 0) / 255
    darkness[pixel] = (1 - (red + green + blue) / 255) * alpha
  }
  return darkness
}

/** The mean of all that falls on a dot. */
function shrunk(picture: Greys, room: { width: number; height: number }): Greys {
  const scale = Math.max(1, picture.width / room.width, picture.height / room.height)
  if (scale === 1) return picture
  const width = Math.max(1, Math.floor(picture.width / scale))
  const height = Math.max(1, Math.floor(picture.height / scale))
  const sums = new Float64Array(width * height)
  const counts = new Float64Array(width * height)
  for (let y = 0; y < picture.height; y++) {
    const row = Math.min(height - 1, Math.floor(y / scale))
    for (let x = 0; x < picture.width; x++) {
      const at = row * width + Math.min(width - 1, Math.floor(x / scale))
      sums[at] = (sums[at] ?? 0) + (picture.darkness[y * picture.width + x] ?? 0)
      counts[at] = (counts[at] ?? 0) + 1
    }
  }
  return { width, height, darkness: sums.map((sum, at) => sum / (counts[at] ?? 1)) }
}

function dithered({ width, height, darkness }: Greys): Raster {
  const raster = blankRaster({ width, height })
  const rest = Float64Array.from(darkness)
  const spread = (x: number, y: number, error: number) => {
    if (x < 0 || x >= width || y >= height) return
    rest[y * width + x] = (rest[y * width + x] ?? 0) + error
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wanted = rest[y * width + x] ?? 0
      const isBlack = wanted >= 0.5
      if (isBlack) setDot(raster, x, y)
      const error = wanted - (isBlack ? 1 : 0)
      spread(x + 1, y, (error * 7) / 16)
      spread(x - 1, y + 1, (error * 3) / 16)
      spread(x, y + 1, (error * 5) / 16)
      spread(x + 1, y + 1, error / 16)
    }
  }
  return raster
}
