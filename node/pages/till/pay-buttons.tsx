import { cashTenders, noteOffers, type Payment, payment } from './pay.ts'
import { useMoney, useTill } from './use.ts'

/** Slots that a tablet shows; a phone leaves the third out. */
const OFFERS = [0, 1, 2]

/** Four buttons that never move: exact cash, notes, and everything else. */
export function PayButtons() {
  const { words, counter, quote, cashDue, terms, outbox, payments, sheet } = useTill()
  const money = useMoney()
  const isReady = counter.basket.value.lines.length > 0 && outbox.canSave.value
  const { total } = quote.value
  const due = cashDue.value
  const offers = terms.value && isReady ? noteOffers(due, terms.value, OFFERS.length) : []
  const payCash = (amount: typeof due) => {
    if (!terms.value) return
    const paid = payment(total, cashTenders(amount, terms.value), terms.value)
    if ('change' in paid) payments.pay(paid satisfies Payment)
  }
  return (
    <div class="pay">
      <button type="button" class="exact" disabled={!isReady} onClick={() => payCash(due)}>
        <small>{words.exactCash}</small>
        <span class="sum">{money(due)}</span>
      </button>
      {OFFERS.map(slot => {
        const offer = offers[slot]
        return (
          <button
            type="button"
            key={slot}
            class="note"
            disabled={offer === undefined}
            aria-label={offer === undefined ? words.cash : `${words.cash} ${money(offer)}`}
            onClick={() => offer !== undefined && payCash(offer)}
          >
            {offer === undefined ? '–' : money.short(offer)}
          </button>
        )
      })}
      <button
        type="button"
        class="other"
        disabled={!isReady}
        onClick={() => {
          sheet.value = { name: 'pay' }
        }}
      >
        {words.cardOther}
      </button>
    </div>
  )
}
