import type { CodeSettings } from './settings.ts'

export type CodeReading = Pick<CodeSettings, 'hasAim' | 'isUpcE'>

/** As long as the longest code that a catalogue may hold. */
export const CODE_CHARS_MAX = 48

/** A text from a scanner as a code, or why it is none. */
export type ScannedCode =
  | { readonly code: string }
  | { readonly refused: 'empty' | 'too-long' | 'unprintable' | 'bad-check-digit' }

/**
 * Makes a code of what a scanner sent. What frames it (blanks, STX and ETX) is taken away; a code
 * with anything inside that cannot be printed is refused as a whole, for without it the rest may
 * be another item's code.
 */
export function readCode(text: string, options: CodeReading): ScannedCode {
  const inner = text.replace(FRAME, '')
  const code = options.hasAim ? inner.replace(AIM_IDENTIFIER, '') : inner
  if (code === '') return { refused: 'empty' }
  if (!PRINTABLE.test(code)) return { refused: 'unprintable' }
  if (code.length > CODE_CHARS_MAX) return { refused: 'too-long' }
  return GTIN_SHAPE.test(code) ? readGtin(code, options) : { code }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
const FRAME = /^[\x00-\x20\x7f]+|[\x00-\x20\x7f]+$/g
/** `]E0`: the kind of code, a letter and a digit (ISO/IEC 15424). */
const AIM_IDENTIFIER = /^\][A-Za-z][0-9A-Za-z]/
const PRINTABLE = /^[\x20-\x7e]+$/
/** The lengths of EAN-8 and UPC-E, UPC-A, EAN-13 and ITF-14. */
const GTIN_SHAPE = /^(\d{8}|\d{12,14})$/

/**
 * Scanners check the last digit themselves, so a wrong one means that a digit was lost on the way
 * to us. No catalogue holds such a code either: it is refused, and the keeper scans again. Half of
 * all UPC-E pass for an EAN-8; which of them the stall has is for its configuration to say.
 */
function readGtin(digits: string, { isUpcE }: CodeReading): ScannedCode {
  const long = upcA(digits)
  const isLong = long !== undefined && hasCheckDigit(long)
  if (isLong && (isUpcE || !hasCheckDigit(digits))) return { code: long }
  return hasCheckDigit(digits) ? { code: digits } : { refused: 'bad-check-digit' }
}

/** GS1 General Specifications 7.9: weights 3 and 1 in turn from the right, the check digit's 1. */
export function hasCheckDigit(digits: string): boolean {
  const sum = [...digits]
    .reverse()
    .reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0)
  return sum % 10 === 0
}

/**
 * The UPC-A of a UPC-E, whose check digit is that of the long form. The last of its six digits
 * says where the zeros were (GS1 General Specifications 5.2.2.4.2).
 */
function upcA(digits: string): string | undefined {
  const [, system = '', six = '', check = ''] = /^([01])(\d{6})(\d)$/.exec(digits) ?? []
  if (six === '') return undefined
  const [a, b, c, d, e, last = ''] = six
  const long =
    last <= '2'
      ? `${a}${b}${last}0000${c}${d}${e}`
      : last === '3'
        ? `${a}${b}${c}00000${d}${e}`
        : last === '4'
          ? `${a}${b}${c}${d}00000${e}`
          : `${a}${b}${c}${d}${e}0000${last}`
  return `${system}${long}${check}`
}
