import { useSignal } from '@preact/signals'
import { type Money, money as toMoney } from '../../core/sell/money.ts'
import type { Session } from '../../core/sell/session.ts'
import { timeText } from '../shared/format.ts'
import { field } from './paid.ts'
import { AMOUNT_DIGITS_MAX, Pad, Title, Trouble, useAsk } from './sheet-parts.tsx'
import { unsentCount } from './status.ts'
import { useMoney, useTill } from './use.ts'

type Step = 'start' | 'x' | 'cash' | 'close'

/** The float, cash in and out, the X report, and the count at the end. */
export function SessionSheet() {
  const { words, live, terms } = useTill()
  const step = useSignal<Step>('start')
  const closing = useSignal<unknown>(null)
  const session = live.view.value?.session ?? null
  return (
    <>
      <Title text={words.session.title} />
      {closing.value !== null ? (
        <Closed closing={closing.value} />
      ) : session === null ? (
        <Open />
      ) : (
        <>
          <p class="about">
            № {session.session} ·{' '}
            {words.session.since(timeText(words.locale, session.openedAt, terms.value?.timezone))}
          </p>
          <fieldset class="choice" aria-label={words.session.title}>
            {(['x', 'cash', 'close'] as const).map(each => (
              <button
                type="button"
                key={each}
                aria-pressed={step.value === each}
                onClick={() => {
                  step.value = each
                }}
              >
                {
                  { x: words.session.x, cash: words.session.cash, close: words.session.closing }[
                    each
                  ]
                }
              </button>
            ))}
          </fieldset>
          {step.value === 'x' && <Report session={session} />}
          {step.value === 'cash' && <Cash />}
          {step.value === 'close' && (
            <Close
              onClosed={body => {
                closing.value = body
              }}
            />
          )}
        </>
      )}
    </>
  )
}

function useTyped() {
  const { words } = useTill()
  const money = useMoney()
  const typed = useSignal('')
  const amount = toMoney(Number(typed.value))
  const pad = (
    <>
      <output class="amount">
        <strong class="sum">{money(amount)}</strong>
      </output>
      <Pad label={words.pay.pad} typed={typed} digitsMax={AMOUNT_DIGITS_MAX} />
    </>
  )
  return { amount, typed, pad }
}

function Open() {
  const { words } = useTill()
  const money = useMoney()
  const { send, trouble, isBusy } = useAsk()
  const { amount, pad } = useTyped()
  const open = () =>
    send({ method: 'POST', path: '/api/v1/sessions/open', body: { float: amount } })
  return (
    <>
      <p class="about">{words.session.closed}</p>
      <h3>{words.session.float}</h3>
      {pad}
      <button type="button" class="wide strong" disabled={isBusy.value} onClick={open}>
        {words.session.open(money(amount))}
      </button>
      <Trouble text={trouble.value} />
    </>
  )
}

function Cash() {
  const { words, sheet } = useTill()
  const money = useMoney()
  const { send, trouble, isBusy } = useAsk()
  const { amount, pad } = useTyped()
  const reason = useSignal('')
  const move = async (signed: number) => {
    const body = { amount: signed, reason: reason.value.trim() }
    const reply = await send({ method: 'POST', path: '/api/v1/cash', body })
    if (reply.state === 'done') sheet.value = null
  }
  const isMissing = amount === 0 || reason.value.trim() === '' || isBusy.value
  return (
    <>
      {pad}
      <input
        class="field"
        type="text"
        maxLength={200}
        aria-label={words.reason}
        placeholder={words.reason}
        value={reason.value}
        onInput={event => {
          reason.value = event.currentTarget.value
        }}
      />
      <div class="kinds">
        <button type="button" disabled={isMissing} onClick={() => move(amount)}>
          {words.session.cashIn(money(amount))}
        </button>
        <button type="button" disabled={isMissing} onClick={() => move(-amount)}>
          {words.session.cashOut(money(amount))}
        </button>
      </div>
      <Trouble text={trouble.value} />
    </>
  )
}

/** Blind: who counts does not see what should be there, so the count is a count. */
function Close({ onClosed }: { readonly onClosed: (body: unknown) => void }) {
  const { words, outbox } = useTill()
  const money = useMoney()
  const { send, trouble, isBusy } = useAsk()
  const { amount, typed, pad } = useTyped()
  const unsent = unsentCount(outbox.parcels.value)
  const close = async () => {
    const body = { counted: amount }
    const reply = await send({ method: 'POST', path: '/api/v1/sessions/close', body })
    if (reply.state === 'done') onClosed(reply.body)
  }
  return (
    <>
      <p class="about">{words.session.count}</p>
      {unsent > 0 && <p class="about strongly">{words.session.unsent(unsent)}</p>}
      {pad}
      <button
        type="button"
        class="wide strong"
        disabled={typed.value === '' || isBusy.value}
        onClick={close}
      >
        {words.session.close(money(amount))}
      </button>
      <Trouble text={trouble.value} />
    </>
  )
}

function Closed({ closing }: { readonly closing: unknown }) {
  const { words } = useTill()
  const money = useMoney()
  const amount = (name: string): Money | null => {
    const value = field(closing, name)
    return typeof value === 'number' && Number.isSafeInteger(value) ? toMoney(value) : null
  }
  const expected = amount('cash')
  const counted = amount('counted')
  const over = expected === null || counted === null ? null : toMoney(counted - expected)
  return (
    <>
      <p class="about">{words.session.closedNow}</p>
      <dl class="report">
        {expected !== null && <Row name={words.session.expected} value={money(expected)} />}
        {counted !== null && <Row name={words.session.counted} value={money(counted)} />}
        {over !== null && over !== 0 && (
          <Row
            name={over > 0 ? words.session.over : words.session.short}
            value={money(toMoney(Math.abs(over)))}
          />
        )}
      </dl>
    </>
  )
}

/** The X report: what the session came to so far. It changes nothing. */
function Report({ session }: { readonly session: Session }) {
  const { words, terms } = useTill()
  const money = useMoney()
  const nameOf = (method: string) =>
    terms.value?.tenders.find(kind => kind.method === method)?.name ?? method
  return (
    <dl class="report">
      <Row name={`${words.session.sales} (${session.sales})`} value={money(session.total)} />
      <Row name={`${words.session.voids} (${session.voids})`} value={money(session.voidedTotal)} />
      <Row name={words.session.discounts} value={money(session.discounts)} />
      <Row name={words.session.rounding} value={money(session.rounding)} />
      {session.tenders.map(({ method, amount }) => (
        <Row key={method} name={nameOf(method)} value={money(amount)} />
      ))}
      {session.taxes.map(tax => (
        <Row
          key={`${tax.taxClass} ${tax.ratePpm}`}
          name={`${tax.taxClass} ${tax.ratePpm / 10_000} %`}
          value={money(tax.tax)}
        />
      ))}
      <Row name={words.session.floatRow} value={money(session.float)} />
      <Row name={words.session.moved} value={money(session.cashMoved)} />
    </dl>
  )
}

function Row({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="sum">{value}</dd>
    </div>
  )
}
