/** An amount in the smallest coin of the market's currency: cents, yen, fils. Never a fraction. */
export type Money = number & { readonly unit: 'minor' }

/** The money of a market. `exponent` says how many digits follow the point: JPY 0, EUR 2, KWD 3. */
export interface Currency {
  readonly code: string
  readonly exponent: number
}

export const NOTHING = 0 as Money

/** Amounts past 2^53-1 minor units would lose their last coin in a JavaScript number. */
export const AMOUNT_MAX = Number.MAX_SAFE_INTEGER

export const isMoney = (amount: unknown): amount is Money => Number.isSafeInteger(amount)

/** Brands a whole number as money; a fraction or an overflow is a bug, so it throws. */
export function money(amount: number): Money {
  if (!isMoney(amount)) throw new RangeError(`Not a whole amount of money: ${amount}`)
  return amount
}

export const sum = (amounts: readonly Money[]): Money =>
  money(amounts.reduce<number>((total, amount) => total + amount, 0))

/** Divides and rounds half away from zero. In BigInt, for a product may pass 2^53. */
export function divideRound(dividend: bigint, divisor: bigint): bigint {
  const isNegative = dividend < 0n !== divisor < 0n
  const top = dividend < 0n ? -dividend : dividend
  const bottom = divisor < 0n ? -divisor : divisor
  const rounded = (2n * top + bottom) / (2n * bottom)
  return isNegative ? -rounded : rounded
}

/**
 * Splits `whole` in proportion to `weights` so that the parts sum to it exactly:
 * each part is rounded down, and the coins left over go to the largest remainders
 * (Hamilton's method), ties to the earlier part. All weights zero: the first part takes all.
 */
export function allocate(whole: Money, weights: readonly number[]): Money[] {
  const all = weights.reduce((total, weight) => total + BigInt(weight), 0n)
  if (all === 0n) return weights.map((_, index) => (index === 0 ? whole : NOTHING))
  const sign = whole < 0 ? -1n : 1n
  const size = BigInt(whole) * sign
  const shares = weights.map((weight, index) => {
    const product = size * BigInt(weight)
    return { index, part: product / all, left: product % all }
  })
  const spare = size - shares.reduce((total, share) => total + share.part, 0n)
  const inOrder = shares.toSorted((a, b) => Number(b.left - a.left) || a.index - b.index)
  const lucky = new Set(inOrder.slice(0, Number(spare)).map(share => share.index))
  return shares.map(({ part, index }) =>
    money(Number(sign * (part + (lucky.has(index) ? 1n : 0n))))
  )
}

/** "10.50", "-0.05", "1200": digits only, for receipts and words to people. */
export function moneyText(amount: Money, { exponent }: Currency): string {
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0')
  const split = digits.length - exponent
  const sign = amount < 0 ? '-' : ''
  if (exponent === 0) return sign + digits
  return `${sign}${digits.slice(0, split)}.${digits.slice(split)}`
}

const EXPONENTS: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3
}

/** The exponents of ISO 4217; every code that is not listed has two digits. */
export const currencyOf = (code: string): Currency => ({ code, exponent: EXPONENTS[code] ?? 2 })
