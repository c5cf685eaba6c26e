import { checkCount, ID_CHARS_MAX } from './check.ts'
import { type Row, textIn } from './row.ts'

/** A `[[device]]` as its driver's parser gets it. */
export interface DeviceTable {
  /** What the device is to the stall: `printer`, `scanner`, `footfall`. */
  readonly role: string
  readonly driver: string
  /** Unique among the devices: its key `name`, or its role, or its role with a number. */
  readonly name: string
  /** All other keys. Plain data: text, numbers, flags, arrays and records of these. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** Knows the drivers. It reports every key of `settings` that the driver has no use for. */
export type ParseDevice<Device> = (
  table: DeviceTable
) => { readonly device: Device } | { readonly faults: readonly DeviceFault[] }

export interface DeviceFault {
  /** `role`, `driver` or one of the settings; the fault is marked there. */
  readonly key: string
  readonly sentence: string
  readonly fix: string
}

const DEVICES_MAX = 64

export function readDevices<Device>(
  rows: readonly Row[],
  parseDevice: ParseDevice<Device>
): readonly Device[] {
  checkCount(rows, DEVICES_MAX, 'devices')
  const names = new Set([...PARTS, ...rows.flatMap(nameOf)])
  const seen = new Set<string>()
  return rows.slice(0, DEVICES_MAX).flatMap(row => {
    const shape = [/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and -'] as const
    const rule = { charsMax: ID_CHARS_MAX, shape }
    const role = textIn(row, 'role', { ...rule, example: '"printer"' })
    const driver = textIn(row, 'driver', { ...rule, example: '"escpos-tcp"' })
    if (role === '' || driver === '') return []
    const name = textIn(row, 'name', {
      ...rule,
      example: '"front-door"',
      otherwise: nextName(role, names)
    })
    if (PARTS.includes(name)) reportPartName(row, name)
    if (seen.has(name)) reportSecondName(row, name)
    for (const set of [names, seen]) set.add(name)
    const settings = Object.fromEntries(
      [...row.fields].flatMap(([key, { value }]) =>
        COMMON_KEYS.includes(key) ? [] : [[key, plain(value)]]
      )
    )
    if (role === 'printer' && row !== rows.find(isPrinter)) reportSecondPrinter(row)
    const parsed = parseDevice({ role, driver, name, settings })
    if ('device' in parsed) return [parsed.device]
    for (const { key, sentence, fix } of parsed.faults) {
      const place = row.fields.get(key)?.place ?? row.place
      row.report({ code: 'bad-device', place: place(), sentence, fix })
    }
    return []
  })
}

/** What a stall has without any device: one name in its health is never two things. */
const PARTS: readonly string[] = ['clock', 'ledger', 'disk', 'loop', 'broker', 'counts']

const COMMON_KEYS = ['role', 'driver', 'name']

const nameOf = ({ fields }: Row): readonly string[] => {
  const value = fields.get('name')?.value
  return typeof value === 'string' ? [value] : []
}

/** `scanner`, then `scanner-2`: what no other table took, and no part of the stall has. */
function nextName(role: string, names: ReadonlySet<string>): string {
  let name = role
  for (let count = 2; names.has(name); count++) name = `${role}-${count}`
  return name
}

const reportPartName = (row: Row, name: string): void =>
  row.report({
    code: 'duplicate',
    place: (row.fields.get('name')?.place ?? row.place)(),
    sentence: `"${name}" is the name of a part of the stall itself.`,
    fix: `Give the device another name, such as "${name}-2".`
  })

const reportSecondName = (row: Row, name: string): void =>
  row.report({
    code: 'duplicate',
    place: (row.fields.get('name')?.place ?? row.place)(),
    sentence: `Another device is called "${name}" already.`,
    fix: 'Give one of them another name.'
  })

const isPrinter = ({ fields }: Row): boolean => fields.get('role')?.value === 'printer'

/** All receipts go to one printer, so another would stand there and wait in vain. */
const reportSecondPrinter = (row: Row): void =>
  row.report({
    code: 'duplicate',
    place: (row.fields.get('role')?.place ?? row.place)(),
    sentence: 'This is a second printer; a stall prints on one.',
    fix: 'Leave one of them out.'
  })

/** Integers past 2^53 stay BigInt: a driver that expects a number then says so. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
