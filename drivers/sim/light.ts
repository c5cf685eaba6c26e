import type { Simulation, SimWorld } from '../driver.ts'
import type { LightSettings } from '../light/settings.ts'
import { simHost } from './host.ts'
import { simWires } from './wires.ts'

/** A relay in memory. Who is there is the business of the simulated sensors that it follows. */
export function simLight({ line }: LightSettings, world: SimWorld): Simulation {
  const { gpio, setGone } = simWires([line], world)
  return {
    host: simHost({ ...world, gpio }),
    faults: ['unplug'],
    setFault: fault => setGone(fault === 'unplug'),
    close: () => {}
  }
}
