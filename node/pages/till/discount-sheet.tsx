import { type Signal, useSignal } from '@preact/signals'
import type { WishedDiscount } from '../../core/sell/basket.ts'
import { money as toMoney } from '../../core/sell/money.ts'
import { setDiscount } from './basket.ts'
import { AMOUNT_DIGITS_MAX, Pad, Title } from './sheet-parts.tsx'
import { useMoney, useTill } from './use.ts'

const PERCENT_MAX = 100
const PPM_A_PERCENT = 10_000

/** Money or a percentage off, with a reason that stands on the receipt. */
export function DiscountSheet({ line: key }: { readonly line: string | null }) {
  const { words, counter, sheet } = useTill()
  const money = useMoney()
  const isPercent = useSignal(true)
  const typed = useSignal('')
  const reason = useSignal(words.basket.reasons[0] ?? '')
  const line = counter.basket.value.lines.find(each => each.key === key)
  const percent = Math.min(Number(typed.value), PERCENT_MAX)
  const amount = toMoney(Number(typed.value))
  const text = isPercent.value ? `${percent} %` : money(amount)
  const apply = (discount: WishedDiscount | null) => {
    sheet.value = null
    counter.change(basket => setDiscount(basket, key, discount))
  }
  const take = () => {
    const why = reason.value.trim()
    if (!isPercent.value) return apply({ amount, reason: why })
    apply({ ratePpm: percent * PPM_A_PERCENT, reason: `${percent} % ${why}` })
  }
  return (
    <>
      <Title text={words.basket.discountOn(line?.name ?? words.basket.wholeBasket)} />
      <fieldset class="choice" aria-label={words.amount}>
        {[true, false].map(each => (
          <button
            type="button"
            key={String(each)}
            aria-pressed={isPercent.value === each}
            onClick={() => {
              isPercent.value = each
              typed.value = ''
            }}
          >
            {each ? words.basket.percent : words.basket.money}
          </button>
        ))}
      </fieldset>
      <output class="amount">
        <strong class="sum">{text}</strong>
      </output>
      <Pad
        label={words.pay.pad}
        typed={typed}
        digitsMax={isPercent.value ? 3 : AMOUNT_DIGITS_MAX}
      />
      <Reason reason={reason} />
      <div class="kinds">
        <button type="button" onClick={() => apply(null)}>
          {words.basket.noDiscount}
        </button>
        <button
          type="button"
          class="strong"
          disabled={Number(typed.value) === 0 || reason.value.trim() === ''}
          onClick={take}
        >
          {words.basket.takeOff(text)}
        </button>
      </div>
    </>
  )
}

function Reason({ reason }: { readonly reason: Signal<string> }) {
  const { words } = useTill()
  return (
    <>
      <fieldset class="choice" aria-label={words.reason}>
        {words.basket.reasons.map(each => (
          <button
            type="button"
            key={each}
            aria-pressed={reason.value === each}
            onClick={() => {
              reason.value = each
            }}
          >
            {each}
          </button>
        ))}
      </fieldset>
      <input
        class="field"
        type="text"
        maxLength={150}
        aria-label={words.reason}
        value={reason.value}
        onInput={event => {
          reason.value = event.currentTarget.value
        }}
      />
    </>
  )
}
