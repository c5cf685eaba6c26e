import type { Host } from './host.ts'
import type { LineListener } from './line.ts'

/**
 * The same machine, but what a driver's callbacks throw goes to `onThrow` instead of the process,
 * and once the run is over nothing calls into it any more.
 */
export function guardHost(
  host: Host,
  { isOver, onThrow }: { readonly isOver: () => boolean; readonly onThrow: (e: unknown) => void }
): Host {
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
        host.gpio.watch(request, { onEdges: guard(onEdges), onGone: guard(onGone) })
    },
    serial: { open: (settings, listener) => host.serial.open(settings, heard(listener)) },
    characters: { open: (settings, listener) => host.characters.open(settings, heard(listener)) }
  }
}
