/** Whatever a simulated device can be given, the doctor names it, and its advice mends it. */
import * as assert from 'uvu/assert'
import { openDevices } from '../../drivers/devices.ts'
import { loadDrivers } from '../../drivers/open.ts'
import { printerDevice } from '../../drivers/printer/device.ts'
import { printerModel } from '../../drivers/printer/models.ts'
import { openPrinter } from '../../drivers/printer/printer.ts'
import { openPrintQueue } from '../../drivers/printer/queue.ts'
import { seededCrowd } from '../../drivers/sim/crowd.ts'
import { simHost } from '../../drivers/sim/host.ts'
import { simPrinter } from '../../drivers/sim/printer.ts'
import { isWell } from '../../node/core/health.ts'
import { emptyStall } from '../../node/core/stall.ts'
import type { Devices } from '../../node/http/ports.ts'
import { command } from '../../scripts/doctor.ts'
import { type HandTime, handTime } from '../drivers/hand.ts'
import { suite } from '../harness.ts'
import { openTestStall } from '../http/stall.ts'
import { until } from '../wait.ts'

const PATH = '/dev/serial/by-id/usb-part'

/** Each driver as `stall.toml` would have it; a device is called like its driver. */
const TABLES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'two-beam': { role: 'footfall', outer: 'GPIO17', inner: 'GPIO27' },
  ld2450: { role: 'footfall', path: PATH },
  ld2410: { role: 'presence', path: PATH },
  'line-counter': { role: 'footfall', path: PATH },
  pir: { role: 'presence', line: 'GPIO22' },
  'scanner-hid': { role: 'scanner', path: '/dev/input/by-id/usb-scanner-event-kbd' },
  'scanner-serial': { role: 'scanner', path: PATH, baud: 9600 },
  'scale-mt-sics': { role: 'scale', path: PATH },
  'scale-nci': { role: 'scale', path: PATH },
  relay: { role: 'light', line: 'GPIO27', motion: ['pir'], watts: 12 },
  'gpio-button': { role: 'button', line: 'GPIO5' },
  'gpio-led': { role: 'led', line: 'GPIO6' },
  'sysfs-led': { role: 'led', led: 'ACT' },
  supply: { role: 'power' },
  'system-clock': { role: 'clock' }
}

/** Nothing shows of these: a scanner that hangs may be one that nobody uses, and beams debounce. */
const QUIET: readonly string[] = [
  'two-beam bounce',
  'two-beam clock-jump',
  'scanner-hid stall',
  'scanner-hid bounce',
  'scanner-serial stall',
  'scanner-serial bounce',
  'gpio-button bounce',
  'system-clock stall',
  'printer garbage'
]

/** A motion sensor that never rests takes half an hour to be doubted. */
const HAND_MS_MAX = 45 * 60_000
const HAND_STEP_MS = 1_000

interface Ward {
  readonly devices: Devices
  readonly time: HandTime
  /** What the doctor says about the stall that these devices stand on, and its exit code. */
  readonly doctor: (isFixing?: boolean) => Promise<{ readonly code: number; readonly text: string }>
}

async function withWard(
  open: (time: HandTime) => Promise<Devices & { readonly close: () => Promise<void> }>,
  story: (ward: Ward) => Promise<void>
): Promise<void> {
  const time = handTime()
  const devices = await open(time)
  const stall = await openTestStall({ devices })
  const url = `http://127.0.0.1:${stall.server.port}`
  try {
    await story({ devices, time, doctor: isFixing => runDoctor({ url, fix: isFixing }) })
  } finally {
    await stall.close()
    await time.until(devices.close())
  }
}

async function runDoctor(values: { readonly url: string; readonly fix: boolean | undefined }) {
  const lines: string[] = []
  const { log } = console
  console.log = (text: string) => void lines.push(text)
  try {
    const code = await command.run({ values, positionals: [] })
    return { code, text: lines.join('\n') }
  } finally {
    console.log = log
  }
}

const openFleet = (driver: string) => async (time: HandTime) => {
  const read = await loadDrivers([driver])
  const parsed = read({ name: driver }, { ...TABLES[driver], driver, simulated: true })
  if ('faults' in parsed) throw new Error(parsed.faults.map(({ sentence }) => sentence).join(' '))
  const readClocks = () => ({ wallMs: time.now(), monoMs: time.now() })
  const world = { startTimer: time.startTimer, readClocks }
  const devices = openDevices({
    taken: [],
    // It stands alone and has nobody to listen to.
    configs: 'device' in parsed.config ? [{ ...parsed.config.device, follows: [] }] : [],
    host: simHost(world),
    openWorld: async () => ({ ...world, seed: 1, crowd: seededCrowd({ ...world, seed: 1 }) }),
    random: () => 0.5,
    worst: () => 'up'
  })
  await devices.start()
  return devices
}

async function openPrinterAlone({ startTimer, now }: HandTime) {
  const model = printerModel('epson-tm-t20')
  if (!model) throw new Error('No model')
  const sim = simPrinter({ model, startTimer })
  const printer = openPrinter({ transport: sim.transport, model, startTimer })
  const queue = openPrintQueue({
    printer,
    stall: emptyStall,
    startTimer,
    submit: async () => ({ entries: [] }),
    receiptFor: async () => undefined
  })
  const readClocks = () => ({ wallMs: now(), monoMs: now() })
  const device = printerDevice({ name: 'printer', driver: 'sim', queue, sim, readClocks })
  return {
    view: () => [device.view()],
    onChange: device.onChange,
    onReading: () => () => {},
    setFault: (_: string, fault: Parameters<typeof device.setFault>[0]) => device.setFault(fault),
    close: queue.close
  }
}

async function passUntil({ time }: Ward, isSo: () => boolean): Promise<boolean> {
  for (const end = time.now() + HAND_MS_MAX; time.now() < end; ) {
    if (isSo()) return true
    await time.pass(HAND_STEP_MS)
  }
  return isSo()
}

/** Breaks the one device of a ward in every way it knows, and has the doctor look each time. */
async function examine(name: string, ward: Ward): Promise<void> {
  const { devices, time, doctor } = ward
  const view = () => devices.view()[0]
  const isUp = () => isWell(view()?.health.state ?? 'down')
  // Its script is loaded now, in real time, of which hand time must not run out.
  await until(async () => {
    await time.pass(10)
    return isUp()
  }, 15_000)
  assert.is((await doctor()).code, 0)
  const faults = view()?.simulated?.faults ?? []
  assert.ok(faults.length > 0)
  for (const fault of faults) {
    assert.ok(devices.setFault(name, fault))
    const isQuiet = QUIET.includes(`${name} ${fault}`)
    assert.is(isQuiet || (await passUntil(ward, () => !isUp())), true, `${fault} does not show`)
    const { code, text } = await doctor()
    assert.is(code, 1, fault)
    assert.match(text, new RegExp(`^[✗!✓] ${name} `, 'm'), fault)
    assert.ok(text.includes(`It was given the fault "${fault}"`), text)
    if (!isQuiet) assert.match(text, /^ {4}do: ./m, fault)
    devices.setFault(name, null)
    assert.ok(await passUntil(ward, isUp), `${fault}: ${view()?.health.sentence}`)
    assert.is((await doctor()).code, 0, fault)
  }
  const [first = null] = faults
  devices.setFault(name, first)
  const fixing = doctor(true)
  await until(() => view()?.simulated?.fault === null)
  await passUntil(ward, isUp)
  const { code, text } = await fixing
  assert.is(code, 0, text)
  assert.match(text, `Ended the fault of ${name}.`)
}

suite('stall doctor at simulated devices', test => {
  for (const driver of Object.keys(TABLES)) {
    test(`${driver}: each fault is named, and is over when it is over`, () =>
      withWard(openFleet(driver), ward => examine(driver, ward)))
  }

  test('the printer: each fault is named, and is over when it is over', () =>
    withWard(openPrinterAlone, ward => examine('printer', ward)))

  test('no driver is left out', async () => {
    const read = await loadDrivers([])
    const parsed = read({ name: 'x' }, { role: 'x', driver: 'x' })
    const sentence = 'faults' in parsed ? (parsed.faults[0]?.sentence ?? '') : ''
    const known = [...sentence.matchAll(/"([a-z0-9-]+)"/g)].map(([, name = '']) => name)
    const others = known.filter(name => name !== 'x' && !/^(escpos-|sim$)/.test(name))
    assert.equal(others.toSorted(), Object.keys(TABLES).toSorted())
  })
})
