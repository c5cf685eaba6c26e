import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { FormatMoney } from '../shared/format.ts'
import type { Till } from './till.ts'

export const TillContext = createContext<Till | null>(null)

export function useTill(): Till {
  const till = useContext(TillContext)
  if (!till) throw new Error('This part stands outside the till')
  return till
}

/** Amounts in the stall's currency. */
export const useMoney = (): FormatMoney => useTill().formatMoney.value
