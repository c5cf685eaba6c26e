import type { Simulation, SimWorld } from '../driver.ts'
import { LED_FOLDER, type SysfsLedSettings } from '../led/settings.ts'
import { simFiles } from './files.ts'
import { simHost } from './host.ts'

/** A light of the board as the kernel shows it: the card reader has it until somebody takes it. */
export function simSysfsLed({ led }: SysfsLedSettings, world: SimWorld): Simulation {
  const folder = `${LED_FOLDER}/${led}`
  const fresh: readonly (readonly [file: string, text: string])[] = [
    ['trigger', 'none [mmc0] timer heartbeat\n'],
    ['max_brightness', '255\n'],
    ['brightness', '0\n']
  ]
  const { files, set, remove } = simFiles({})
  const plug = () => {
    for (const [file, text] of fresh) set(`${folder}/${file}`, text)
  }
  plug()
  return {
    host: simHost({ ...world, files }),
    faults: ['unplug'],
    setFault: fault => {
      if (fault === null) plug()
      else for (const [file] of fresh) remove(`${folder}/${file}`)
    },
    close: () => {}
  }
}
