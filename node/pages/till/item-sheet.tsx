import { type Signal, useSignal } from '@preact/signals'
import { setQuantity } from './basket.ts'
import { Quantities } from './quantity-sheet.tsx'
import { Pad, Title, Trouble, useAsk } from './sheet-parts.tsx'
import { useMoney, useTill } from './use.ts'

const COUNT_DIGITS_MAX = 6

/** What a finger that stays on a tile finds: how many, why the price, and a count put right. */
export function ItemSheet({ sku }: { readonly sku: string }) {
  const { words, items, stock, counter, tap, sheet, live } = useTill()
  const money = useMoney()
  const isCounting = useSignal(false)
  const item = items.value.find(each => each.sku === sku)
  if (!item) return null
  const line = counter.basket.value.lines.find(each => each.sku === sku)
  const from = live.moves.value.get(sku)?.from
  const left = stock.value(sku)
  const take = (quantity: number) => {
    sheet.value = null
    if (line) counter.change(basket => setQuantity(basket, line.key, quantity))
    else tap(sku, quantity)
  }
  return (
    <>
      <Title text={item.name} />
      <p class="about">
        <span class="sum">{money(item.price)}</span>
        {left !== null && <> · {left > 0 ? words.left(left) : words.soldOut}</>}
        {from !== undefined && from !== item.price && (
          <> · {words.item.priceWas(money(from), money(item.price))}</>
        )}
        {line && line.unitPrice !== item.price && (
          <> {words.item.keepsPrice(money(line.unitPrice))}</>
        )}
      </p>
      {left !== null && left <= 0 && (
        <button type="button" class="wide strong" onClick={() => take((line?.quantity ?? 0) + 1)}>
          {words.item.sellAnyway}
        </button>
      )}
      {!isCounting.value && <Quantities onTake={take} />}
      <Count sku={sku} isTyping={isCounting} />
    </>
  )
}

function Count({ sku, isTyping }: { readonly sku: string; readonly isTyping: Signal<boolean> }) {
  const { words, sheet } = useTill()
  const { send, trouble, isBusy } = useAsk()
  const typed = useSignal('')
  if (!isTyping.value) {
    return (
      <button
        type="button"
        class="wide"
        onClick={() => {
          isTyping.value = true
        }}
      >
        {words.item.counted}
      </button>
    )
  }
  const save = async () => {
    const body = { sku, count: Number(typed.value), reason: 'counted' }
    const reply = await send({ method: 'POST', path: '/api/v1/stock', body })
    if (reply.state === 'done') sheet.value = null
  }
  return (
    <>
      <Pad label={words.item.counted} typed={typed} digitsMax={COUNT_DIGITS_MAX} />
      <button
        type="button"
        class="wide strong"
        disabled={typed.value === '' || isBusy.value}
        onClick={save}
      >
        {words.item.saveCount(typed.value || '…')}
      </button>
      <Trouble text={trouble.value} />
    </>
  )
}
