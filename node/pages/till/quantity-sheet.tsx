import { useSignal } from '@preact/signals'
import { setQuantity } from './basket.ts'
import { weightOn } from './scale.ts'
import { Pad, Title } from './sheet-parts.tsx'
import { useTill } from './use.ts'

const QUICK = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 20]
/** As many digits as `QUANTITY_TYPED_MAX` has. */
const QUANTITY_DIGITS_MAX = 4

/** How many of a line: one tap for the usual, digits for a crowd. */
export function QuantitySheet({ line: key }: { readonly line: string }) {
  const { words, counter, sheet } = useTill()
  const line = counter.basket.value.lines.find(each => each.key === key)
  const take = (quantity: number) => {
    sheet.value = null
    counter.change(basket => setQuantity(basket, key, quantity))
  }
  return (
    <>
      <Title text={line?.name ?? ''} />
      <Quantities onTake={take} />
      <div class="kinds">
        <button
          type="button"
          onClick={() => {
            sheet.value = { name: 'discount', line: key }
          }}
        >
          {words.basket.discount}
        </button>
        <button type="button" class="danger" onClick={() => take(0)}>
          {words.remove}
        </button>
      </div>
    </>
  )
}

export function Quantities({ onTake }: { readonly onTake: (quantity: number) => void }) {
  const { words, live } = useTill()
  const typed = useSignal('')
  const isTyping = useSignal(false)
  const weight = weightOn(live.view.value?.devices)
  if (!isTyping.value) {
    return (
      <>
        {weight !== undefined && <p class="about">{words.devices.onScale(weight ?? '–')}</p>}
        <fieldset class="pad quick" aria-label={words.item.howMany}>
          {QUICK.map(quantity => (
            <button type="button" key={quantity} onClick={() => onTake(quantity)}>
              {quantity}
            </button>
          ))}
        </fieldset>
        <button
          type="button"
          class="wide"
          onClick={() => {
            isTyping.value = true
          }}
        >
          {words.item.more}
        </button>
      </>
    )
  }
  const count = Number(typed.value)
  return (
    <>
      <Pad label={words.item.howMany} typed={typed} digitsMax={QUANTITY_DIGITS_MAX} />
      <button
        type="button"
        class="wide strong"
        disabled={count === 0}
        onClick={() => onTake(count)}
      >
        {words.item.add(typed.value)}
      </button>
    </>
  )
}
