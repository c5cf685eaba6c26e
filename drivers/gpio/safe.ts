/**
 * Outputs that must not outlive the program as they are: a motor, a heater, a door. Whoever opens
 * one says how it becomes safe; a stop does that in order, and this does it where there is no
 * order any more: a crash, `process.exit`, a signal that nobody handles.
 *
 * SIGKILL, an empty battery and the kernel's own end come to no program. Then the kernel lets the
 * line go, and whether it keeps its level is the chip's affair: fit a resistor that pulls to the
 * safe side, and let systemd say it as well: `ExecStopPost=gpioset …` runs after a kill, too.
 */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/** There is one process and one end of it, so this is the one list that all backends share. */
const outputs = new Set<() => void>()

/** Calls `goSafe`, which must not wait for anything, when the process ends before the return. */
export function keepSafe(goSafe: () => void): () => void {
  if (outputs.size === 0) hook()
  outputs.add(goSafe)
  return () => {
    if (outputs.delete(goSafe) && outputs.size === 0) unhook()
  }
}

function hook(): void {
  process.on('exit', goAllSafe)
  // In front, to see everybody who handles the signal before they leave the list.
  for (const signal of SIGNALS) process.prependListener(signal, onSignal)
}

function unhook(): void {
  process.off('exit', goAllSafe)
  for (const signal of SIGNALS) process.off(signal, onSignal)
}

function goAllSafe(): void {
  for (const goSafe of outputs) {
    try {
      goSafe()
    } catch {
      // Its chip is gone. There is nobody to tell any more, and the others must still be made safe.
    }
  }
}

/** A signal that is only ours would have ended the process: so it does, afterwards. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  goAllSafe()
  unhook()
  process.kill(process.pid, signal)
}
