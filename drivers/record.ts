import type { Command } from '../node/core/command.ts'
import type { Reading } from '../node/core/device.ts'
import type { Health, Submit } from '../node/core/ports.ts'
import { isRefusal } from '../node/core/refusal.ts'

/** Half a day of minutes of one sensor, should the disk be gone that long. */
export const PENDING_MAX = 720

export interface Recorder {
  /** Makes what a device said into an entry, where it is worth one. */
  readonly onReading: (name: string, reading: Reading) => void
  /** Undefined while all that was counted could be written. */
  readonly health: () => Health | undefined
}

/**
 * Submits what devices counted, one command at a time. While the ledger cannot write, it keeps the
 * newest and tries again with the next one: a count carries its own time and may come late.
 */
export function openRecorder(submit: Submit): Recorder {
  let pending: Command[] = []
  let isSending = false
  let lost = 0
  const send = async () => {
    if (isSending) return
    isSending = true
    for (let next = pending[0]; next !== undefined; next = pending[0]) {
      const outcome = await submit(next)
      const isLater = 'fault' in outcome || (isRefusal(outcome) && outcome.refused === 'busy')
      if (isLater) break
      pending = pending.filter(each => each !== next)
    }
    isSending = false
  }
  return {
    onReading: (_, reading) => {
      if (reading.kind === 'button' && reading.isPressed && reading.asksFor === 'drawer') {
        // Never kept for later: a drawer that springs open when nobody asks is worse than none.
        void submit({ type: 'openDrawer', reason: 'Button' })
      }
      const count = countOf(reading)
      if (!count) return
      pending.push(count)
      lost += Math.max(0, pending.length - PENDING_MAX)
      pending = pending.slice(-PENDING_MAX)
      void send()
    },
    health: () => {
      if (lost === 0) return undefined
      return {
        name: 'counts',
        state: 'degraded',
        sentence: `${lost} counts of the sensors could not be written and are gone.`,
        fix: 'Look at what is said of the disk. Sales are not touched by this.'
      }
    }
  }
}

function countOf(reading: Reading): Command | undefined {
  if (reading.kind === 'footfall') {
    const { kind: _, ...count } = reading
    return { type: 'countFootfall', ...count }
  }
  if (reading.kind === 'energy') {
    const { kind: _, ...use } = reading
    return { type: 'recordEnergy', ...use }
  }
  return undefined
}
