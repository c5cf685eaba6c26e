import type { TableReader } from '../table.ts'

export interface PowerSettings {
  /** A battery below this is low; it is well again some percent above. */
  readonly lowPercent: number
}

export function readPowerKeys(table: TableReader): PowerSettings | undefined {
  const lowPercent = table.integer('low_percent', { min: 1, max: 90, usual: 20 })
  return lowPercent === undefined ? undefined : { lowPercent }
}
