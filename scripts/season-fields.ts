/** The fields of a message of the pricing protocol, decoded from what may be anything. */
import type { PricedItem } from '../node/core/price/item.ts'
import type { Money } from '../node/core/sell/money.ts'

/** A line that the protocol does not know; answered, never thrown at the other side. */
export class BadMessage extends Error {
  readonly code: string
  readonly where: string
  readonly fix: string
  constructor(code: string, where: string, fix: string) {
    super(`${code} at ${where}`)
    this.code = code
    this.where = where
    this.fix = fix
  }
}

export type Fields = Readonly<Record<string, unknown>>

export function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadMessage('bad-field', where, 'give an object')
  }
  return value as Fields
}

export function listOf(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new BadMessage('bad-field', where, 'give a list')
  return value
}

interface Bounds {
  readonly count?: number
  readonly min?: number
  readonly max?: number
  readonly isWhole?: boolean
}

export function numbersOf(
  value: unknown,
  where: string,
  { count, min = Number.NEGATIVE_INFINITY, max = 1e12, isWhole = false }: Bounds
): readonly number[] {
  const list = listOf(value, where)
  if (count !== undefined && list.length !== count) {
    throw new BadMessage('bad-field', where, `give ${count} numbers`)
  }
  return list.map((each, at) => {
    const isGood =
      typeof each === 'number' && each >= min && each <= max && (!isWhole || Number.isInteger(each))
    if (isGood) return each
    const kind = isWhole ? 'a whole number' : 'a number'
    throw new BadMessage('bad-field', `${where}[${at}]`, `give ${kind} from ${min} to ${max}`)
  })
}

export const countOf = (value: unknown, where: string): number =>
  numbersOf([value], where, { min: 0, isWhole: true })[0] ?? 0

export const amountsOf = (value: unknown, where: string, count: number): readonly Money[] =>
  numbersOf(value, where, { count, min: 0, max: 1e9 }).map(centsOf)

/** The protocol's money has two decimals; stalls count the smallest coin. */
const centsOf = (amount: number): Money => Math.round(amount * 100) as Money

export function skuOf(value: unknown, at: number): PricedItem {
  const where = `skus[${at}]`
  const sku = fieldsOf(value, where)
  const amount = (field: string): Money | null =>
    sku[field] === null || sku[field] === undefined
      ? null
      : (amountsOf([sku[field]], `${where}.${field}`, 1)[0] ?? null)
  const needed = (field: string): Money => {
    const found = amount(field)
    if (found !== null) return found
    throw new BadMessage('bad-field', `${where}.${field}`, 'give an amount')
  }
  return {
    sku: String(sku['id'] ?? at),
    list: needed('list'),
    cost: amount('cost'),
    salvage: amount('salvage') ?? (0 as Money),
    floor: amount('floor'),
    cap: amount('cap'),
    step: needed('step'),
    elasticity: null,
    mayClear: false,
    isLocked: false
  }
}
