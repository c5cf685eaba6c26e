import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../node/core/ports.ts'
import type { Gpio } from '../host.ts'
import { type Fdio, loadFdio } from '../native/load.ts'
import { isChipName, openCdev } from './cdev.ts'

interface GpioOptions {
  readonly devRoot?: string
  readonly sysRoot?: string
  readonly load?: () => Fdio
}

/** The best way to the lines that this machine has when it is asked for one. */
export function openGpio(options: GpioOptions = {}): Gpio {
  const given = { devRoot: '/dev', sysRoot: '/sys', load: loadFdio, ...options }
  let sysfs: Promise<Gpio> | undefined
  const openSysfs = async (): Promise<Gpio> =>
    (await import('./sysfs.ts')).openSysfs({ root: join(given.sysRoot, 'class', 'gpio') })
  const choose = async (): Promise<Gpio> => {
    const { devRoot, sysRoot, load } = given
    const hasChips = (await readdir(devRoot).catch(() => [])).some(isChipName)
    const fdio = hasChips ? loadOr(load) : undefined
    if (fdio !== undefined && !(fdio instanceof Fault)) return openCdev({ fdio, devRoot })
    const hasSysfs = await access(join(sysRoot, 'class', 'gpio', 'export')).then(
      () => true,
      () => false
    )
    if (hasSysfs) {
      sysfs ??= openSysfs()
      return sysfs
    }
    throw fdio ?? noGpio()
  }
  return {
    watch: async (request, listener) => (await choose()).watch(request, listener),
    drive: async request => (await choose()).drive(request)
  }
}

/** The addon's own words are told when there is nothing to fall back on. */
function loadOr(load: () => Fdio): Fdio | Fault {
  try {
    return load()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}

const noGpio = (): Fault =>
  new Fault({
    code: 'device-absent',
    message: 'This machine has no GPIO chip.',
    fix: 'Run the stall on a Raspberry Pi, or put simulated = true into the table of this device.',
    isRetryable: true
  })
