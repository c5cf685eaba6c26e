import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { currencyOf } from '../../core/sell/money.ts'
import { type FormatMoney, moneyFormat } from '../shared/format.ts'
import type { Till } from './till.ts'

export const TillContext = createContext<Till | null>(null)

export function useTill(): Till {
  const till = useContext(TillContext)
  if (!till) throw new Error('This part stands outside the till')
  return till
}

const formats = new Map<string, FormatMoney>()

/** Amounts in the stall's currency; making a format costs more than a tap may. */
export function useMoney(): FormatMoney {
  const { terms, words } = useTill()
  const currency = terms.value?.currency ?? currencyOf('EUR')
  const key = `${words.locale} ${currency.code} ${currency.exponent}`
  const format = formats.get(key) ?? moneyFormat(words.locale, currency)
  formats.set(key, format)
  return format
}
