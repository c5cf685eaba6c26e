import { constants } from 'node:fs'
import { openGpio } from '../../drivers/gpio/open.ts'
import { loadFdio } from '../../drivers/native/load.ts'
import { until } from '../wait.ts'
import { holdWires, type Wires } from './gpiosim.ts'

/** In a program that `gpiosim.c` was preloaded into: its chips, by our own way to them. */
export async function openPreloaded(control: string) {
  const fdio = loadFdio()
  // The first open of a chip makes the socket.
  fdio.close(fdio.open('/dev/gpiochip0', constants.O_RDWR))
  const wires: Wires = await holdWires(control)
  return { gpio: openGpio(), wires }
}

/** The lines 0 to 3 of a chip as the contract wants them. */
export async function preloadedWorld(options: {
  readonly control: string
  readonly chip: { readonly name: string; readonly label: string }
}) {
  const { chip } = options
  const { gpio, wires } = await openPreloaded(options.control)
  const offset = (name: string) => NAMES.indexOf(name)
  return {
    gpio,
    chip: chip.label,
    names: ['GPIO0', 'GPIO1', 'GPIO2', 'GPIO3'] as const,
    isExact: true,
    setInput: (name: string, isHigh: boolean) => wires.set(chip.name, offset(name), isHigh),
    isHigh: (name: string) => wires.isHigh(chip.name, offset(name)),
    nowUs: () => Number(process.hrtime.bigint()) / 1_000,
    until: (isTrue: () => boolean | Promise<boolean>) => until(isTrue),
    unplug: () => wires.setPlugged(chip.name, false),
    close: async () => {
      await wires.setPlugged(chip.name, true)
      wires.close()
    }
  }
}

const NAMES: readonly string[] = ['GPIO0', 'GPIO1', 'GPIO2', 'GPIO3']
