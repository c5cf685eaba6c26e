import type { Health, PrintFault } from '../../node/core/ports.ts'
import type { PrinterModel } from './models.ts'
import { faultOf, type PrinterStatus } from './status.ts'

/** What is known of a printer: nothing yet, what keeps it, or what it last said. */
export type Knowledge =
  | { readonly known: 'nothing' }
  | { readonly known: 'fault'; readonly fault: PrintFault }
  | { readonly known: 'status'; readonly status: PrinterStatus }
  /** It takes bytes and cannot speak. */
  | { readonly known: 'mute' }

export function printerHealth(options: {
  readonly where: string
  readonly model: PrinterModel
  readonly knowledge: Knowledge
}): Health {
  const { where, model, knowledge } = options
  const name = 'printer'
  if (knowledge.known === 'nothing') {
    return { name, state: 'absent', sentence: `Looking for the printer at ${where}.`, fix: '' }
  }
  if (knowledge.known === 'mute') {
    const sentence = 'Receipts go to the printer. It cannot say whether they came out.'
    return { name, state: 'up', sentence, fix: '' }
  }
  const fault = knowledge.known === 'fault' ? knowledge.fault : faultOf(knowledge.status)
  if (fault !== undefined) return { name, state: 'down', ...FAULT_WORDS[fault](where, model) }
  if (knowledge.known === 'status' && knowledge.status.isPaperLow) {
    const fix = 'Keep a new roll at hand.'
    return { name, state: 'degraded', sentence: 'The paper roll is nearly used up.', fix }
  }
  return { name, state: 'up', sentence: 'The printer is ready.', fix: '' }
}

type Words = (where: string, model: PrinterModel) => Pick<Health, 'sentence' | 'fix'>

const FAULT_WORDS: Readonly<Record<PrintFault, Words>> = {
  'paper-out': () => ({
    sentence: 'The printer is out of paper.',
    fix: 'Put in a new roll. Waiting receipts then print by themselves.'
  }),
  'cover-open': () => ({
    sentence: "The printer's cover is open.",
    fix: 'Close it until it clicks. Waiting receipts then print by themselves.'
  }),
  offline: () => ({
    sentence: 'The printer is not ready and does not say why.',
    fix: 'Look at its paper and its cover. If both are well, switch it off and on.'
  }),
  cutter: () => ({
    sentence: "The printer's cutter is stuck.",
    fix: 'Open the cover, take out the paper that jams it, close it, and switch it off and on.'
  }),
  'printer-error': () => ({
    sentence: 'The printer reports a fault of its own.',
    fix: 'Let it cool for a minute, then switch it off and on.'
  }),
  timeout: (where, model) => ({
    sentence: `The printer at ${where} does not answer.`,
    fix: `Switch it off and on. If it prints but never answers, set model = "${muteId(model)}".`
  }),
  disconnected: where => ({
    sentence: `The printer at ${where} cannot be reached.`,
    fix: 'Check that it is switched on and that its cable is in.'
  })
}

const muteId = (model: PrinterModel): string =>
  model.columns === 32 ? 'generic-58-mute' : 'generic-80-mute'
