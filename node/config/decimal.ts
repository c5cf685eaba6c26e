import { AMOUNT_MAX } from '../core/sell/money.ts'

export type DecimalProblem = 'not-a-number' | 'negative' | 'too-many-digits' | 'too-large'

/** AMOUNT_MAX has 16; a file full of digits must not become one BigInt. */
const DIGITS_MAX = 20

/**
 * Reads a decimal such as "6.5" as a whole number of its smallest units: with two digits, 650.
 * It never passes through a float, in which 1.005 * 100 is 100.49999999999999.
 */
export function readDecimal(text: string, digits: number): number | DecimalProblem {
  const parts = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (!parts) return 'not-a-number'
  const [, sign, whole = '', fraction = ''] = parts
  if (sign === '-') return 'negative'
  if (fraction.length > digits) return 'too-many-digits'
  if (whole.length > DIGITS_MAX) return 'too-large'
  const units = BigInt(whole + fraction.padEnd(digits, '0'))
  return units > AMOUNT_MAX ? 'too-large' : Number(units)
}
