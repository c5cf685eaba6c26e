import { useSignal } from '@preact/signals'
import type { ParkedBasket } from '../../core/sell/basket.ts'
import { timeText } from '../shared/format.ts'
import { basketAgain, EMPTY, saleOf } from './basket.ts'
import { wireLine } from './parcel.ts'
import { Title, Trouble, useAsk } from './sheet-parts.tsx'
import { useTill } from './use.ts'

/** Sets the basket aside; any till of the stall takes it back, at the prices it was promised. */
export function ParkSheet() {
  const { words, counter, live, sheet } = useTill()
  const { send, trouble, isBusy } = useAsk()
  const name = useSignal('')
  // Counted once: sent again after a lost answer, the basket must not have another name.
  const count = useSignal((live.view.value?.parked.length ?? 0) + 1)
  const park = async () => {
    const basket = counter.basket.value
    if (basket.id === null) return
    const { lines, discount } = saleOf(basket)
    const body = {
      id: basket.id,
      name: name.value.trim() || words.park.number(count.value),
      lines: lines.map(wireLine),
      ...(discount ? { discount } : {})
    }
    const reply = await send({ method: 'POST', path: '/api/v1/baskets', body, key: basket.id })
    if (reply.state !== 'done') return
    sheet.value = null
    // Only what was parked leaves the counter: it is the same basket still, or nothing happens.
    counter.change(now => (now.id === basket.id ? EMPTY : { ...now }))
  }
  return (
    <>
      <Title text={words.park.park} />
      <input
        class="field"
        type="text"
        autoComplete="off"
        maxLength={60}
        aria-label={words.park.name}
        placeholder={words.park.name}
        value={name.value}
        onInput={event => {
          name.value = event.currentTarget.value
        }}
      />
      <button
        type="button"
        class="wide strong"
        disabled={isBusy.value || counter.basket.value.id === null}
        onClick={park}
      >
        {words.park.park}
      </button>
      <Trouble text={trouble.value} />
    </>
  )
}

export function RecallSheet() {
  const { words, counter, live, sheet, terms } = useTill()
  const { send, trouble, isBusy } = useAsk()
  // Taken, as far as the stall knows, but this till has not heard: it stays here to be asked for.
  const asked = useSignal<ParkedBasket | null>(null)
  const known = live.view.value?.parked ?? []
  const isLost = asked.value !== null && known.every(each => each.basket !== asked.value?.basket)
  const parked = isLost && asked.value ? [...known, asked.value] : known
  const isEmpty = counter.basket.value.lines.length === 0
  const take = async (basket: ParkedBasket) => {
    const path = `/api/v1/baskets/${basket.basket}/take`
    asked.value = basket
    const reply = await send({ method: 'POST', path, body: {} })
    if (reply.state === 'refused') asked.value = null
    if (reply.state !== 'done') return
    sheet.value = null
    counter.change((_, mint) => basketAgain(basket, mint))
  }
  return (
    <>
      <Title text={words.park.recall} />
      {parked.length === 0 && <p class="about">{words.park.none}</p>}
      {parked.length > 0 && !isEmpty && <p class="about">{words.park.busy}</p>}
      <ul class="rows">
        {parked.map(basket => (
          <li key={basket.basket}>
            <span>
              {basket.name}
              <small>
                {timeText(words.locale, basket.at, terms.value?.timezone)} ·{' '}
                {words.pieces(basket.lines.reduce((all, line) => all + line.quantity, 0))}
              </small>
            </span>
            <button type="button" disabled={!isEmpty || isBusy.value} onClick={() => take(basket)}>
              {words.park.take}
            </button>
          </li>
        ))}
      </ul>
      <Trouble text={trouble.value} />
    </>
  )
}
