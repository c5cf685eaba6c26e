import { type Currency, type Money, moneyText } from '../../core/sell/money.ts'

/** `short` leaves the cents of a round amount out, as on a note. */
export interface FormatMoney {
  (amount: Money): string
  readonly short: (amount: Money) => string
}

/**
 * Amounts in the reader's language. They go through text, for a number with a fraction could not
 * hold every amount that a safe integer can.
 */
export function moneyFormat(locale: string, currency: Currency): FormatMoney {
  const { code, exponent } = currency
  const formatOf = (digits: number) =>
    new Intl.NumberFormat(locale, {
      style: 'currency',
      currency: code,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits
    })
  const long = formatOf(exponent)
  const round = formatOf(0)
  const format = (amount: Money) => long.format(moneyText(amount, currency) as `${number}`)
  const short = (amount: Money) =>
    amount % 10 ** exponent === 0
      ? round.format(moneyText(amount, currency) as `${number}`)
      : format(amount)
  return Object.assign(format, { short })
}

/** The market's time of day, whatever the tablet believes. */
export const timeText = (locale: string, at: number, timeZone: string | undefined): string =>
  new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
    ...(timeZone ? { timeZone } : {})
  }).format(at)
