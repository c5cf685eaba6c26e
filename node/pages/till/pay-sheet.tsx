import { type Signal, useSignal } from '@preact/signals'
import { type Money, money as toMoney } from '../../core/sell/money.ts'
import type { Tender, TenderKind } from '../../core/sell/tender.ts'
import type { Terms } from '../../core/sell/terms.ts'
import { payment, remaining } from './pay.ts'
import { AMOUNT_DIGITS_MAX, Pad, Title } from './sheet-parts.tsx'
import { useMoney, useTill } from './use.ts'

/** Card, voucher, or several at once: type an amount or take the whole rest. */
export function PaySheet() {
  const { terms } = useTill()
  return terms.value && <Tenders terms={terms.value} />
}

function Tenders({ terms }: { readonly terms: Terms }) {
  const { words, quote, payments, outbox } = useTill()
  const money = useMoney()
  const given = useSignal<readonly Tender[]>([])
  const typed = useSignal('')
  const reference = useSignal('')
  const { total } = quote.value
  const rest = remaining(total, given.value, terms)
  const amountOf = (kind: TenderKind): Money =>
    typed.value === '' ? (kind.isCash ? rest.cash : rest.exact) : toMoney(Number(typed.value))

  const give = (kind: TenderKind) => {
    const slip = reference.value.trim()
    const tender = {
      method: kind.method,
      amount: amountOf(kind),
      ...(slip === '' ? {} : { reference: slip })
    }
    const tenders = tender.amount > 0 ? [...given.value, tender] : given.value
    const paid = payment(total, tenders, terms)
    if ('change' in paid) return void payments.pay(paid)
    if ('missing' in paid) given.value = tenders
    typed.value = ''
    reference.value = ''
  }
  const isOver = (kind: TenderKind) => !kind.isCash && amountOf(kind) > rest.exact
  const nameOf = (method: string) =>
    terms.tenders.find(kind => kind.method === method)?.name ?? method
  return (
    <>
      <Title text={words.pay.title(money(total))} />
      <Given given={given} nameOf={nameOf} />
      <output class="amount">
        <span>{given.value.length > 0 && words.pay.still(money(rest.exact))}</span>
        <strong class="sum">
          {money(typed.value === '' ? rest.exact : toMoney(Number(typed.value)))}
        </strong>
      </output>
      <Pad label={words.pay.pad} typed={typed} digitsMax={AMOUNT_DIGITS_MAX} />
      <Reference reference={reference} />
      <div class="kinds tenders">
        {terms.tenders.map(kind => (
          <button
            type="button"
            key={kind.method}
            class={kind.isCash ? '' : 'strong'}
            disabled={isOver(kind) || !outbox.canSave.value}
            onClick={() => give(kind)}
          >
            {kind.name}
            <span class="sum">{money(amountOf(kind))}</span>
          </button>
        ))}
      </div>
      <p class="trouble" role="status">
        {terms.tenders.some(isOver) && words.pay.over(money(rest.exact))}
      </p>
    </>
  )
}

/** What is in already; a wrong one can be taken out again. */
function Given(props: {
  readonly given: Signal<readonly Tender[]>
  readonly nameOf: (method: string) => string
}) {
  const { words } = useTill()
  const money = useMoney()
  const { given, nameOf } = props
  return (
    <ul class="given" hidden={given.value.length === 0}>
      {given.value.map((tender, at) => (
        <li key={`${at} ${tender.method}`}>
          <span>
            {nameOf(tender.method)} {tender.reference && <small>{tender.reference}</small>}
          </span>
          <span class="sum">{money(tender.amount)}</span>
          <button
            type="button"
            class="icon"
            aria-label={words.pay.takeOut(nameOf(tender.method))}
            onClick={() => {
              given.value = given.value.toSpliced(at, 1)
            }}
          >
            ✕
          </button>
        </li>
      ))}
    </ul>
  )
}

function Reference({ reference }: { readonly reference: Signal<string> }) {
  const { words } = useTill()
  return (
    <input
      class="field"
      type="text"
      autoComplete="off"
      maxLength={100}
      aria-label={words.pay.reference}
      placeholder={words.pay.reference}
      value={reference.value}
      onInput={event => {
        reference.value = event.currentTarget.value
      }}
    />
  )
}
