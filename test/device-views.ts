import type { DeviceView, Reading, SimFault } from '../node/core/device.ts'
import type { Devices } from '../node/http/ports.ts'

/** A device that works and has said nothing, with what a test wants to be otherwise. */
export function deviceView(given: Partial<DeviceView> & Pick<DeviceView, 'name'>): DeviceView {
  const { name } = given
  return {
    role: 'footfall',
    driver: 'sim',
    health: { name, state: 'up', sentence: 'Works.', fix: '' },
    since: 0,
    restarts: 0,
    reading: null,
    readAt: null,
    simulated: null,
    ...given
  }
}

/** Devices that are as a test says. */
export interface FakeDevices extends Devices {
  readonly set: (name: string, change: Partial<DeviceView>) => void
  readonly read: (name: string, reading: Reading) => void
  /** Every fault that was given or ended, oldest first. */
  readonly faults: readonly (readonly [name: string, fault: SimFault | null])[]
}

export function fakeDevices(first: readonly DeviceView[]): FakeDevices {
  let views = first
  const changes = new Set<() => void>()
  const readings = new Set<(name: string, reading: Reading) => void>()
  const faults: [string, SimFault | null][] = []
  const listenIn = <Listener>(listeners: Set<Listener>, listener: Listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const set = (name: string, change: Partial<DeviceView>) => {
    views = views.map(view => (view.name === name ? { ...view, ...change } : view))
    for (const listener of changes) listener()
  }
  return {
    view: () => views,
    onChange: listener => listenIn(changes, listener),
    onReading: listener => listenIn(readings, listener),
    setFault: (name, fault) => {
      const { simulated } = views.find(view => view.name === name) ?? {}
      if (!simulated || (fault !== null && !simulated.faults.includes(fault))) return false
      faults.push([name, fault])
      set(name, { simulated: { ...simulated, fault } })
      return true
    },
    set,
    read: (name, reading) => {
      for (const listener of readings) listener(name, reading)
      set(name, { reading, readAt: 0 })
    },
    faults
  }
}
