import { type Currency, type Money, money, moneyText, NOTHING } from '../core/sell/money.ts'
import { type DecimalProblem, readDecimal } from './decimal.ts'
import { type ConfigFaultCode, didYouMean, type Place, type Report } from './fault.ts'

/** One value as it was written. */
export interface Written {
  readonly key: string
  /** What people know it by: the key, or the environment variable's name. */
  readonly name: string
  /** What TOML made of it; in a CSV cell and in the environment everything is a string. */
  readonly value: unknown
  /** The characters of the source. Numbers are read from here, so that no float is in between. */
  readonly source: string
  readonly kind: 'toml' | 'csv' | 'env'
  readonly place: () => Place
  readonly keyPlace: () => Place
  /** The elements of a TOML array, or what stands between commas in the environment. */
  readonly elements: () => readonly Written[]
}

/** A table of TOML with the environment over it, or a record of CSV. */
export interface Row {
  /** As a sentence begins with it: "[till]", "This [[item]]". */
  readonly name: string
  /** The line it starts with: "[till]", "[[item]]"; null for a record of CSV. */
  readonly header: string | null
  readonly fields: ReadonlyMap<string, Written>
  readonly place: () => Place
  readonly report: Report
}

/**
 * The readers below report what is wrong and then return the fallback, so that one pass finds all
 * faults; nobody sees such a value, for a configuration with faults is never handed out.
 */
export interface Rule<Value> {
  /** A good value as TOML spells it, quotes and all. */
  readonly example: string
  /** Without it the key must be there. */
  readonly otherwise?: Value
}

export interface TextRule extends Rule<string> {
  readonly charsMax: number
  /** What it must look like, and the same in words: "lower-case letters, digits and -". */
  readonly shape?: readonly [pattern: RegExp, words: string]
}

export function textIn(row: Row, key: string, rule: TextRule): string {
  const written = fieldIn(row, key, rule)
  if (!written) return rule.otherwise ?? ''
  const text = written.value
  if (typeof text !== 'string') {
    const example = typeof text === 'bigint' ? JSON.stringify(String(text)) : rule.example
    fault(row, written, { code: 'wrong-kind', must: 'must be text', example })
    return ''
  }
  if (text === '' && rule.otherwise === '') return ''
  const chars = [...text].length
  const problem = textProblem(text)
  const example = rule.example
  if (problem) fault(row, written, { code: 'bad-text', must: problem, example })
  else if (chars > rule.charsMax) {
    const must = `has ${chars} characters; at most ${rule.charsMax} fit`
    fault(row, written, { code: 'too-long', must, example })
  } else if (rule.shape && !rule.shape[0].test(text)) {
    fault(row, written, { code: 'bad-name', must: `must be ${rule.shape[1]}`, example })
  }
  return text
}

/**
 * Control characters would reach receipts and terminals; bidirectional ones disguise names; a byte
 * order mark at the start, as copied from the top of a file, is no text for the ledger.
 */
function textProblem(text: string): string | undefined {
  if (text.startsWith('\ufeff')) return 'begins with a character that cannot be seen (U+FEFF)'
  if (text.trim() === '') return 'is empty'
  if (text !== text.trim()) return 'must not begin or end with a space'
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u.test(text)) {
    return 'has a control character in it'
  }
  return undefined
}

export function choiceIn<Choice extends string>(
  row: Row,
  key: string,
  rule: Rule<Choice> & { readonly choices: readonly [Choice, ...Choice[]] }
): Choice {
  const written = fieldIn(row, key, rule)
  const chosen = rule.choices.find(choice => choice === written?.value)
  if (written && chosen === undefined) {
    const must = `is not one of: ${rule.choices.join(', ')}`
    const meant = didYouMean(String(written.value), rule.choices)
    fault(row, written, { code: 'bad-choice', must, example: meant ? `"${meant}"` : rule.example })
  }
  return chosen ?? rule.otherwise ?? rule.choices[0]
}

export function flagIn(row: Row, key: string, rule: Rule<boolean>): boolean {
  const written = fieldIn(row, key, rule)
  if (!written) return rule.otherwise ?? false
  if (typeof written.value === 'boolean') return written.value
  const word = written.kind === 'toml' ? '' : written.source.toLowerCase()
  if (word === 'true' || word === 'false') return word === 'true'
  fault(row, written, { code: 'wrong-kind', must: 'must be true or false', example: rule.example })
  return false
}

export interface IntegerRule<Otherwise> extends Rule<Otherwise> {
  readonly min: number
  readonly max: number
  readonly unit: string
}

export function integerIn<Otherwise = number>(
  row: Row,
  key: string,
  rule: IntegerRule<Otherwise>
): number | Otherwise {
  const written = fieldIn(row, key, rule)
  if (!written) return rule.otherwise === undefined ? 0 : rule.otherwise
  const isWhole = typeof written.value === 'bigint' || written.kind !== 'toml'
  const digits = isWhole ? String(written.value) : ''
  const integer = /^[+-]?\d+$/.test(digits) ? Number(digits) : Number.NaN
  if (integer >= rule.min && integer <= rule.max) return integer
  const must = `is not a ${rule.unit}: a whole number from ${rule.min} to ${rule.max}`
  fault(row, written, { code: 'bad-number', must, example: rule.example })
  return 0
}

export interface AmountRule<Otherwise> extends Rule<Otherwise> {
  readonly currency: Currency
  readonly isPositive?: boolean
}

/** An amount in major units, "6.50" or 6.5, as minor units. */
export function amountIn<Otherwise = Money>(
  row: Row,
  key: string,
  rule: AmountRule<Otherwise>
): Money | Otherwise {
  const written = fieldIn(row, key, rule)
  if (!written) return rule.otherwise === undefined ? NOTHING : rule.otherwise
  return amountOf(row, written, rule)
}

export function amountOf(
  row: Row,
  written: Written,
  { currency, example, isPositive = false }: Omit<AmountRule<unknown>, 'otherwise'>
): Money {
  const text = numberText(written)
  const amount = readDecimal(text, currency.exponent)
  if (amount === 0 && isPositive) {
    fault(row, written, { code: 'bad-amount', must: 'must be more than nothing', example })
  }
  if (typeof amount === 'number') return money(amount)
  const { code, exponent } = currency
  const musts: Readonly<Record<DecimalProblem, string>> = {
    'not-a-number': 'is not an amount of money',
    negative: 'is less than nothing',
    'too-many-digits':
      exponent === 0
        ? `has digits after the point; ${code} has none`
        : `has more than ${exponent} digits after the point, all that ${code} has`,
    'too-large': `is more than ${moneyText(Number.MAX_SAFE_INTEGER as Money, currency)}`
  }
  // "6,50" is how half of Europe writes it.
  const meant = text.replace(',', '.')
  const isMeant = amount === 'not-a-number' && typeof readDecimal(meant, exponent) === 'number'
  fault(row, written, {
    code: 'bad-amount',
    must: musts[amount],
    example: isMeant ? `"${meant}"` : example
  })
  return NOTHING
}

/** A rate in percent as parts per million, exactly: 8.875 is 88,750. */
export function ratePpmIn(row: Row, key: string): number {
  const written = fieldIn(row, key, { example: '19' })
  if (!written) return 0
  const ppm = readDecimal(numberText(written).replace(/ ?%$/, ''), 4)
  if (typeof ppm === 'number' && ppm <= 1_000_000) return ppm
  const must = 'is not a rate in percent: from 0 to 100, with at most 4 digits after the point'
  fault(row, written, { code: 'bad-rate', must, example: '19' })
  return 0
}

/** A number's characters. TOML allows 1_000, and a string may hold a number too. */
const numberText = ({ value, source }: Written): string =>
  typeof value === 'string' ? value.trim() : source.replaceAll('_', '')

/** The field, or undefined when it is not there; a missing one without a fallback is reported. */
export function fieldIn(row: Row, key: string, rule: Rule<unknown>): Written | undefined {
  const written = row.fields.get(key)
  if (written || rule.otherwise !== undefined) return written
  row.report({
    code: 'missing',
    place: row.place(),
    sentence: `${row.name} has no ${key}.`,
    fix:
      row.header === null
        ? `Fill in its ${key}, for example ${bare(rule.example)}.`
        : `Add a line such as ${key} = ${rule.example} under ${row.header}.`
  })
  return undefined
}

/** Reports one value: "tax = "foood" is not ...", and a good one in the same spelling. */
export function fault(
  row: Row,
  written: Written,
  options: {
    readonly code: ConfigFaultCode
    readonly must: string
    /** A good value to write instead, or a whole sentence of advice. */
    readonly example?: string
    readonly fix?: string
  }
): void {
  const { code, must, example = '' } = options
  row.report({
    code,
    place: written.place(),
    sentence: `${said(written)} ${must}.`,
    fix: options.fix ?? `Write ${spelled(written, example)}.`
  })
}

const SAID_CHARS_MAX = 40

function said({ name, kind, source }: Written): string {
  const line = source.replace(/\s*\n[\s\S]*/, '…').replace(/\p{C}/gu, '·')
  const short = line.length > SAID_CHARS_MAX ? `${line.slice(0, SAID_CHARS_MAX)}…` : line
  return kind === 'toml'
    ? `${name} = ${short}`
    : kind === 'csv'
      ? `${name} "${short}"`
      : `"${short}"`
}

const spelled = ({ name, kind }: Written, example: string): string =>
  kind === 'toml'
    ? `${name} = ${example}`
    : kind === 'csv'
      ? bare(example)
      : `${name}=${bare(example)}`

/** Outside of TOML there are no quotes and brackets: `["en", "de"]` is `en,de`. */
const bare = (example: string): string => example.replace(/["[\]]/g, '').replaceAll(', ', ',')
