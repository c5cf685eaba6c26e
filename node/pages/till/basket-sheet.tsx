import { LineView } from './cart.tsx'
import { Title } from './sheet-parts.tsx'
import type { Sheet } from './sheets.ts'
import { useMoney, useTill } from './use.ts'

/** The whole basket on a phone, where only its last two lines show. */
export function BasketSheet() {
  const { words, counter, quote, sheet, sweep } = useTill()
  const money = useMoney()
  const { lines, discount } = counter.basket.value
  const go = (next: Sheet | null) => {
    sheet.value = next
  }
  return (
    <>
      <Title text={`${words.total} ${money(quote.value.total)}`} />
      <ul class="all">
        {lines.map((line, at) => (
          <LineView key={line.key} line={line} quoted={quote.value.lines[at]} />
        ))}
      </ul>
      {discount && quote.value.discounts > 0 && (
        <p class="about">
          {words.off(money(quote.value.discounts))} · {discount.reason}
        </p>
      )}
      <div class="kinds pinned">
        <button type="button" onClick={() => go({ name: 'discount', line: null })}>
          {words.basket.discount}
        </button>
        <button type="button" onClick={() => go({ name: 'park' })}>
          {words.park.park}
        </button>
        <button
          type="button"
          class="danger"
          onClick={() => {
            go(null)
            sweep()
          }}
        >
          {words.basket.clear}
        </button>
      </div>
    </>
  )
}
