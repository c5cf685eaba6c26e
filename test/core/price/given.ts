import { startDay } from '../../../node/core/price/day.ts'
import type { Asked } from '../../../node/core/price/guard.ts'
import type { PricedItem, Scene, Shelf } from '../../../node/core/price/item.ts'
import { emptyMemory, type Memory } from '../../../node/core/price/memory.ts'
import { openMorning } from '../../../node/core/price/morning.ts'
import { DEFAULT_POLICY, type PricePolicy } from '../../../node/core/price/policy.ts'
import { euro } from '../given.ts'

export const MINUTE_MS = 60_000
export const NOON = Date.UTC(2026, 5, 6, 12)

export const lemonade: PricedItem = {
  sku: 'lemonade',
  list: euro(4),
  cost: euro(1.8),
  salvage: euro(0),
  floor: null,
  cap: null,
  step: euro(0.1),
  elasticity: null,
  mayClear: false,
  isLocked: false
}

export const onShelf: Shelf = {
  price: euro(4),
  changedAt: null,
  stock: 20,
  soldEver: 40,
  isInOpenBasket: false,
  isVetoed: false
}

export const calm: Scene = {
  at: NOON,
  isCustomerThere: false,
  closesAt: null,
  marketDays: 3,
  fault: null
}

export const asked = (
  more: {
    readonly item?: Partial<PricedItem>
    readonly shelf?: Partial<Shelf>
    readonly scene?: Partial<Scene>
    readonly policy?: Partial<PricePolicy>
  } = {}
): Asked => ({
  item: { ...lemonade, ...more.item },
  shelf: { ...onShelf, ...more.shelf },
  scene: { ...calm, ...more.scene },
  policy: { ...DEFAULT_POLICY, ...more.policy }
})

/** A day of ten windows and 200 visitors, with as many items as there are opening stocks. */
export const dayOf = (
  stock: readonly number[],
  {
    memory = emptyMemory,
    items = stock.map((_, at) => ({ ...lemonade, sku: `item-${at}` }))
  }: { readonly memory?: Memory; readonly items?: readonly PricedItem[] } = {}
) => startDay(openMorning({ memory, items, stock, forecast: new Array(10).fill(20) }))
