import type { Host } from './host.ts'
import type { LineListener } from './line.ts'

/**
 * The same machine, but what a driver's callbacks throw goes to `onThrow` instead of the process,
 * once the run is over nothing calls into it any more, and what it opened is known: a start that
 * fails behind its `watch` would else hold the line against its own next try.
 */
export function guardHost(
  host: Host,
  options: {
    readonly isOver: () => boolean
    readonly onThrow: (error: unknown) => void
    /** Gets how each thing that is open is closed. */
    readonly opened: Set<() => void>
  }
): Host {
  const { isOver, onThrow, opened } = options
  const noted = async <Part extends { readonly close: () => void }>(
    opening: Promise<Part>
  ): Promise<Part> => {
    const part = await opening
    const close = () => {
      opened.delete(close)
      part.close()
    }
    opened.add(close)
    return { ...part, close }
  }
  const guard =
    <Args extends readonly unknown[]>(run: (...args: Args) => void) =>
    (...args: Args): void => {
      if (isOver()) return
      try {
        run(...args)
      } catch (error) {
        onThrow(error)
      }
    }
  const heard = (listener: LineListener): LineListener => ({
    onBytes: guard(listener.onBytes),
    onClose: guard(listener.onClose)
  })
  return {
    ...host,
    startTimer: (ms, run) => host.startTimer(ms, guard(run)),
    gpio: {
      ...host.gpio,
      watch: (request, { onEdges, onGone }) =>
        noted(host.gpio.watch(request, { onEdges: guard(onEdges), onGone: guard(onGone) })),
      drive: request => noted(host.gpio.drive(request))
    },
    serial: { open: (settings, listener) => noted(host.serial.open(settings, heard(listener))) },
    characters: {
      open: (settings, listener) => noted(host.characters.open(settings, heard(listener)))
    }
  }
}
