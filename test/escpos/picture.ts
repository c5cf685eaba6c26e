import { PNG } from 'pngjs'
import type { Paper } from './reader.ts'

const MARGIN = 24

/** The paper as a PNG, black on white, with a little table around it. */
export function pictureOf(paper: Paper): Uint8Array {
  const width = (paper.dots[0]?.length ?? 0) + 2 * MARGIN
  const png = new PNG({ width, height: paper.dots.length + 2 * MARGIN })
  png.data.fill(0xff)
  paper.dots.forEach((row, y) => {
    row.forEach((dot, x) => {
      const at = 4 * ((y + MARGIN) * width + x + MARGIN)
      if (dot === 1) png.data.fill(0, at, at + 3)
    })
  })
  return PNG.sync.write(png)
}
