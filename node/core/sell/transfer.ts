import { type Money, money } from './money.ts'

/**
 * Money moves from one account to another and is never made: every transfer debits one account
 * and credits another by the same amount (TigerBeetle's shape), so all balances sum to zero.
 */
export interface Transfer {
  readonly debit: Account
  readonly credit: Account
  /** Never negative; a movement the other way swaps the accounts. */
  readonly amount: Money
}

/**
 * `due` is a sale between goods and payment, and is zero after each; `safe` is where the float
 * comes from and the counted cash goes to; `tender:` holds what terminals and vouchers owe us.
 */
export type Account =
  | 'cash'
  | 'safe'
  | 'due'
  | 'rounding'
  | 'paid-in-out'
  | 'over-short'
  | `tender:${string}`
  | `sales:${string}`
  | `tax:${string}`

/** Balances by account, debits positive. */
export type Accounts = Readonly<Record<string, Money>>

/** Takes a transfer back by the same amount the other way. */
export const reverse = ({ debit, credit, amount }: Transfer): Transfer => ({
  debit: credit,
  credit: debit,
  amount
})

/** A negative amount moves the other way. */
export const move = (debit: Account, credit: Account, amount: Money): Transfer =>
  amount < 0 ? { debit: credit, credit: debit, amount: money(-amount) } : { debit, credit, amount }

export function post(accounts: Accounts, transfers: readonly Transfer[]): Accounts {
  const after: Record<string, Money> = { ...accounts }
  for (const { debit, credit, amount } of transfers) {
    after[debit] = money((after[debit] ?? 0) + amount)
    after[credit] = money((after[credit] ?? 0) - amount)
  }
  return after
}
