import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openMachine } from '../../drivers/machine.ts'
import { scannerHid } from '../../drivers/scanner/evdev.ts'
import { settingsOf, superviseAlone } from '../drivers/context.ts'
import { comes } from '../wait.ts'

const path = fileURLToPath(import.meta.url)
const NODE = 'input/event7'
const STABLE = 'input/by-id/usb-Stall_Scanner-event-kbd'

/** A keyboard as udev describes it (umockdev's device format). */
const DEVICE = `P: /devices/pci0000:00/usb1/1-2/1-2:1.0/input/input7/event7
N: ${NODE}
S: ${STABLE}
E: DEVNAME=/dev/${NODE}
E: SUBSYSTEM=input
A: dev=13:71

`

/** What evemu-record writes of a key that goes down and up: seconds, type, code, value. */
const recorded = (key: number, atMs: number): string =>
  [
    [4, 4, 458_752 + key],
    [1, key, 1],
    [0, 0, 0],
    [1, key, 0],
    [0, 0, 0]
  ]
    .map(([type = 0, code = 0, value]) => {
      const words = [type, code].map(word => word.toString(16).padStart(4, '0'))
      return `E: ${(atMs / 1_000).toFixed(6)} ${words.join(' ')} ${value}\n`
    })
    .join('')

/**
 * Plays keys to the real driver, supervised, on the machine's own character devices, in a process
 * whose `/dev/input` is umockdev's. What comes back is what it told and how it was, in so many
 * lines or more, up to its orderly end.
 */
export async function playKeys(keys: readonly number[], lines: number): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'stall-scanner-'))
  const device = join(folder, 'scanner.umockdev')
  const events = join(folder, 'scan.events')
  try {
    await writeFile(device, DEVICE)
    await writeFile(events, keys.map((key, index) => recorded(key, index * 6)).join(''))
    const bed = ['-d', device, '-e', `/dev/${NODE}=${events}`]
    const child = spawn('umockdev-run', [...bed, '--', process.execPath, path], {
      stdio: ['pipe', 'pipe', 'inherit']
    })
    const isClosed = once(child, 'close')
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    await comes(() => output.split('\n').length > lines, 10_000)
    child.stdin.end()
    await isClosed
    return output.trim().split('\n')
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Until nobody listens to it any more. */
async function tellAll(): Promise<void> {
  const settings = settingsOf(scannerHid, { path: `/dev/${STABLE}` })
  const host = openMachine({
    readClocks: () => ({ wallMs: Date.now(), monoMs: performance.now() })
  })
  const supervised = superviseAlone({
    name: 'scanner',
    host,
    start: context => scannerHid.start({ ...context, settings }),
    onReading: reading => console.log(JSON.stringify(reading)),
    onChange: () => console.log(supervised.health().sentence)
  })
  await once(process.stdin.resume(), 'end')
  await supervised.stop()
  console.log('stopped')
}

if (process.argv[1] === path) await tellAll()
