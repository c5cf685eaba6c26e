import { type Signal, useSignal } from '@preact/signals'
import { useLayoutEffect } from 'preact/hooks'
import type { Reply, Request } from './request.ts'
import { useTill } from './use.ts'

export function Title({ text }: { readonly text: string }) {
  const { sheet, words } = useTill()
  return (
    <header>
      <h2 id="sheet-title">{text}</h2>
      <button
        type="button"
        class="icon"
        aria-label={words.close}
        onClick={() => {
          sheet.value = null
        }}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M6 6l12 12M18 6L6 18" />
        </svg>
      </button>
    </header>
  )
}

/** A shape for each state, for colour alone tells nothing to many eyes. */
export const MARKS = { up: '●', degraded: '!', down: '✕', absent: '○', disabled: '–' } as const

const PAD = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '00', '0', '⌫']

/**
 * Digits for wet hands, and for a keyboard. It reads `typed` at the very press: what was drawn last
 * may be two quick presses old.
 */
export function Pad(props: {
  readonly label: string
  readonly typed: Signal<string>
  readonly digitsMax: number
}) {
  const { label, typed, digitsMax } = props
  const press = (key: string) => {
    const { value } = typed
    typed.value =
      key === '⌫' ? value.slice(0, -1) : (value + key).replace(/^0+(?=\d)/, '').slice(0, digitsMax)
  }
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement) return
      if (/^\d$/.test(event.key)) press(event.key)
      if (event.key === 'Backspace') press('⌫')
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <fieldset class="pad" aria-label={label}>
      {PAD.map(key => (
        <button
          type="button"
          key={key}
          aria-label={key === '⌫' ? '⌫ Backspace' : key}
          onClick={() => press(key)}
        >
          {key}
        </button>
      ))}
    </fieldset>
  )
}

/** Nine digits hold every price at a stall, in every currency. */
export const AMOUNT_DIGITS_MAX = 9

/** Asks the stall for something now; what it says against it stays on the sheet. */
export function useAsk() {
  const { ask, words } = useTill()
  const trouble = useSignal('')
  const isBusy = useSignal(false)
  const send = async (request: Request): Promise<Reply> => {
    isBusy.value = true
    const reply = await ask(request)
    isBusy.value = false
    trouble.value = troubleText(reply, words)
    return reply
  }
  return { send, trouble, isBusy }
}

function troubleText(
  reply: Reply,
  words: { readonly away: string; readonly later: string }
): string {
  if (reply.state === 'refused') return `${reply.trouble.detail} ${reply.trouble.fix}`
  if (reply.state === 'away') return words.away
  return reply.state === 'later' ? words.later : ''
}

export const Trouble = ({ text }: { readonly text: string }) => (
  <p class="trouble" role="alert">
    {text}
  </p>
)
