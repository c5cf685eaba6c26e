import qrcode from 'qrcode-generator'
import { blankRaster, type Raster, setDot } from './raster.ts'

type ErrorLevel = 'M' | 'L'

/** ISO/IEC 18004 asks for four light modules on each side. */
const QUIET_MODULES = 4
/** Shorter runs of digits gain nothing by a segment of their own. */
const DIGITS_MIN = 12

/** 0.6 mm on paper: more does not read better, and eats the roll. */
const MODULE_DOTS_BEST = 5

/**
 * Draws a QR code that fits the paper: at error level M with large modules, with the smallest
 * that `moduleDotsMin` allows, at level L, else undefined. The digits at the end go into a numeric
 * segment, which takes 3.3 bits for each instead of 8. The margin at the sides is the paper's;
 * above and below it is up to the caller.
 */
export function qrRaster(options: {
  readonly data: string
  readonly dots: number
  readonly moduleDotsMin: number
}): Raster | undefined {
  for (const level of ['M', 'L'] as const) {
    const modules = encode(options.data, level)
    if (modules === undefined) continue
    const moduleDotsMax = Math.floor(options.dots / (modules.length + 2 * QUIET_MODULES))
    const moduleDots = Math.min(moduleDotsMax, MODULE_DOTS_BEST)
    if (moduleDots >= options.moduleDotsMin) return draw(modules, moduleDots)
  }
  return undefined
}

/** The digits that the largest code holds; nothing longer can fit. */
const DATA_LENGTH_MAX = 7_089

function encode(data: string, level: ErrorLevel): boolean[][] | undefined {
  if (data.length > DATA_LENGTH_MAX) return undefined
  const digits = /[0-9]*$/.exec(data)?.[0] ?? ''
  const isSplit = digits.length >= DIGITS_MIN
  const head = isSplit ? data.slice(0, data.length - digits.length) : data
  const code = qrcode(0, level)
  // The library takes one byte a character, so UTF-8 is spelled out.
  if (head !== '') code.addData(String.fromCharCode(...new TextEncoder().encode(head)), 'Byte')
  if (isSplit) code.addData(digits, 'Numeric')
  try {
    code.make()
  } catch (error) {
    // It throws a string when not even version 40 holds the data.
    if (typeof error === 'string') return undefined
    throw error
  }
  const size = code.getModuleCount()
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => code.isDark(row, column))
  )
}

/**
 * With modules of two dots or more no byte of the picture is DLE (0x10, one lonely dot), so no
 * printer takes a part of it for a real-time command, which Epson warns of.
 */
function draw(modules: readonly (readonly boolean[])[], moduleDots: number): Raster {
  const size = modules.length * moduleDots
  const raster = blankRaster({ width: size, height: size })
  for (let y = 0; y < size; y++) {
    const row = modules[Math.floor(y / moduleDots)] ?? []
    for (let x = 0; x < size; x++) {
      if (row[Math.floor(x / moduleDots)] === true) setDot(raster, x, y)
    }
  }
  return raster
}
