import { useLayoutEffect, useRef } from 'preact/hooks'
import { type Money, sum, money as toMoney } from '../../core/sell/money.ts'
import type { QuotedLine } from '../../core/sell/quote.ts'
import { type BasketLine, countOf, setQuantity } from './basket.ts'
import { PaidStrip } from './paid-strip.tsx'
import { PayButtons } from './pay-buttons.tsx'
import { Simulated } from './simulated.tsx'
import { useMoney, useTill } from './use.ts'

/** The sale under way. Its height never changes, so the pay buttons stay under the same thumb. */
export function CartView() {
  const { words, counter, quote, payments } = useTill()
  const { lines } = counter.basket.value
  const list = useRef<HTMLDivElement>(null)
  const count = countOf(counter.basket.value)
  useLayoutEffect(() => {
    if (list.current && count > 0) list.current.scrollTop = list.current.scrollHeight
  }, [count])
  return (
    <aside class="cart" aria-label={words.currentSale}>
      <div class="lines" ref={list}>
        {payments.paid.value && <PaidStrip paid={payments.paid.value} />}
        {lines.length === 0 && !payments.paid.value && <Empty />}
        {lines.length === 0 && <Simulated isAside />}
        {lines.length > 0 && (
          <ul>
            {lines.map((line, at) => (
              <LineView key={line.key} line={line} quoted={quote.value.lines[at]} />
            ))}
          </ul>
        )}
      </div>
      <Actions />
      <Total />
      <PayButtons />
    </aside>
  )
}

function Empty() {
  const { words, cleared, putBack } = useTill()
  if (cleared.value.lines.length === 0) return <p class="hint">{words.emptyBasket}</p>
  return (
    <p class="hint" role="status">
      <span>
        {words.basket.emptied}{' '}
        <button type="button" onClick={putBack}>
          {words.undo}
        </button>
      </span>
    </p>
  )
}

export function LineView(props: {
  readonly line: BasketLine
  readonly quoted: QuotedLine | undefined
}) {
  const { words, counter, sheet } = useTill()
  const money = useMoney()
  const { line, quoted } = props
  const { name, quantity, key } = line
  const step = (by: number) =>
    counter.change(basket => {
      const now = basket.lines.find(each => each.key === key)?.quantity ?? 0
      return setQuantity(basket, key, now + by)
    })
  const off = quoted?.line.discount
  return (
    <li>
      <button type="button" class="step" aria-label={words.oneLess(name)} onClick={() => step(-1)}>
        −
      </button>
      <button
        type="button"
        class="quantity"
        aria-label={`${words.basket.quantity(name)}: ${quantity}`}
        onClick={() => {
          sheet.value = { name: 'quantity', line: key }
        }}
      >
        {quantity}
      </button>
      <button type="button" class="step" aria-label={words.oneMore(name)} onClick={() => step(1)}>
        +
      </button>
      <span class="name">
        <span>{name}</span>
        {off && (
          <small>
            {words.off(money(off.amount))} · {off.reason}
          </small>
        )}
      </span>
      <span class="sum">{quoted && money(net(quoted))}</span>
    </li>
  )
}

function Total() {
  const { words, counter, quote, sheet } = useTill()
  const money = useMoney()
  const count = countOf(counter.basket.value)
  const { discounts, total, taxes } = quote.value
  const onTop = sum(taxes.flatMap(({ isInclusive, tax }) => (isInclusive ? [] : tax)))
  const notes = [
    count > 0 && words.pieces(count),
    discounts > 0 && words.off(money(discounts)),
    onTop > 0 && words.taxOnTop(money(onTop))
  ].filter(Boolean)
  return (
    <button
      type="button"
      class="total"
      disabled={count === 0}
      onClick={() => {
        sheet.value = { name: 'basket' }
      }}
    >
      <span>
        {words.total} <small>{notes.join(' · ')}</small>
      </span>
      <output class="sum">{money(total)}</output>
    </button>
  )
}

/** On a tablet there is room for these; a phone has them in the menu and the basket's sheet. */
function Actions() {
  const { words, counter, live, sheet } = useTill()
  const isEmpty = counter.basket.value.lines.length === 0
  const parked = live.view.value?.parked.length ?? 0
  return (
    <div class="actions">
      <button
        type="button"
        onClick={() => {
          sheet.value = { name: 'open' }
        }}
      >
        {words.open.title}
      </button>
      <button
        type="button"
        disabled={isEmpty}
        onClick={() => {
          sheet.value = { name: 'discount', line: null }
        }}
      >
        {words.basket.discount}
      </button>
      <button
        type="button"
        disabled={isEmpty && parked === 0}
        onClick={() => {
          sheet.value = { name: isEmpty ? 'recall' : 'park' }
        }}
      >
        {isEmpty && parked > 0 ? `${words.park.recall} ${parked}` : words.park.park}
      </button>
    </div>
  )
}

/** After the line's own discount; what the basket's takes off shows in the total. */
const net = ({ gross, line }: QuotedLine): Money => toMoney(gross - (line.discount?.amount ?? 0))
