import type { TillItem } from '../../core/till.ts'
import { QUANTITY_TYPED_MAX } from './basket.ts'

/** "5*tea" is five of what "tea" finds; "5*" alone is five of the next tap. */
export function readSearch(text: string): { readonly times: number; readonly words: string } {
  const match = /^(\d{1,4})[*×x](.*)$/s.exec(text.trim())
  const times = Number(match?.[1] ?? 1)
  const words = (match ? (match[2] ?? '') : text).trim()
  return { times: Math.min(Math.max(times, 1), QUANTITY_TYPED_MAX), words }
}

/** Items with every typed word in their name, in the catalogue's order. */
export function findItems(options: {
  readonly items: readonly TillItem[]
  readonly words: string
  readonly category: string | null
}): readonly TillItem[] {
  const wanted = plain(options.words).split(/\s+/).filter(Boolean)
  if (wanted.length === 0) {
    const { category } = options
    return options.items.filter(item => category === null || item.category === category)
  }
  return options.items.filter(item => {
    const name = plain(`${item.name} ${item.sku} ${item.barcode}`)
    return wanted.every(word => name.includes(word))
  })
}

/** UPC-A is EAN-13 without its leading zero, and scanners send either (GS1 General Specs 7.10). */
export const findBarcode = (items: readonly TillItem[], code: string): TillItem | undefined =>
  items.find(item => item.barcode !== '' && bare(item.barcode) === bare(code)) ??
  items.find(item => item.sku === code)

export const categoriesOf = (items: readonly TillItem[]): readonly string[] => [
  ...new Set(items.map(item => item.category).filter(category => category !== ''))
]

const bare = (code: string): string => code.replace(/^0+/, '')

/** Without accents and capitals: nobody types "Açaí" at a stall. */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
