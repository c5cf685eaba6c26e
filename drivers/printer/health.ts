import type { Health, PrintFault } from '../../node/core/ports.ts'
import type { PrinterModel } from './models.ts'
import { faultOf, type PrinterStatus } from './status.ts'
import type { PrinterTransport } from './transport.ts'

/** What is known of a printer: nothing yet, what keeps it, or what it last said. */
export type Knowledge =
  | { readonly known: 'nothing' }
  | KnownFault
  | { readonly known: 'status'; readonly status: PrinterStatus }
  /** It takes bytes and cannot speak. */
  | { readonly known: 'mute' }

interface KnownFault {
  readonly known: 'fault'
  readonly fault: PrintFault
  /** The line's own words, better than ours. */
  readonly note?: Note | undefined
  /** It is not plugged in, as far as this machine can see. */
  readonly isAbsent?: boolean
}

/** Something that is not as it should be while receipts come out all the same. */
export type Note = Pick<Health, 'sentence' | 'fix'>

export interface PrinterNotes {
  readonly driver?: Note | undefined
  readonly drawer?: Note | undefined
  readonly logo?: Note | undefined
  readonly letters?: Note | undefined
}

export function printerHealth(options: {
  readonly transport: Place
  readonly model: PrinterModel
  readonly knowledge: Knowledge
  readonly notes: PrinterNotes
  /** `none` where the configuration names no drawer. */
  readonly drawer: 'none' | 'open' | 'closed' | 'unknown'
}): Health {
  const { transport, model, knowledge, notes, drawer } = options
  const name = 'printer'
  if (knowledge.known === 'nothing') {
    return {
      name,
      state: 'absent',
      sentence: `Looking for the printer at ${transport.name}.`,
      fix: ''
    }
  }
  const fault = knowledge.known === 'fault' ? knowledge.fault : faultIn(knowledge)
  if (fault !== undefined) {
    const own = knowledge.known === 'fault' ? knowledge.note : undefined
    const { sentence, fix } = own ?? FAULT_WORDS[fault](transport, model)
    const isLocked = drawer !== 'none' && LOCKING.includes(fault)
    const isAbsent = knowledge.known === 'fault' && knowledge.isAbsent
    const state = isAbsent ? 'absent' : 'down'
    return { name, state, sentence, fix: isLocked ? `${fix} ${BY_KEY}` : fix }
  }
  const isLow = knowledge.known === 'status' && knowledge.status.isPaperLow
  const paper = isLow ? PAPER_LOW : undefined
  const note = notes.driver ?? notes.drawer ?? paper ?? notes.logo ?? notes.letters
  if (note !== undefined) return { name, state: 'degraded', ...note }
  const sentence =
    knowledge.known === 'mute'
      ? 'Receipts go to the printer. It cannot say whether they came out.'
      : `The printer is ready.${drawer === 'open' ? ' The cash drawer is open.' : ''}`
  return { name, state: 'up', sentence, fix: '' }
}

/** Why the cash drawer stayed shut, which it may do while receipts come out. */
export function drawerNote(options: {
  readonly fault: PrintFault
  readonly transport: Place
  readonly model: PrinterModel
}): Note {
  const { fault, transport, model } = options
  const { sentence, fix } = FAULT_WORDS[fault](transport, model)
  return { sentence: `The cash drawer did not open. ${sentence}`, fix: `${BY_KEY} ${fix}` }
}

/** Bytes came, and none of them was an answer. */
export const noiseNote = ({ name, silenceHint = '' }: Place): Note => ({
  sentence: `The printer at ${name} answers with noise.`,
  fix: `Check that its cable is whole and its plugs are in. ${silenceHint}`.trimEnd()
})

/** What only a programmer can mend. */
export const bugNote = (error: unknown): Note => ({
  sentence: `The printer's driver failed: ${error instanceof Error ? error.message : error}.`,
  fix: 'The stall sells on. Show the receipt on the screen, and tell the technician what you read.'
})

export function lettersNote(unwritten: readonly string[]): Note {
  const letters = unwritten.slice(0, LETTERS_TOLD_MAX).join(' ')
  return {
    sentence: `The printer cannot write ${letters}, so the receipt says "?".`,
    fix: 'Give the item a name in other letters; scripts whose letters join cannot be printed yet.'
  }
}

const LETTERS_TOLD_MAX = 8
const BY_KEY = 'Open the cash drawer with its key.'
/** Without a line to the printer nothing opens the drawer either. */
const LOCKING: readonly PrintFault[] = ['timeout', 'disconnected']
const PAPER_LOW: Note = {
  sentence: 'The paper roll is nearly used up.',
  fix: 'Keep a new roll at hand.'
}

const faultIn = (knowledge: Knowledge): PrintFault | undefined =>
  knowledge.known === 'status' ? faultOf(knowledge.status) : undefined
type Place = Pick<PrinterTransport, 'name' | 'silenceHint'>
type Words = (transport: Place, model: PrinterModel) => Pick<Health, 'sentence' | 'fix'>

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
  timeout: ({ name, silenceHint }, model) => ({
    sentence: `The printer at ${name} does not answer.`,
    fix:
      `Switch it off and on. ${silenceHint ?? ''}`.trimEnd() +
      ` If it prints but never answers, set model = "${muteId(model)}".`
  }),
  disconnected: ({ name }) => ({
    sentence: `The printer at ${name} cannot be reached.`,
    fix: 'Check that it is switched on and that its cable is in.'
  })
}

const muteId = (model: PrinterModel): string =>
  model.columns === 32 ? 'generic-58-mute' : 'generic-80-mute'
