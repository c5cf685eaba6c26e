import { useSignal } from '@preact/signals'
import { money as toMoney } from '../../core/sell/money.ts'
import { addLine } from './basket.ts'
import { AMOUNT_DIGITS_MAX, Pad, Title } from './sheet-parts.tsx'
import { useMoney, useTill } from './use.ts'

/** Something that is not in the catalogue, with a typed-in price. */
export function OpenSheet() {
  const { words, terms, counter, sheet } = useTill()
  const money = useMoney()
  const name = useSignal('')
  const typed = useSignal('')
  const classes = terms.value?.taxClasses ?? []
  const taxClass = useSignal(classes[0]?.id ?? '')
  const price = toMoney(Number(typed.value))
  const add = () => {
    sheet.value = null
    const line = {
      sku: null,
      name: name.value.trim() || words.open.otherName,
      quantity: 1,
      unitPrice: price,
      taxClass: taxClass.value
    }
    counter.change((basket, mint) => addLine(basket, { ...line, key: `open ${mint()}` }, mint))
  }
  return (
    <>
      <Title text={words.open.title} />
      <output class="amount">
        <strong class="sum">{money(price)}</strong>
      </output>
      <Pad label={words.pay.pad} typed={typed} digitsMax={AMOUNT_DIGITS_MAX} />
      <input
        class="field"
        type="text"
        autoComplete="off"
        maxLength={100}
        aria-label={words.open.name}
        placeholder={words.open.name}
        value={name.value}
        onInput={event => {
          name.value = event.currentTarget.value
        }}
      />
      {classes.length > 1 && (
        <fieldset class="choice" aria-label={words.open.tax}>
          {classes.map(each => (
            <button
              type="button"
              key={each.id}
              aria-pressed={taxClass.value === each.id}
              onClick={() => {
                taxClass.value = each.id
              }}
            >
              {each.name}
            </button>
          ))}
        </fieldset>
      )}
      <button type="button" class="wide strong" disabled={price === 0} onClick={add}>
        {words.open.add(money(price))}
      </button>
    </>
  )
}
