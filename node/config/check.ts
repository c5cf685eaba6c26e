import { didYouMean, type Place } from './fault.ts'
import { fault, type Row } from './row.ts'

/** What fits a tile of the till and a line of a receipt. */
export const NAME_CHARS_MAX = 60
export const ID_CHARS_MAX = 32

/** Reports every key that nobody reads. */
export function checkKeys(row: Row, keys: readonly string[]): void {
  for (const { key, name, keyPlace } of row.fields.values()) {
    if (keys.includes(key)) continue
    const meant = didYouMean(key, keys)
    const prefix = name.slice(0, name.length - key.length)
    row.report({
      code: 'unknown-key',
      place: keyPlace(),
      sentence: `${row.name} has no key ${key}.`,
      fix: meant
        ? `Did you mean ${prefix === '' ? meant : prefix + meant.toUpperCase()}?`
        : key === 'catalogue'
          ? 'Move catalogue above the first [table], for here it belongs to the table above it.'
          : `Leave it out, or use one of: ${keys.join(', ')}.`
    })
  }
}

/** Reports each row whose `key` an earlier row has already. */
export function checkUnique(
  rows: readonly Row[],
  key: string,
  normalize: (text: string) => string
): void {
  const seen = new Map<string, () => Place>()
  for (const row of rows) {
    const written = row.fields.get(key)
    if (!written || typeof written.value !== 'string') continue
    const known = normalize(written.value)
    const first = seen.get(known)?.()
    if (!first) {
      seen.set(known, written.place)
      continue
    }
    const where = 'path' in first ? `on line ${first.line} of ${first.path}` : `in ${first.name}`
    fault(row, written, {
      code: 'duplicate',
      must: `stands twice; the first is ${where}`,
      fix: `Give each its own ${key}, or leave one out.`
    })
  }
}

export function checkCount(rows: readonly Row[], max: number, what: string): void {
  const surplus = rows[max]
  surplus?.report({
    code: 'too-many',
    place: surplus.place(),
    sentence: `There are ${rows.length} ${what}; at most ${max} fit.`,
    fix: 'Leave out those that nobody needs.'
  })
}
