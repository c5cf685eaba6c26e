import { given, type Paid } from './paid.ts'
import { useMoney, useTill } from './use.ts'

/** What to give back, large, until the next customer's first item. */
export function PaidStrip({ paid }: { readonly paid: Paid }) {
  const { words, payments, booked, sheet, live } = useTill()
  const money = useMoney()
  const { sale, state } = paid
  const receipt = booked.value.get(sale)
  const isUndone = state === 'undone'
  return (
    <div class={`paid ${state}`} role="status">
      <p>
        <span>
          {isUndone ? words.undone : words.paid(money(given(paid)))}
          {receipt?.number && <small> · {receipt.number}</small>}
        </span>
        <strong>
          <small>{isUndone ? words.giveBack : words.change}</small>{' '}
          {money(isUndone ? paid.total : paid.change)}
        </strong>
      </p>
      <div>
        <button
          type="button"
          class="undo"
          disabled={state !== 'open'}
          onClick={() => payments.undo(words.undo)}
        >
          {words.undo}
        </button>
        <button
          type="button"
          disabled={!receipt?.qr}
          onClick={() => {
            sheet.value = { name: 'qr', sale, number: receipt?.number ?? '' }
          }}
        >
          {words.qr}
        </button>
        <button
          type="button"
          onClick={() => {
            sheet.value = { name: live.paper.value ? 'printer' : 'sales' }
          }}
        >
          {live.paper.value ? words.paper : words.print}
        </button>
      </div>
    </div>
  )
}
