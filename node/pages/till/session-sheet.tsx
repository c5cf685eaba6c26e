import { useSignal } from '@preact/signals'
import { money as toMoney } from '../../core/sell/money.ts'
import { timeText } from '../shared/format.ts'
import { type ClosingSums, readClosing } from './closing.ts'
import { ClosingReport, Report } from './session-report.tsx'
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
        <Closed body={closing.value} />
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
          {step.value === 'start' && <LastClosed />}
          {step.value === 'x' && <Report sums={session} />}
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
      <LastClosed />
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
  const { words, outbox, lastClosed } = useTill()
  const money = useMoney()
  const { send, trouble, isBusy } = useAsk()
  const { amount, typed, pad } = useTyped()
  const unsent = unsentCount(outbox.parcels.value)
  const close = async () => {
    const body = { counted: amount }
    const reply = await send({ method: 'POST', path: '/api/v1/sessions/close', body })
    if (reply.state !== 'done') return
    lastClosed.value = readClosing(reply.body)?.session ?? lastClosed.value
    onClosed(reply.body)
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

function Closed({ body }: { readonly body: unknown }) {
  const { words } = useTill()
  const closing = readClosing(body)
  return (
    <>
      <p class="about">{words.session.closedNow}</p>
      {closing && <ClosingReport closing={closing} />}
    </>
  )
}

/** The Z report of the session before, which the stall box keeps. */
function LastClosed() {
  const { words, lastClosed, live } = useTill()
  const { send, trouble, isBusy } = useAsk()
  const shown = useSignal<ClosingSums | null>(null)
  const open = live.view.value?.session
  const number = open ? open.session - 1 : lastClosed.value
  if (number === null || number < 1) return null
  if (shown.value) return <ClosingReport closing={shown.value} />
  const look = async () => {
    const reply = await send({ method: 'GET', path: `/api/v1/reports/z/${number}` })
    if (reply.state === 'done') shown.value = readClosing(reply.body)
  }
  return (
    <>
      <button type="button" class="wide" disabled={isBusy.value} onClick={look}>
        {words.session.last}
      </button>
      <Trouble text={trouble.value} />
    </>
  )
}
