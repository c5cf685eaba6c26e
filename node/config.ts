import { checkKeys, ID_CHARS_MAX, NAME_CHARS_MAX } from './config/check.ts'
import { readCsv } from './config/csv.ts'
import { type ParseDevice, readDevices } from './config/device.ts'
import { readDocument } from './config/document.ts'
import { type ConfigFault, type Report, sortFaults } from './config/fault.ts'
import { type ConfiguredItem, ITEM_COLUMNS, readItems } from './config/item.ts'
import { type Market, readMarket } from './config/market.ts'
import { choiceIn, fault, fieldIn, flagIn, integerIn, type Row, textIn } from './config/row.ts'
import { SAMPLE_TOML } from './config/sample.ts'
import type { Terms } from './core/sell/terms.ts'

/** All that people decide about a node. `Device` is what the drivers' parsers make of theirs. */
export interface Config<Device> {
  /** No file was found, so this is the sample catalogue. */
  readonly isDefault: boolean
  readonly stall: StallConfig
  readonly market: Market
  /** What of all this goes into the ledger as the rules that the stall sells by. */
  readonly terms: Terms
  readonly items: readonly ConfiguredItem[]
  readonly till: TillConfig
  readonly broker: BrokerConfig
  readonly devices: readonly Device[]
}

export interface StallConfig {
  readonly id: string
  readonly name: string
  readonly vendor: string
}

export interface TillConfig {
  readonly port: number
  /** The address to listen on; null leaves it to the node. */
  readonly host: string | null
  /** BCP 47 tags, kept for a till of several languages; this one speaks English. */
  readonly languages: readonly string[]
}

export interface BrokerConfig {
  /** Plain MQTT for local programs, on loopback. */
  readonly port: number
  /** Kept for the mesh, MQTT over TLS; nothing listens there yet. */
  readonly tlsPort: number
}

/** Reads the file that `catalogue` names, beside the configuration. */
export type ReadCatalogue = (
  file: string
) => { readonly path: string; readonly text: string } | { readonly problem: string }

const OUTLINE = {
  keys: ['catalogue'],
  tables: [
    'stall',
    'market',
    'till',
    'broker',
    // Their rooms read these tables when they come; until then anything may stand in them.
    'mesh',
    'pricing',
    'anchor',
    'collector',
    'limits'
  ],
  lists: ['tax', 'tender', 'item', 'device']
}

/**
 * Reads `stall.toml` and the environment over it: a whole configuration, or all that is wrong with
 * it at once. `text` is null when no file was found; then the sample applies.
 */
export function parseConfig<Device>(options: {
  readonly text: string | null
  readonly path: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly readCatalogue: ReadCatalogue
  readonly parseDevice: ParseDevice<Device>
}): { readonly config: Config<Device> } | { readonly faults: readonly ConfigFault[] } {
  const { text, env, readCatalogue, parseDevice } = options
  const path = text === null ? 'sample' : options.path
  const faults: ConfigFault[] = []
  const report: Report = fault => faults.push(fault)
  const document = readDocument({ path, text: text ?? SAMPLE_TOML, env, outline: OUTLINE, report })
  if (!document) return { faults: sortFaults(faults, path) }
  const stall = readStall(document.table('stall'))
  const { market, terms } = readMarket(document)
  const tillRow = document.table('till')
  const { printsReceipts, ...till } = readTill(tillRow)
  const brokerRow = document.table('broker')
  const broker = readBroker(brokerRow)
  checkPorts([
    { row: tillRow, key: 'port', port: till.port },
    { row: brokerRow, key: 'port', port: broker.port }
  ])
  const rows = [...document.list('item'), ...catalogueRows(document.top, readCatalogue)]
  const config: Config<Device> = {
    isDefault: text === null,
    stall,
    market,
    terms: { ...terms, stallName: stall.name, vendor: stall.vendor, printsReceipts },
    items: readItems(rows, terms),
    till,
    broker,
    devices: readDevices(document.list('device'), parseDevice)
  }
  if (faults.length === 0) return { config }
  const told = document.isWhole ? faults : faults.filter(({ code }) => !isHearsay(code))
  return { faults: sortFaults(told, path) }
}

/** The drivers that a file names: they are loaded before it is read for good. */
export function driversNamed(
  options: Pick<Parameters<typeof parseConfig>[0], 'text' | 'path' | 'env'>
): readonly string[] {
  const text = options.text ?? SAMPLE_TOML
  const document = readDocument({ ...options, text, outline: OUTLINE, report: () => {} })
  return (document?.list('device') ?? []).flatMap(({ fields }) => {
    const driver = fields.get('driver')?.value
    return typeof driver === 'string' ? [driver] : []
  })
}

/** The stall's id alone, of a file whose other faults do not matter now. */
export function stallIdIn(
  options: Pick<Parameters<typeof parseConfig>[0], 'text' | 'path' | 'env'>
): string | undefined {
  const text = options.text ?? SAMPLE_TOML
  const document = readDocument({ ...options, text, outline: OUTLINE, report: () => {} })
  return document && (readStall(document.table('stall')).id || undefined)
}

/** Where lines that are no TOML were skipped, what seems to be missing may stand in them. */
const isHearsay = (code: ConfigFault['code']): boolean =>
  code === 'missing' || code === 'unknown-tax-class'

function readStall(row: Row): StallConfig {
  checkKeys(row, ['id', 'name', 'vendor', 'role'])
  const id = textIn(row, 'id', {
    example: '"stall-12"',
    charsMax: ID_CHARS_MAX,
    shape: [/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and -']
  })
  const rule = { charsMax: NAME_CHARS_MAX, example: '"Night Bao"' }
  const name = textIn(row, 'name', { ...rule, otherwise: id })
  checkRole(row)
  return { id, name, vendor: textIn(row, 'vendor', { ...rule, otherwise: name }) }
}

/** Who asks for a hub must not get a stall without a word. */
function checkRole(row: Row): void {
  const written = row.fields.get('role')
  if (written?.value !== 'hub' && written?.value !== 'collector') {
    choiceIn(row, 'role', { choices: ['stall'], example: '"stall"', otherwise: 'stall' })
    return
  }
  const must = 'is not a role yet: hub and collector come later'
  fault(row, written, { code: 'bad-choice', must, example: '"stall"' })
}

function readTill(row: Row): TillConfig & { readonly printsReceipts: boolean } {
  checkKeys(row, ['port', 'host', 'languages', 'prints_receipts'])
  const host = textIn(row, 'host', {
    example: '"0.0.0.0"',
    charsMax: 253,
    otherwise: '',
    shape: [/^[A-Za-z0-9.:_-]*$/, 'an address or a host name']
  })
  return {
    port: readPort(row, 'port', 8080),
    host: host === '' ? null : host,
    languages: readLanguages(row),
    printsReceipts: flagIn(row, 'prints_receipts', { example: 'true', otherwise: true })
  }
}

function readBroker(row: Row): BrokerConfig {
  checkKeys(row, ['port', 'tls_port'])
  return { port: readPort(row, 'port', 1883), tlsPort: readPort(row, 'tls_port', 8883) }
}

/** Port 0 lets the system choose a free one. */
const readPort = (row: Row, key: string, otherwise: number): number =>
  integerIn(row, key, { example: String(otherwise), otherwise, min: 0, max: 65_535, unit: 'port' })

function checkPorts(
  users: readonly { readonly row: Row; readonly key: string; readonly port: number }[]
): void {
  for (const [index, { row, key, port }] of users.entries()) {
    const other = users.slice(0, index).find(user => user.port === port)
    if (!other || port === 0) continue
    const written = row.fields.get(key) ?? other.row.fields.get(other.key)
    if (!written) continue
    fault(row, written, {
      code: 'port-clash',
      must: `leaves ${other.row.name} ${other.key} and ${row.name} ${key} with the same port`,
      fix: 'Give each a port of its own.'
    })
  }
}

function readLanguages(row: Row): readonly string[] {
  const example = '["en", "de"]'
  const written = fieldIn(row, 'languages', { example, otherwise: [] })
  if (!written) return ['en']
  const elements = written.elements()
  if (elements.length === 0) {
    fault(row, written, { code: 'wrong-kind', must: 'must be a list of languages', example })
  }
  return elements.map(element => {
    if (typeof element.value === 'string' && isLanguage(element.value)) return element.value
    const must = 'is not a language tag of BCP 47'
    fault(row, element, { code: 'bad-language', must, fix: `Write ${example}, for example.` })
    return ''
  })
}

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}

function catalogueRows(top: Row, readCatalogue: ReadCatalogue): readonly Row[] {
  if (!top.fields.has('catalogue')) return []
  const file = textIn(top, 'catalogue', { example: '"items.csv"', charsMax: 1_000 })
  const written = top.fields.get('catalogue')
  if (!written || file === '') return []
  const read = readCatalogue(file)
  if ('text' in read) return readCsv({ ...read, ...ITEM_COLUMNS, report: top.report })
  fault(top, written, {
    code: 'no-catalogue',
    must: `cannot be read: ${read.problem}`,
    fix: 'Put the file beside the configuration, or correct its name.'
  })
  return []
}
