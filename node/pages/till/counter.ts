import { type ReadonlySignal, signal } from '@preact/signals'
import type { Id } from '../../core/id.ts'
import { type Basket, EMPTY } from './basket.ts'
import { isBasket, readNote } from './noted.ts'
import type { Notebook } from './ports.ts'

/** The basket that is being filled, kept over a reload and shared by the tabs of one tablet. */
export interface Counter {
  readonly basket: ReadonlySignal<Basket>
  /** A step that gives the same basket back says that it is full. */
  readonly change: (step: (basket: Basket, mint: () => Id) => Basket) => void
  /** Holds back changes until a payment is safe, so that a quick tap falls into the next basket. */
  readonly hold: (until: Promise<void>) => void
  readonly clear: () => void
  /** Takes over what another tab noted. */
  readonly reread: () => void
}

const NAME = 'basket'

export function openCounter(ports: {
  readonly notebook: Notebook
  readonly chance: (count: number) => Uint8Array
  /** A basket whose sale was paid in the very moment of a reload must not come back. */
  readonly isPaid: (id: string) => boolean
  readonly onChange: (isFull: boolean) => void
}): Counter {
  const { notebook, chance, isPaid, onChange } = ports
  const basket = signal(EMPTY)
  let held: Promise<void> | null = null
  const mint = () => mintId(chance)

  const reread = () => {
    const kept = readNote(notebook.read(NAME), isBasket) ?? EMPTY
    basket.value = kept.id !== null && isPaid(kept.id) ? EMPTY : kept
  }
  const keep = (next: Basket) => {
    basket.value = next
    notebook.write(NAME, next.id === null ? null : JSON.stringify(next))
  }
  const change: Counter['change'] = step => {
    if (held) return void held.then(() => change(step))
    const next = step(basket.value, mint)
    const isFull = next === basket.value
    keep(next)
    onChange(isFull)
  }
  reread()
  return {
    basket,
    change,
    reread,
    clear: () => keep(EMPTY),
    hold: until => {
      held = until.finally(() => {
        held = null
      })
    }
  }
}

/** `crypto.randomUUID` is missing on plain http, `getRandomValues` is not. */
export const mintId = (chance: (count: number) => Uint8Array): Id =>
  [...chance(16)].map(byte => byte.toString(16).padStart(2, '0')).join('') as Id
