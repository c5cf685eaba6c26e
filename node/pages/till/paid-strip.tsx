import { given, type Paid } from './paid.ts'
import { givenBack } from './pay.ts'
import { PrintButton } from './print-button.tsx'
import type { Request } from './request.ts'
import { useMoney, useTill } from './use.ts'

/** What to give back, large, until the next customer's first item. */
export function PaidStrip({ paid }: { readonly paid: Paid }) {
  const { words, payments, booked, sheet, live, ask, say } = useTill()
  const money = useMoney()
  const { sale, state } = paid
  const receipt = booked.value.get(sale)
  const print = async (request: Request) => {
    const reply = await ask(request)
    if (reply.state === 'refused') say(reply.trouble.detail)
    else if (reply.state !== 'done') say(reply.state === 'later' ? words.later : words.away)
    return reply
  }
  const isUndone = state === 'undone'
  return (
    <div class={`paid ${state}`} role="status">
      <p>
        <span>
          {isUndone ? words.undone : words.paid(money(given(paid)))}
          {receipt?.number && <small> · {receipt.number}</small>}
        </span>
        {isUndone ? (
          <GiveBack paid={paid} />
        ) : (
          <strong>
            <small>{words.change}</small> {money(paid.change)}
          </strong>
        )}
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
        {live.paper.value ? (
          <button
            type="button"
            onClick={() => {
              sheet.value = { name: 'printer' }
            }}
          >
            {words.paper}
          </button>
        ) : (
          <PrintButton key={sale} sale={sale} send={print} isDisabled={!receipt} />
        )}
      </div>
    </div>
  )
}

/** Each part goes back the way it came: cash less the change, the rest by its own method. */
function GiveBack({ paid }: { readonly paid: Paid }) {
  const { words, terms } = useTill()
  const money = useMoney()
  const kinds = terms.value?.tenders ?? []
  const parts = givenBack(paid, kinds)
  const [only] = parts
  if (!only || (parts.length === 1 && only.isCash)) {
    return (
      <strong>
        <small>{words.giveBack}</small> {money(only?.amount ?? paid.total)}
      </strong>
    )
  }
  const said = parts.map(({ method, amount, isCash }) => {
    const name = kinds.find(kind => kind.method === method)?.name ?? method
    return words.givenBack(money(amount), isCash, name.toLowerCase())
  })
  return (
    <strong class="parts">
      {words.giveBack} {said.join(' · ')}
    </strong>
  )
}
