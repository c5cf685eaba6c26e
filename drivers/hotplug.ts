import { type FSWatcher, watch } from 'node:fs'
import type { StartTimer } from './timer.ts'

/** Where the kernel and udev make names when something is plugged in. */
const FOLDERS = ['/dev', '/dev/serial/by-id', '/dev/usb', '/dev/input/by-id'] as const
/** A plug makes a dozen names within a moment; udev sets their rights a little later. */
const CALM_MS = 300

/**
 * Tells when names came or went under `/dev`. It only saves waiting: whoever misses something looks
 * again by itself, so a folder that is not there, or stops being watched, is no fault.
 */
export function watchPlugs(options: {
  readonly startTimer: StartTimer
  readonly onPlug: () => void
  readonly folders?: readonly string[]
}): () => void {
  const { startTimer, onPlug, folders = FOLDERS } = options
  const watchers = new Map<string, FSWatcher>()
  let stopTimer: (() => void) | undefined
  const notice = () => {
    stopTimer ??= startTimer(CALM_MS, () => {
      stopTimer = undefined
      // `by-id` comes with the first adapter and goes with the last.
      for (const folder of folders) watchFolder(folder)
      onPlug()
    })
  }
  const forget = (folder: string) => {
    watchers.get(folder)?.close()
    watchers.delete(folder)
  }
  const watchFolder = (folder: string) => {
    if (watchers.has(folder)) return
    try {
      // A name that came or went is a rename. The rest is what is written to devices, our own
      // questions to a scale among it (inotify(7), IN_MODIFY), and would never come to rest.
      const watcher = watch(folder, { persistent: false }, event => {
        if (event === 'rename') notice()
      })
      watcher.on('error', () => forget(folder))
      watchers.set(folder, watcher)
    } catch {
      forget(folder)
    }
  }
  for (const folder of folders) watchFolder(folder)
  return () => {
    stopTimer?.()
    for (const folder of [...watchers.keys()]) forget(folder)
  }
}
