import type { DeviceTable, ParseDevice } from '../node/config/device.ts'
import { type ConfigFault, formatFaults } from '../node/config/fault.ts'
import { type Config, parseConfig, type ReadCatalogue } from '../node/config.ts'

export type Parsed = ReturnType<typeof parseConfig<DeviceTable>>

export const takeAny: ParseDevice<DeviceTable> = device => ({ device })
export const noCatalogue: ReadCatalogue = () => ({ problem: 'there is no such file' })

export const parse = (
  text: string | null,
  options: Partial<Parameters<typeof parseConfig<DeviceTable>>[0]> = {}
): Parsed =>
  parseConfig({
    text,
    path: 'stall.toml',
    env: {},
    readCatalogue: noCatalogue,
    parseDevice: takeAny,
    ...options
  })

export function configOf(parsed: Parsed): Config<DeviceTable> {
  if ('config' in parsed) return parsed.config
  throw new Error(formatFaults(parsed.faults))
}

export function faultsOf(parsed: Parsed): readonly ConfigFault[] {
  if ('faults' in parsed) return parsed.faults
  throw new Error('There are no faults')
}

/** Code and value of each fault, as `bad-amount at 12:9`. */
export const brief = (parsed: Parsed): readonly string[] =>
  faultsOf(parsed).map(({ code, place }) =>
    'path' in place ? `${code} at ${place.line}:${place.column}` : `${code} in ${place.name}`
  )

export const MARKET = `[stall]
id = "stall-12"
[market]
currency = "EUR"
timezone = "Europe/Berlin"
[[tax]]
class = "food"
rate = 7
[[tax]]
class = "drink"
rate = "8.875"
inclusive = false
`

/** A market of 12 lines, and one item from line 13 on. */
export const withItem = (lines: string): string =>
  `${MARKET}[[item]]\nsku = "bao"\nname = "Bao"\n${lines}`
