import type { ButtonReading } from '../../node/core/device.ts'
import { readLines, readWiring } from '../gpio/keys.ts'
import type { InputRequest, LineRef } from '../host.ts'
import type { TableReader } from '../table.ts'

export interface ButtonSettings extends Pick<InputRequest, 'bias' | 'isActiveLow' | 'debounceUs'> {
  readonly line: LineRef
  readonly asksFor: ButtonReading['asksFor']
}

export function readButton(table: TableReader): ButtonSettings | undefined {
  const line = readLines(table, ['line'])?.[0]
  const wiring = readWiring(table, { debounceMs: 20, debounceMsMax: 500 })
  const wish = table.oneOf('asks_for', ['nothing', 'drawer'], 'nothing')
  if (line === undefined || wiring === undefined || wish === undefined) return undefined
  return { line, ...wiring, asksFor: wish === 'nothing' ? null : wish }
}
