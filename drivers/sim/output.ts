import type { Simulation, SimWorld } from '../driver.ts'
import type { LineRef } from '../host.ts'
import { simHost } from './host.ts'
import { simWires } from './wires.ts'

/** What hangs on one output and says nothing: a relay, a light. */
export function simOutput({ line }: { readonly line: LineRef }, world: SimWorld): Simulation {
  const { gpio, setGone } = simWires([line], world)
  return {
    host: simHost({ ...world, gpio }),
    faults: ['unplug'],
    setFault: fault => setGone(fault === 'unplug'),
    close: () => {}
  }
}
