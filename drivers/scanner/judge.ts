import type { Fault, Health } from '../../node/core/ports.ts'
import type { DriverContext } from '../driver.ts'
import { unplugged } from '../unplugged.ts'
import { CODE_CHARS_MAX, readCode, type ScannedCode } from './code.ts'
import type { CodeSettings } from './settings.ts'

/** What a scanner's texts mean for the till and for the scanner's health. */
export interface ScanJudge {
  readonly ready: () => void
  readonly take: (text: string) => void
  /** A text without an end. */
  readonly half: () => void
  /** Bytes that were no text at all. */
  readonly noise: () => void
}

/**
 * A code that is seen again this soon is the same pull of the trigger: no hand is that fast, and
 * an item too many on a receipt is worse than one scanned twice.
 */
const SAME_SCAN_MS_MAX = 300

/** What went wrong stays said until a good code comes. */
export function scanJudge(options: {
  readonly context: Pick<DriverContext<CodeSettings>, JudgeNeeds>
  readonly way: Way
}): ScanJudge {
  const { context, way } = options
  let last = { code: '', atMs: Number.NEGATIVE_INFINITY }
  const ready = () => context.report({ state: 'up', sentence: 'The scanner is ready.', fix: '' })
  const complain = (about: Complaint) =>
    context.report({ state: 'degraded', ...complaintWords(about, way) })
  return {
    ready,
    half: () => complain('half'),
    noise: () => complain('unprintable'),
    take: text => {
      const scanned = readCode(text, context.settings)
      if ('refused' in scanned) {
        if (scanned.refused !== 'empty') complain(scanned.refused)
        return
      }
      const { code } = scanned
      const atMs = context.host.readClocks().monoMs
      const isSame = code === last.code && atMs - last.atMs <= SAME_SCAN_MS_MAX
      last = { code, atMs }
      if (isSame) return
      ready()
      context.tell({ kind: 'scan', code })
    }
  }
}

export const scannerUnplugged = (): Fault =>
  unplugged({ device: 'scanner', fix: 'Plug it in again. Until then tap the items.' })

type JudgeNeeds = 'settings' | 'host' | 'report' | 'tell'
type Way = 'keyboard' | 'serial'
type Refused = Extract<ScannedCode, { readonly refused: unknown }>['refused']
type Complaint = Exclude<Refused, 'empty'> | 'half'

const HALF_FIXES: Readonly<Record<Way, string>> = {
  keyboard: 'set the scanner to end codes with Enter',
  serial: "set baud in stall.toml to the scanner's, and the scanner to end codes with CR"
}

/** What it may be, besides a code that has such characters (GS1 with FNC1, a web address). */
const UNPRINTABLE_FIXES: Readonly<Record<Way, string>> = {
  keyboard: "set layout in stall.toml to the scanner's",
  serial: "set baud in stall.toml to the scanner's"
}

function complaintWords(about: Complaint, way: Way): Pick<Health, 'sentence' | 'fix'> {
  if (about === 'half') {
    return {
      sentence: 'Half a code came from the scanner.',
      fix: `Scan it again. If it happens each time, ${HALF_FIXES[way]}.`
    }
  }
  if (about === 'too-long') {
    return {
      sentence: `A code of over ${CODE_CHARS_MAX} characters was not taken.`,
      fix: "Scan the item's own barcode. Cover other codes next to it with a finger."
    }
  }
  if (about === 'bad-check-digit') {
    return {
      sentence: 'A code was not taken: its last digit does not fit the others.',
      fix: 'Scan it again. A code of your own with as many digits needs a letter before them.'
    }
  }
  return {
    sentence: 'A code with characters that cannot be printed was not taken.',
    fix: `Scan the item's plain barcode. If it happens each time, ${UNPRINTABLE_FIXES[way]}.`
  }
}
