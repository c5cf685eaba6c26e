import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { formatFaults } from '../node/config/fault.ts'
import { STATE_WORDS } from '../node/core/devicewords.ts'
import { isWell, worstFirst } from '../node/core/health.ts'
import { ask } from './ask.ts'
import { type Command, EXIT, type Given, textOf } from './command.ts'
import { type Claimed, claimFaults } from './machine.ts'
import { complainOf, countText, type Fields, isFields, lineOf, type Row, rowsIn } from './rows.ts'

/** A device that was mended needs a moment to say so: its driver may wait before it tries again. */
const MEND_MS_MAX = 15_000
const LOOK_MS = 250

export const command: Command = {
  summary: 'What is wrong with the stall or its devices, worst first, and what to do',
  usage: '[--fix] [--url http://localhost:8080]',
  options: {
    fix: { type: 'boolean', about: 'End the faults that simulated devices were given' },
    url: { type: 'string', about: 'Where the stall answers' },
    config: { type: 'string', about: 'Its configuration, read when no stall answers' },
    data: { type: 'string', about: 'Its data folder, likewise (default ./data)' }
  },
  run: async given => {
    const seen = await examine(given)
    if ('unreachable' in seen) return examineMachine(given, seen.unreachable)
    if ('refused' in seen) return complainOf(seen.refused)
    const isFixing = given.values['fix'] === true
    const ended = isFixing ? await endFaults(given, seen.findings) : []
    const findings = ended.length === 0 ? seen.findings : await untilMended(given, seen.findings)
    if (given.values['json']) console.log(JSON.stringify({ findings, ended }))
    else print(findings, ended)
    return findings.every(isMended) ? EXIT.ok : EXIT.problem
  }
}

/** One part of the stall, or one device with what only devices have. */
interface Finding extends Row {
  readonly device: {
    readonly role: string
    readonly driver: string
    readonly reading: string | null
    /** The fault that somebody gave it, where it is simulated. */
    readonly simulatedFault: string | null
  } | null
}

/** A scanner that hangs looks like one that nobody uses; who broke it for play wants to know. */
const isMended = ({ state, device }: Finding): boolean => isWell(state) && !device?.simulatedFault

type Seen =
  | { readonly findings: readonly Finding[] }
  | { readonly unreachable: string }
  | { readonly refused: { readonly status: number; readonly body: unknown } }

async function examine(given: Given): Promise<Seen> {
  const url = textOf(given, 'url')
  const devices = await ask(url, '/api/v1/devices')
  if ('unreachable' in devices) return devices
  if (devices.status !== 200) return { refused: devices }
  const detail = await ask(url, '/api/v1/health/detail')
  if ('unreachable' in detail) return detail
  if (detail.status !== 200) return { refused: detail }
  const known = rowsIn(isFields(devices.body) && devices.body['devices']).map(findingOf)
  // Devices are among the parts as well, where one may have the name of a part of the stall.
  const isDevice = (row: Row) =>
    known.some(({ name, sentence }) => name === row.name && sentence === row.sentence)
  const parts = rowsIn(isFields(detail.body) && detail.body['parts'])
    .filter(row => !isDevice(row))
    .map(({ all: _, ...row }) => ({ ...row, device: null }))
  return { findings: worstFirst<Finding>([...known, ...parts]) }
}

function findingOf({ all, ...row }: Row & { readonly all: Fields }): Finding {
  const { role, driver, reading_text: reading, simulated } = all
  const fault = isFields(simulated) ? simulated['fault'] : null
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return {
    ...row,
    device: {
      role: text(role) ?? '',
      driver: text(driver) ?? '',
      reading: text(reading),
      simulatedFault: text(fault)
    }
  }
}

function print(findings: readonly Finding[], ended: readonly string[]): void {
  for (const { device, ...row } of findings) {
    const { state, sentence } = row
    const said = device?.reading ? ` (${device.reading})` : ''
    const shown = isWell(state) ? sentence : `${STATE_WORDS[state]}. ${sentence}`
    console.log(lineOf({ ...row, sentence: shown + said }))
    const fault = device?.simulatedFault
    if (fault) console.log(`    It was given the fault "${fault}"; stall doctor --fix ends it.`)
  }
  for (const name of ended) console.log(`Ended the fault of ${name}.`)
  console.log(`\n${countText(findings)}`)
}

/** The one thing that is safe to do for somebody: what was broken for play is whole again. */
async function endFaults(given: Given, findings: readonly Finding[]): Promise<readonly string[]> {
  const ended: string[] = []
  for (const { name, device } of findings) {
    if (!device?.simulatedFault) continue
    const path = `/api/v1/devices/${encodeURIComponent(name)}/fault`
    const answer = await ask(textOf(given, 'url'), path, { fault: null })
    if ('status' in answer && answer.status === 200) ended.push(name)
  }
  return ended
}

/** Looks again until all is well, or for as long as that may take. */
async function untilMended(given: Given, last: readonly Finding[]): Promise<readonly Finding[]> {
  const deadline = performance.now() + MEND_MS_MAX
  let findings = last
  do {
    await delay(LOOK_MS)
    const seen = await examine(given)
    if ('findings' in seen) findings = seen.findings
  } while (!findings.every(isMended) && performance.now() < deadline)
  return findings
}

/** Asked for only where a device needs it: without the addon serial ports and TCP work as well. */
async function addonFaults(devices: readonly Claimed[]): Promise<readonly Row[]> {
  if (!devices.some(({ claims }) => claims.some(claim => NEEDS_ADDON.test(claim)))) return []
  const { addonFault } = await import('../node/equipment.ts')
  const fault = addonFault()
  if (!fault) return []
  return [{ name: 'fdio', state: 'down', sentence: fault.message, fix: fault.fix }]
}

const NEEDS_ADDON = /^gpio:|^\/dev\/(usb|input)\//

/** Without a stall to ask, what can be seen from outside: configuration, addon, device files. */
async function examineMachine(given: Given, unreachable: string): Promise<number> {
  const { readConfig } = await import('./run.ts')
  const read = await readConfig(given, resolve(textOf(given, 'data') ?? 'data'))
  const faults = 'faults' in read ? read.faults : []
  const devices = 'config' in read ? read.config.devices : []
  // A simulated device brings its own machine, and one that is switched off needs none.
  const real = devices.flatMap((each): readonly Claimed[] => {
    if ('printer' in each) return [each.printer]
    return each.device.isEnabled && !each.device.isSimulated ? [each.device] : []
  })
  const { clashes } = await import('../node/equipment.ts')
  const clashing = 'config' in read ? clashes(read.config) : []
  const rows = [...(await addonFaults(real)), ...(await claimFaults(real)), ...clashing]
  if (given.values['json']) {
    console.log(JSON.stringify({ unreachable, faults, findings: rows }))
    return EXIT.unreachable
  }
  console.error(`✗ ${unreachable}`)
  console.error('    do: Start it with npm start, or name it with --url')
  if (faults.length > 0) console.error(formatFaults(faults))
  for (const row of rows) console.error(lineOf(row))
  if (faults.length + rows.length === 0) {
    console.error('Its configuration is fine, and every device file that it names is there.')
  }
  return EXIT.unreachable
}
