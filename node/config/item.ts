import { ITEMS_MAX, type Item } from '../core/sell/item.ts'
import type { Currency, Money } from '../core/sell/money.ts'
import { STOCK_MAX } from '../core/sell/stock.ts'
import type { TaxClass } from '../core/sell/tax.ts'
import { checkKeys, checkUnique, NAME_CHARS_MAX } from './check.ts'
import { didYouMean } from './fault.ts'
import { amountIn, fault, flagIn, integerIn, type Row, textIn } from './row.ts'

/** An item as the configuration lists it, ready for `listItems`. */
export interface ConfiguredItem {
  readonly item: Item
  /** How many there were when the item was first listed. */
  readonly stock?: number
  /** What one costs the stall; kept for pricing, which is to come. */
  readonly cost?: Money
}

const ITEM_KEYS = ['sku', 'name', 'price', 'tax', 'category', 'cost', 'stock', 'barcode', 'shared']

/** The columns of a catalogue in CSV. */
export const ITEM_COLUMNS = { keys: ITEM_KEYS, required: ['sku', 'name', 'price'] }

const SKU_CHARS_MAX = 40
const CATEGORY_CHARS_MAX = 24
const BARCODE_CHARS_MAX = 48

/** Reads `[[item]]` tables and records of a catalogue alike. */
export function readItems(
  rows: readonly Row[],
  market: { readonly currency: Currency; readonly taxClasses: readonly TaxClass[] }
): readonly ConfiguredItem[] {
  const surplus = rows[ITEMS_MAX]
  surplus?.report({
    code: 'too-many',
    place: surplus.place(),
    sentence: `The catalogue has ${rows.length} items; a stall sells at most ${ITEMS_MAX}.`,
    fix: `Leave ${rows.length - ITEMS_MAX} items out, from here on.`
  })
  const listed = rows.slice(0, ITEMS_MAX)
  checkUnique(listed, 'sku', sku => sku)
  // A scanner may read the 12 digits of a UPC with a zero before them, as the EAN that it is.
  checkUnique(listed, 'barcode', code => (isGtin(code) ? code.padStart(14, '0') : code))
  return listed.map(row => readItem(row, market))
}

function readItem(
  row: Row,
  {
    currency,
    taxClasses
  }: { readonly currency: Currency; readonly taxClasses: readonly TaxClass[] }
): ConfiguredItem {
  // A record of CSV is one of many under a header that was checked already.
  if (row.header !== null) checkKeys(row, ITEM_KEYS)
  const example = currency.exponent === 0 ? '650' : `"6.${'50'.padEnd(currency.exponent, '0')}"`
  const item: Item = {
    sku: textIn(row, 'sku', {
      example: '"bao"',
      charsMax: SKU_CHARS_MAX,
      // A SKU is also a level of an MQTT topic, where +, # and / mean something else.
      shape: [/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, dots, - and _']
    }),
    name: textIn(row, 'name', { example: '"Char siu bao"', charsMax: NAME_CHARS_MAX }),
    price: amountIn(row, 'price', { example, currency }),
    taxClass: readTaxClass(row, taxClasses),
    category: textIn(row, 'category', {
      example: '"Hot"',
      charsMax: CATEGORY_CHARS_MAX,
      otherwise: ''
    }),
    barcode: readBarcode(row),
    isShared: flagIn(row, 'shared', { example: 'true', otherwise: false })
  }
  const stock = integerIn<number | null>(row, 'stock', {
    example: '24',
    otherwise: null,
    min: 0,
    max: STOCK_MAX,
    unit: 'count'
  })
  const cost = amountIn<Money | null>(row, 'cost', { example, currency, otherwise: null })
  return { item, ...(stock !== null && { stock }), ...(cost !== null && { cost }) }
}

/** With one class in the market there is nothing to choose. */
function readTaxClass(row: Row, classes: readonly TaxClass[]): string {
  const ids = classes.map(({ id }) => id)
  const [first = 'food', second] = ids
  const rule = { example: `"${first}"`, charsMax: NAME_CHARS_MAX }
  const hasOne = ids.length > 0 && second === undefined
  const id = textIn(row, 'tax', hasOne ? { ...rule, otherwise: first } : rule)
  const written = row.fields.get('tax')
  if (!written || id === '' || ids.includes(id)) return id
  fault(row, written, {
    code: 'unknown-tax-class',
    must: ids.length
      ? `is not one of the market's tax classes: ${ids.join(', ')}`
      : 'names a tax class, but the market has none',
    ...(ids.length
      ? { example: `"${didYouMean(id, ids) ?? first}"` }
      : { fix: `Add [[tax]] with class = "${id}" and its rate in percent.` })
  })
  return id
}

/** Digits of a GTIN's length must be one; any other printable ASCII is the stall's own code. */
function readBarcode(row: Row): string {
  const code = textIn(row, 'barcode', {
    example: '"4006381333931"',
    charsMax: BARCODE_CHARS_MAX,
    otherwise: '',
    shape: [/^[\x20-\x7e]*$/, 'digits or plain ASCII letters']
  })
  const written = row.fields.get('barcode')
  if (!written || !isGtin(code)) return code
  const digit = checkDigit(code.slice(0, -1))
  if (!code.endsWith(digit)) {
    fault(row, written, {
      code: 'bad-barcode',
      must: `ends in ${code.at(-1)}, but the check digit of these digits is ${digit}`,
      fix: 'Compare it with the package, or put a letter before a code of your own: "A1234567".'
    })
  }
  return code
}

const isGtin = (code: string): boolean => /^(\d{8}|\d{12,14})$/.test(code)

/** GS1 General Specifications 7.9: weights 3 and 1 in turn, from the right. */
function checkDigit(digits: string): string {
  const sum = [...digits]
    .reverse()
    .reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1), 0)
  return String((10 - (sum % 10)) % 10)
}
