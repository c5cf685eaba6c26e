import { type Currency, currencyOf, type Money } from '../core/sell/money.ts'
import type { TaxClass } from '../core/sell/tax.ts'
import type { TenderKind } from '../core/sell/tender.ts'
import type { CashRounding, Terms } from '../core/sell/terms.ts'
import { checkCount, checkKeys, checkUnique, ID_CHARS_MAX, NAME_CHARS_MAX } from './check.ts'
import type { Document } from './document.ts'
import { didYouMean } from './fault.ts'
import {
  amountIn,
  amountOf,
  choiceIn,
  fault,
  fieldIn,
  flagIn,
  type Row,
  ratePpmIn,
  textIn
} from './row.ts'

/** Who the market is. */
export interface Market {
  readonly id: string
  readonly name: string
  /** The origin of the market's checkpoints; kept as text for the market's enrolment. */
  readonly origin: string | null
  /** The operator's reading key; kept as text for the market's enrolment, used by nobody yet. */
  readonly operatorKey: string | null
}

/** The part of the terms that all stalls of a market share. */
export type MarketTerms = Omit<Terms, 'stallName' | 'vendor' | 'printsReceipts'>

const CLASSES_MAX = 32
const TENDERS_MAX = 16
const NOTES_MAX = 12

export function readMarket(document: Document): {
  readonly market: Market
  readonly terms: MarketTerms
} {
  const row = document.table('market')
  checkKeys(row, [
    'id',
    'name',
    'currency',
    'timezone',
    'origin',
    'operator_key',
    'cash_rounding',
    'cash_rounding_tie',
    'notes'
  ])
  const id = textIn(row, 'id', {
    example: '"dev.market"',
    otherwise: 'dev.market',
    charsMax: ID_CHARS_MAX,
    shape: [/^[a-z0-9][a-z0-9.-]*$/, 'lower-case letters, digits, dots and -']
  })
  const currency = readCurrency(row)
  const optional = { example: '"market.example/2026"', charsMax: 200, otherwise: '' }
  const rule = { example: '"Night Market"', charsMax: NAME_CHARS_MAX }
  const name = textIn(row, 'name', { ...rule, otherwise: id })
  return {
    market: {
      id,
      name,
      origin: textIn(row, 'origin', optional) || null,
      operatorKey: textIn(row, 'operator_key', optional) || null
    },
    terms: {
      marketName: name,
      timezone: readTimezone(row),
      currency,
      taxClasses: readTaxClasses(document.list('tax'), row),
      cashRounding: readCashRounding(row, currency),
      tenders: readTenders(document.list('tender')),
      notes: readNotes(row, currency)
    }
  }
}

function readCurrency(row: Row): Currency {
  const code = textIn(row, 'currency', { example: '"EUR"', charsMax: NAME_CHARS_MAX })
  const known = Intl.supportedValuesOf('currency')
  if (known.includes(code)) return currencyOf(code)
  // Prices are still read, in the currency that was probably meant.
  const meant = known.find(one => one === code.toUpperCase()) ?? 'EUR'
  const written = row.fields.get('currency')
  if (written && code !== '') {
    const must = 'is not a currency code of ISO 4217: three capital letters'
    fault(row, written, { code: 'bad-currency', must, example: `"${meant}"` })
  }
  return currencyOf(meant)
}

function readTimezone(row: Row): string {
  const zone = textIn(row, 'timezone', { example: '"Europe/Berlin"', charsMax: NAME_CHARS_MAX })
  const written = row.fields.get('timezone')
  if (written && zone !== '' && !isTimezone(zone)) {
    const meant = didYouMean(zone, Intl.supportedValuesOf('timeZone')) ?? 'Europe/Berlin'
    const must = 'is not a time zone of the IANA database'
    fault(row, written, { code: 'bad-timezone', must, example: `"${meant}"` })
  }
  return zone
}

/** Newer versions of Intl also take offsets such as +01:00, which know nothing of summer time. */
function isTimezone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false
  // The list has no old names such as Asia/Calcutta, but it costs a start 10 ms less than a format.
  if (Intl.supportedValuesOf('timeZone').includes(zone)) return true
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** There must be one, for a market that forgot its tax would only learn so from the tax office. */
function readTaxClasses(rows: readonly Row[], market: Row): readonly TaxClass[] {
  if (rows.length === 0) {
    market.report({
      code: 'missing',
      place: market.place(),
      sentence: 'The market has no tax class.',
      fix: 'Add [[tax]] with class = "standard" and rate = 19, or rate = 0 where none is due.'
    })
  }
  checkCount(rows, CLASSES_MAX, 'tax classes')
  checkUnique(rows, 'class', id => id)
  return rows.map(row => {
    checkKeys(row, ['class', 'name', 'rate', 'inclusive'])
    const id = textIn(row, 'class', {
      example: '"food"',
      charsMax: ID_CHARS_MAX,
      shape: [/^[a-z0-9][a-z0-9_-]*$/, 'lower-case letters, digits, - and _']
    })
    return {
      id,
      name: textIn(row, 'name', { example: '"VAT"', charsMax: NAME_CHARS_MAX, otherwise: id }),
      ratePpm: ratePpmIn(row, 'rate'),
      isInclusive: flagIn(row, 'inclusive', { example: 'true', otherwise: true })
    }
  })
}

/** Cash is always there, and comes first; a `[[tender]]` may give it another name. */
function readTenders(rows: readonly Row[]): readonly TenderKind[] {
  checkCount(rows, TENDERS_MAX, 'ways to pay')
  checkUnique(rows, 'method', method => method)
  const kinds = rows.map(row => {
    checkKeys(row, ['method', 'name'])
    const method = textIn(row, 'method', {
      example: '"card"',
      charsMax: ID_CHARS_MAX,
      shape: [/^[a-z0-9][a-z0-9_-]*$/, 'lower-case letters, digits, - and _']
    })
    const name = textIn(row, 'name', {
      example: '"Card"',
      charsMax: NAME_CHARS_MAX,
      otherwise: method
    })
    return { method, name, isCash: method === 'cash' }
  })
  const cash = kinds.find(({ isCash }) => isCash) ?? { method: 'cash', name: 'Cash', isCash: true }
  const others = kinds.filter(({ isCash }) => !isCash)
  if (rows.length > 0) return [cash, ...others]
  return [cash, { method: 'card', name: 'Card', isCash: false }]
}

/** `cash_rounding = "0.05"`: cash totals go to whole steps of five cents. */
function readCashRounding(row: Row, currency: Currency): CashRounding {
  const example = `"${currency.exponent === 0 ? '5' : `0.${'05'.padEnd(currency.exponent, '0')}`}"`
  const step = amountIn<Money | null>(row, 'cash_rounding', {
    example,
    currency,
    isPositive: true,
    otherwise: null
  })
  const tie = choiceIn(row, 'cash_rounding_tie', {
    choices: ['up', 'down'],
    example: '"up"',
    otherwise: 'up'
  })
  return { step: step ?? 1, tie }
}

/** The notes people pay with, smallest first however they were written. */
function readNotes(row: Row, currency: Currency): readonly Money[] {
  const example = '[5, 10, 20, 50]'
  const written = fieldIn(row, 'notes', { example, otherwise: [] })
  if (!written) return []
  if (!Array.isArray(written.value) && written.kind === 'toml') {
    fault(row, written, { code: 'wrong-kind', must: 'must be a list', example })
    return []
  }
  const elements = written.elements()
  if (elements.length > NOTES_MAX) {
    fault(row, written, { code: 'too-many', must: `has over ${NOTES_MAX} notes`, example })
  }
  const rule = { currency, example, isPositive: true }
  const notes = elements.map(element => amountOf(row, element, rule))
  return [...new Set(notes)].toSorted((a, b) => a - b)
}
