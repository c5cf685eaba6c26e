import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Reply, Request } from './request.ts'
import { useTill } from './use.ts'

/** So long it says what became of the tap, and another tap does not print one more. */
const SENT_MS = 3_000

/** Prints another copy of a sale's receipt and answers on the button itself. */
export function PrintButton(props: {
  readonly sale: string
  readonly send: (request: Request) => Promise<Reply>
  readonly isDisabled?: boolean
}) {
  const { words } = useTill()
  const { sale, send, isDisabled = false } = props
  const step = useSignal<'ready' | 'printing' | 'sent'>('ready')
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const print = async () => {
    if (step.value !== 'ready') return
    step.value = 'printing'
    const reply = await send({ method: 'POST', path: `/api/v1/sales/${sale}/copy`, body: {} })
    step.value = reply.state === 'done' ? 'sent' : 'ready'
    if (reply.state !== 'done') return
    timer.current = setTimeout(() => {
      step.value = 'ready'
    }, SENT_MS)
  }
  const text = { ready: words.printAgain, printing: words.printing, sent: words.sentToPrinter }
  return (
    // Not the disabled attribute once tapped: it would take the focus away.
    <button
      type="button"
      disabled={isDisabled}
      aria-disabled={step.value !== 'ready'}
      aria-live="polite"
      onClick={print}
    >
      {text[step.value]}
    </button>
  )
}
