import type { TillView } from '../../core/till.ts'
import type { Basket } from './basket.ts'

/**
 * Asks the stall which till it has now. `reload` also replaces the browser's stored copy, so that
 * a tablet that is opened while the box restarts opens the newest till it ever saw.
 */
export async function seesUpdate(ports: {
  readonly fetch: typeof globalThis.fetch
  /** The script this page runs. */
  readonly running: string
}): Promise<boolean> {
  const response = await ports.fetch('/', { cache: 'reload' })
  const html = await response.text()
  const [served] = html.match(/\/assets\/till-[\w-]+\.js/) ?? []
  return response.ok && served !== undefined && !ports.running.endsWith(served)
}

/** Never during trade: only between sessions, and with nothing on the counter. */
export const canUpdate = (now: {
  readonly view: TillView | null
  readonly basket: Basket
}): boolean => now.view?.session === null && now.basket.lines.length === 0
