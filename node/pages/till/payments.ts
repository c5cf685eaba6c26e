import { batch, type ReadonlySignal, signal } from '@preact/signals'
import { saleOf } from './basket.ts'
import type { Counter } from './counter.ts'
import type { Outbox } from './outbox.ts'
import type { Paid } from './paid.ts'
import type { Payment } from './pay.ts'
import type { After, Now } from './ports.ts'

export interface Payments {
  /** The last payment, until the next basket begins. */
  readonly paid: ReadonlySignal<Paid | null>
  /** Safe on this tablet first, then sent, and shown as paid in the same moment. */
  readonly pay: (payment: Payment) => Promise<void>
  readonly undo: (reason: string) => Promise<void>
  readonly hide: () => void
}

/** How long the paid strip offers "Undo". */
export const UNDO_MS = 8_000

export function openPayments(ports: {
  readonly counter: Counter
  readonly outbox: Outbox
  readonly now: Now
  readonly after: After
  readonly onPaid: () => void
}): Payments {
  const { counter, outbox, now, after, onPaid } = ports
  const paid = signal<Paid | null>(null)
  let isPaying = false

  async function pay(payment: Payment): Promise<void> {
    const basket = counter.basket.value
    const { id } = basket
    if (isPaying || id === null) return
    isPaying = true
    const at = now()
    const sale = { kind: 'sale', key: id, at, ...saleOf(basket), ...payment } as const
    const safe = outbox.add(sale).then(
      () =>
        batch(() => {
          counter.clear()
          paid.value = { ...payment, sale: id, at, state: 'open' }
          onPaid()
        }),
      // The outbox says that nothing can be saved. The basket stays: no sale was made.
      () => {}
    )
    counter.hold(safe)
    await safe
    isPaying = false
    after(UNDO_MS, () => {
      if (paid.value?.sale === id && paid.value.state === 'open') {
        paid.value = { ...paid.value, state: 'settled' }
      }
    })
  }

  async function undo(reason: string): Promise<void> {
    const last = paid.value
    if (last?.state !== 'open') return
    const { sale } = last
    const at = now()
    paid.value = { ...last, state: 'undone' }
    const parcel = {
      kind: 'void',
      key: `${sale}:void`,
      sale,
      at,
      reason,
      afterMs: at - last.at
    } as const
    await outbox.add(parcel).catch(() => {
      paid.value = last
    })
  }

  return {
    paid,
    pay,
    undo,
    hide: () => {
      paid.value = null
    }
  }
}
