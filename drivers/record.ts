import type { Command } from '../node/core/command.ts'
import type { Reading } from '../node/core/device.ts'
import type { Health, Submit } from '../node/core/ports.ts'
import { isRefusal } from '../node/core/refusal.ts'
import type { Host } from './host.ts'

/** Half a day of minutes of one sensor, should the disk be gone that long. */
export const PENDING_MAX = 720
/** Presses closer together are one wish: each is an entry, and a loose contact makes hundreds. */
export const DRAWER_MS_MIN = 2_000

export interface Recorder {
  /** Makes what a device said into an entry, where it is worth one. */
  readonly onReading: (name: string, reading: Reading) => void
  /** What a person should know of it; nothing while all that was counted could be written. */
  readonly health: () => readonly Health[]
  /** Hands over all that still waits, for the node's last turn. */
  readonly close: () => void
}

/**
 * Submits what devices counted, one command at a time. While the ledger cannot write, it keeps the
 * newest and tries again with the next one: a count carries its own time and may come late.
 */
export function openRecorder(options: {
  readonly submit: Submit
  readonly readClocks: Host['readClocks']
  /** Whether the printer has a cash drawer that a button may open. */
  readonly hasDrawer: boolean
}): Recorder {
  const { submit, readClocks, hasDrawer } = options
  let pending: Command[] = []
  let isSending = false
  let lost = 0
  let askedMs = Number.NEGATIVE_INFINITY
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
  /** Never kept for later: a drawer that springs open when nobody asks is worse than none. */
  const askForDrawer = () => {
    const { monoMs } = readClocks()
    if (monoMs - askedMs < DRAWER_MS_MIN) return
    askedMs = monoMs
    // Without a drawer the ledger would tell of one that nobody opened.
    if (hasDrawer) void submit({ type: 'openDrawer', reason: 'Button' })
  }
  return {
    onReading: (_, reading) => {
      if (reading.kind === 'button' && reading.isPressed && reading.asksFor === 'drawer') {
        askForDrawer()
      }
      const count = countOf(reading)
      if (!count) return
      pending.push(count)
      lost += Math.max(0, pending.length - PENDING_MAX)
      pending = pending.slice(-PENDING_MAX)
      void send()
    },
    health: () => [
      ...(lost > 0 ? [countsLost(lost)] : []),
      ...(askedMs > Number.NEGATIVE_INFINITY && !hasDrawer ? [NO_DRAWER] : [])
    ],
    close: () => {
      const waiting = pending.slice(isSending ? 1 : 0)
      pending = []
      for (const count of waiting) void submit(count)
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

const countsLost = (lost: number): Health => ({
  name: 'counts',
  state: 'degraded',
  sentence:
    lost === 1
      ? 'A count of a sensor could not be written and is gone.'
      : `${lost} counts of the sensors could not be written and are gone.`,
  fix: 'Look at what is said of the disk. Sales are not touched by this.'
})

const NO_DRAWER: Health = {
  name: 'drawer',
  state: 'degraded',
  sentence: 'A button asked for the cash drawer, and stall.toml names none.',
  fix:
    'Set drawer = true in the table of the printer that it hangs on, or asks_for = "nothing" in ' +
    'that of the button.'
}
