import type { Refusal } from '../refusal.ts'
import type { Wished } from '../wish.ts'

/** The cash drawer was opened without a sale: who settles a day wants to know how often. */
export interface DrawerOpened extends Wished {
  readonly type: 'drawerOpened'
  readonly reason: string
}

export interface OpenDrawer extends Wished {
  readonly type: 'openDrawer'
  readonly reason: string
}

export const decideOpenDrawer = ({ reason }: OpenDrawer): readonly [DrawerOpened] | Refusal =>
  reason.trim() === ''
    ? { refused: 'reason-missing', what: 'opening of the drawer' }
    : [{ type: 'drawerOpened', reason }]
