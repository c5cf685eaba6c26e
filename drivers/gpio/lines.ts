import { Fault } from '../../node/core/ports.ts'
import type { LineRef } from '../host.ts'

/** A chip as its lines are found: by its label, for numbers of chips and of lines have moved. */
export interface ChipNames {
  readonly label: string
  /** By offset; empty where the device tree gives none. */
  readonly names: readonly string[]
}

/** Where a line is: `undefined` when no chip has it. */
export function findLine<Chip extends ChipNames>(
  ref: LineRef,
  chips: readonly Chip[]
): { readonly chip: Chip; readonly offset: number } | undefined {
  const asked = chips.filter(({ label }) => ref.chip === undefined || ref.chip === label)
  if ('offset' in ref) {
    const chip = asked.find(({ names }) => ref.offset >= 0 && ref.offset < names.length)
    return chip && { chip, offset: ref.offset }
  }
  for (const chip of asked) {
    const offset = chip.names.indexOf(ref.name)
    if (ref.name !== '' && offset >= 0) return { chip, offset }
  }
  const offset = Number(/^GPIO(\d{1,2})$/.exec(ref.name)?.[1] ?? Number.NaN)
  const chip = asked.find(({ label, names }) => PI_HEADERS.has(label) && offset < names.length)
  return chip && { chip, offset }
}

/**
 * The chips behind a Raspberry Pi's header. There GPIOn is line n whatever the device tree calls it
 * (`TXD1` is GPIO14), and sysfs shows no names at all.
 */
const PI_HEADERS: ReadonlySet<string> = new Set([
  'pinctrl-bcm2835',
  'pinctrl-bcm2711',
  'pinctrl-rp1'
])

/** The line in a sentence. */
const lineWords = (ref: LineRef): string =>
  'offset' in ref ? `line ${ref.offset} of ${ref.chip}` : `line ${ref.name}`

export const lineAbsent = (ref: LineRef): Fault =>
  new Fault({
    code: 'device-absent',
    message: `This machine has no GPIO ${lineWords(ref)}.`,
    fix: 'Check the line in stall.toml; the command gpioinfo lists what this machine has.',
    isRetryable: true
  })

export const lineBusy = (ref: LineRef, consumer: string): Fault =>
  new Fault({
    code: 'line-busy',
    message: `GPIO ${lineWords(ref)} is used by ${consumer || 'something else'}.`,
    fix: 'Use another line in stall.toml, or stop what holds this one.',
    isRetryable: true
  })

export const chipGone = (label: string): Fault =>
  new Fault({
    code: 'device-absent',
    message: `The GPIO chip ${label} is gone.`,
    fix: 'Plug it in again; it is taken up by itself.',
    isRetryable: true
  })

/** Only one request keeps the order of its edges, and a request is to one chip. */
export const linesApart = (refs: readonly LineRef[]): Fault =>
  new Fault({
    code: 'lines-apart',
    message: `GPIO ${refs.map(lineWords).join(' and ')} are on different chips.`,
    fix: 'Connect them to one chip, for their order is known only there.',
    isRetryable: false
  })

export const noPermission = (path: string): Fault =>
  new Fault({
    code: 'no-permission',
    message: `The stall may not use the GPIO chips in ${path}.`,
    fix: "Add the stall's user to the group gpio, then start the stall anew.",
    isRetryable: true
  })
