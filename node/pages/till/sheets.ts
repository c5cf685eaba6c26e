/** What may lie over the till; one at a time. */
export type Sheet =
  | { readonly name: 'menu' | 'pay' | 'open' | 'basket' | 'park' | 'recall' }
  | { readonly name: 'sales' | 'session' | 'printer' | 'devices' | 'drawer' }
  | { readonly name: 'item'; readonly sku: string }
  | { readonly name: 'quantity'; readonly line: string }
  /** Money off one line, or off the whole basket when `line` is null. */
  | { readonly name: 'discount'; readonly line: string | null }
  | { readonly name: 'qr'; readonly sale: string; readonly number: string }

/** Where somebody may be typing: a scan must not change the basket under their hands. */
const TEXT_SHEETS: readonly Sheet['name'][] = ['pay', 'open', 'park', 'discount']

export const takesText = ({ name }: Sheet): boolean => TEXT_SHEETS.includes(name)
