import type { Notebook, Now } from './ports.ts'

const NAME = 'clock'
const SAVE_MS = 5_000

/**
 * The tablet's clock for "how long ago": it grows with `performance.now`, so setting the wall clock
 * never moves it while the page lives. Over a reload it goes on from what was noted last, and only
 * that gap is measured by the wall clock; a wall clock set back in the gap counts as no time.
 * Where `performance.now` stands still in sleep (Android), an age can come out too small: the sale
 * is then booked as younger than it is, never lost and never older.
 */
export function openClock(ports: {
  readonly wall: () => number
  readonly mono: () => number
  readonly notebook: Notebook
}): Now {
  const { wall, mono, notebook } = ports
  const noted = parse(notebook.read(NAME))
  const started = mono()
  const base = noted ? noted.clock + Math.max(0, wall() - noted.wall) : 0
  let savedAt = Number.NEGATIVE_INFINITY
  return () => {
    const clock = Math.round(base + mono() - started)
    if (clock - savedAt >= SAVE_MS) {
      savedAt = clock
      notebook.write(NAME, `${clock} ${Math.round(wall())}`)
    }
    return clock
  }
}

function parse(text: string | null): { readonly clock: number; readonly wall: number } | null {
  const [clock = Number.NaN, wall = Number.NaN] = (text ?? '').split(' ').map(Number)
  return Number.isFinite(clock) && Number.isFinite(wall) ? { clock, wall } : null
}
