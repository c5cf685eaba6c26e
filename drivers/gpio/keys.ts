import type { InputRequest, LineRef } from '../host.ts'
import type { TableReader } from '../table.ts'

/**
 * Reads the keys that name lines, `outer = "GPIO17"`. With `chip` (a label) beside them a number is
 * a line without a name on that chip. Undefined when one is missing, which the reader was told.
 */
export function readLines(
  table: TableReader,
  keys: readonly string[]
): readonly LineRef[] | undefined {
  const chip = table.optionalText('chip')
  const refs = keys.flatMap((key): LineRef[] => {
    const name = table.text(key)
    if (name === undefined) return []
    if (chip === undefined) return [{ name }]
    return [/^\d{1,4}$/.test(name) ? { chip, offset: Number(name) } : { chip, name }]
  })
  return refs.length === keys.length ? refs : undefined
}

/** How inputs are wired. Light barriers and buttons pull their line low. */
export function readWiring(
  table: TableReader,
  usual: {
    readonly debounceMs: number
    readonly debounceMsMax: number
    readonly bias?: InputRequest['bias']
    readonly isActiveLow?: boolean
  }
): Pick<InputRequest, 'bias' | 'isActiveLow' | 'debounceUs'> | undefined {
  const bias = table.oneOf('bias', ['up', 'down', 'off', 'as-is'], usual.bias ?? 'up')
  const isActiveLow = table.flag('active_low', usual.isActiveLow ?? true)
  const debounceMs = table.integer('debounce_ms', {
    min: 0,
    max: usual.debounceMsMax,
    usual: usual.debounceMs
  })
  if (bias === undefined || debounceMs === undefined) return undefined
  return { bias, isActiveLow, debounceUs: debounceMs * 1_000 }
}

/** A line as devices claim it: no other one may have it. */
export const lineClaim = (ref: LineRef): string =>
  'offset' in ref ? `gpio:${ref.chip}/${ref.offset}` : `gpio:${ref.name}`
