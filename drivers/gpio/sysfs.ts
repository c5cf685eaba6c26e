import { constants, existsSync } from 'node:fs'
import { access, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Gpio as Onoff } from 'onoff'
import { Fault } from '../../node/core/ports.ts'
import type {
  EdgeListener,
  Gpio,
  InputLines,
  InputRequest,
  LineRef,
  OutputLine,
  OutputRequest
} from '../host.ts'
import { type ChipNames, chipGone, findLine, lineAbsent, lineBusy, noPermission } from './lines.ts'
import { keepSafe } from './safe.ts'

/**
 * GPIO by sysfs and the package onoff, for a kernel or a board on which the addon does not load.
 * The kernel keeps one flag for a line instead of a queue: of a burst one edge is seen, stamped
 * when we came to read it. It shows no names and cannot pull a line up or down.
 */
export function openSysfs({ root }: { readonly root: string }): Gpio {
  /** Sysfs lets everybody have an exported line; what this program has is only known here. */
  const consumers = new Map<number, string>()
  const sysfs: Sysfs = { root, consumers }
  return {
    watch: (request, listener) => watchLines(sysfs, request, listener),
    drive: request => driveLine(sysfs, request)
  }
}

/** udev gives the files to the group gpio a moment after they appear (raspberrypi/linux 553). */
const PERMISSION_MS_MAX = 1_000
const PERMISSION_STEP_MS = 20

interface Sysfs {
  readonly root: string
  readonly consumers: Map<number, string>
}

/** The numbers of sysfs begin anywhere: 0, 512 or 571 on one and the same board. */
interface Chip extends ChipNames {
  readonly base: number
}

async function readChips(root: string): Promise<readonly Chip[]> {
  const folders = (await readdir(root)).filter(name => /^gpiochip\d+$/.test(name))
  return Promise.all(
    folders.map(async folder => {
      const read = async (name: string) =>
        (await readFile(join(root, folder, name), 'utf8').catch(() => '')).trim()
      const [label, base, lines] = [await read('label'), await read('base'), await read('ngpio')]
      const length = /^\d{1,4}$/.test(lines) ? Number(lines) : 0
      return { label, base: Number(base), names: Array.from({ length }, () => '') }
    })
  )
}

/** A line that is ours: claimed, exported and set up. */
interface Held {
  readonly onoff: Onoff
  readonly label: string
  readonly close: () => void
}

interface Setup {
  readonly ref: LineRef
  readonly consumer: string
  readonly direction: 'in' | 'high' | 'low'
  readonly isActiveLow: boolean
  readonly debounceMs: number
}

async function holdLine({ root, consumers }: Sysfs, setup: Setup): Promise<Held> {
  const { ref, consumer } = setup
  const { Gpio } = await loadOnoff()
  const found = findLine(ref, await readChips(root))
  if (found === undefined) throw lineAbsent(ref)
  const { label, base } = found.chip
  const number = base + found.offset
  const holder = consumers.get(number)
  if (holder !== undefined) throw lineBusy(ref, holder)
  consumers.set(number, consumer)
  try {
    await exportLine(root, number, ref)
    const onoff = setUp(Gpio, number, setup)
    const close = () => {
      onoff.unexport()
      consumers.delete(number)
    }
    return { onoff, label, close }
  } catch (error) {
    consumers.delete(number)
    throw error instanceof Fault ? error : sysfsFault(label, error)
  }
}

/**
 * onoff would export the line itself, and then turn in a circle until its files may be written,
 * with the whole program waiting. One that is exported was left by a program that was killed.
 */
async function exportLine(root: string, number: number, ref: LineRef): Promise<void> {
  const dir = join(root, `gpio${number}`)
  if (!existsSync(dir)) {
    await writeFile(join(root, 'export'), String(number)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EBUSY') throw lineBusy(ref, 'the kernel')
      if (error.code === 'EACCES' || error.code === 'EPERM') throw noPermission(root)
      throw lineAbsent(ref)
    })
  }
  const deadline = performance.now() + PERMISSION_MS_MAX
  for (const name of ['value', 'direction', 'active_low']) {
    while (!(await mayWrite(join(dir, name)))) {
      if (performance.now() > deadline) throw noPermission(root)
      await delay(PERMISSION_STEP_MS)
    }
  }
}

const mayWrite = (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false
  )

function setUp(OnoffGpio: typeof Onoff, number: number, setup: Setup): Onoff {
  const { direction, isActiveLow, debounceMs } = setup
  const isInput = direction === 'in'
  const options = { activeLow: isActiveLow, debounceTimeout: debounceMs }
  const onoff = new OnoffGpio(number, direction, isInput ? 'both' : 'none', options)
  // Of a line that was exported before it came, onoff swallows what it could not set up.
  const isSetUp = onoff.direction() === (isInput ? 'in' : 'out')
  if (isSetUp && (!isInput || onoff.edge() === 'both')) return onoff
  onoff.unexport()
  throw new Error('the line cannot be set up')
}

async function watchLines(
  sysfs: Sysfs,
  request: InputRequest,
  listener: EdgeListener
): Promise<InputLines> {
  const { consumer, isActiveLow, bias } = request
  if (bias === 'up' || bias === 'down') throw noBias(bias)
  const debounceMs = Math.ceil(request.debounceUs / 1_000)
  const held: Held[] = []
  const close = () => {
    for (const line of held.splice(0)) line.close()
  }
  try {
    for (const ref of request.lines) {
      const setup = { ref, consumer, direction: 'in', isActiveLow, debounceMs } as const
      held.push(await holdLine(sysfs, setup))
    }
    const { label = '' } = held[0] ?? {}
    const isOpen = () => held.length > 0
    const onGone = () => {
      close()
      listener.onGone(chipGone(label))
    }
    const { onEdges } = listener
    for (const [line, { onoff }] of held.entries()) {
      watchLine({ onoff, line, isDebounced: debounceMs > 0, isOpen, onEdges, onGone })
    }
    const values = () => {
      const now = held.map(({ onoff }) => onoff.readSync() === 1)
      if (!isOpen()) throw chipGone(label)
      return now
    }
    return { isExact: false, values, close }
  } catch (error) {
    close()
    throw error
  }
}

function watchLine(watch: {
  readonly onoff: Onoff
  readonly line: number
  readonly isDebounced: boolean
  readonly isOpen: () => boolean
  readonly onEdges: EdgeListener['onEdges']
  readonly onGone: () => void
}): void {
  const { onoff, line, isDebounced, isOpen, onEdges, onGone } = watch
  const read = onoff.readSync.bind(onoff)
  let last = read()
  // onoff reads in a callback of its own, where an error would end the program.
  onoff.readSync = () => {
    try {
      return read()
    } catch {
      if (isOpen()) onGone()
      return last
    }
  }
  onoff.watch((_, value) => {
    // The same again: an edge was between and nobody saw it. Bounces are meant to be unseen.
    const lost = value === last ? 1 : 0
    last = value
    if (!isOpen() || (lost > 0 && isDebounced)) return
    const monoUs = Number(process.hrtime.bigint() / 1_000n)
    onEdges([{ line, isActive: value === 1, monoUs }], lost)
  })
}

async function driveLine(sysfs: Sysfs, request: OutputRequest): Promise<OutputLine> {
  const { line: ref, consumer, isActiveLow, safe } = request
  // Documentation/ABI/obsolete/sysfs-gpio: `high` and `low` are levels, whatever active_low says.
  const direction = safe !== isActiveLow ? 'high' : 'low'
  const held = await holdLine(sysfs, { ref, consumer, direction, isActiveLow, debounceMs: 0 })
  const put = (isOn: boolean) => {
    try {
      held.onoff.writeSync(isOn ? 1 : 0)
    } catch {
      throw chipGone(held.label)
    }
  }
  const letGo = keepSafe(() => put(safe))
  let isOpen = true
  return {
    set: isOn => {
      if (!isOpen) throw new Error(`The output ${consumer} is closed`)
      put(isOn)
    },
    close: () => {
      if (!isOpen) return
      isOpen = false
      letGo()
      try {
        put(safe)
      } catch {
        // A chip that is gone drives nothing any more.
      }
      held.close()
    }
  }
}

async function loadOnoff(): Promise<{ readonly Gpio: typeof Onoff }> {
  try {
    return await import('onoff')
  } catch (error) {
    throw new Fault({
      code: 'addon-missing',
      message: `GPIO over sysfs needs the package onoff, which does not load: ${error}.`,
      fix: 'Run npm ci in the folder of the program; onoff needs gcc, make and python3.',
      isRetryable: false
    })
  }
}

const noBias = (bias: string): Fault =>
  new Fault({
    code: 'no-bias',
    message: `GPIO over sysfs cannot pull a line ${bias}.`,
    fix: 'Mend the addon (npm run native), or fit a resistor and set bias = "as-is".',
    isRetryable: false
  })

const sysfsFault = (label: string, error: unknown): Fault =>
  new Fault({
    code: 'gpio-failed',
    message: `The GPIO chip ${label} refuses the request (${error}).`,
    fix: 'Use another line: not every one of this chip can tell edges.',
    isRetryable: true
  })
