import type { DeviceRole, DeviceView, Reading, SimFault } from '../node/core/device.ts'
import { worstOf } from '../node/core/health.ts'
import type { Health, HealthState } from '../node/core/ports.ts'
import type { DriverContext, RunningDevice, Simulation, SimWorld } from './driver.ts'
import type { Host } from './host.ts'
import { watchPlugs } from './hotplug.ts'
import type { Span } from './span.ts'
import { type Supervised, supervise } from './supervise.ts'

/** A device as `stall.toml` names it, checked and ready to be started. */
export interface DeviceConfig {
  readonly name: string
  readonly role: DeviceRole
  readonly driver: string
  readonly isEnabled: boolean
  readonly isSimulated: boolean
  readonly claims: readonly string[]
  readonly follows: readonly string[]
  readonly start: (context: Omit<DriverContext<unknown>, 'settings'>) => Promise<RunningDevice>
  readonly simulate: (world: SimWorld) => Promise<Simulation>
  /** What is to be told of a span in which nobody watched. */
  readonly away: ((span: Span) => Reading) | undefined
}

/** Who has a line or a port. */
type Owner = Pick<DeviceConfig, 'name' | 'claims'>

/** All devices of a stall but its printer, which has a queue of its own to keep it going. */
export interface Devices {
  readonly view: () => readonly DeviceView[]
  /** After changes of a view; several in one go are told once. */
  readonly onChange: (listener: () => void) => () => void
  /** Each reading as it comes. */
  readonly onReading: (listener: (name: string, reading: Reading) => void) => () => void
  /** False for a device that is not simulated or cannot have this fault. */
  readonly setFault: (name: string, fault: SimFault | null) => boolean
  /** Starts them, one after another. Settles when all were told to. */
  readonly start: () => Promise<void>
  /** Stops all at once; outputs are in their safe state when it settles. */
  readonly close: () => Promise<void>
}

export interface DevicesOptions {
  readonly configs: readonly DeviceConfig[]
  /** What the printer has for itself. */
  readonly taken: readonly Owner[]
  readonly host: Host
  /** Made when the first simulated device starts. */
  readonly openWorld: () => Promise<SimWorld>
  readonly random: () => number
  /** How the worst part of the stall is, its devices left aside. */
  readonly worst: () => HealthState
}

/** How a device is with `enabled = false`. */
export const SWITCHED_OFF = 'Switched off in stall.toml.'

/** While the battery is low, what may wait does so this many times longer. */
const LOW_BATTERY_STRETCH = 4

/** Nothing runs yet: `start` does that, and no device can keep another, or the stall, from it. */
export function openDevices(options: DevicesOptions): Devices {
  const { configs, host } = options
  const news = openNews()
  const units = configs.map(config => unitOf(config, host))
  let stopWatching = () => {}
  return {
    view: () => units.map(viewOf),
    onChange: news.onChange,
    onReading: news.onReading,
    setFault: (name, fault) => {
      const unit = units.find(({ config }) => config.name === name)
      if (!unit?.simulation) return false
      if (fault !== null && !unit.simulation.faults.includes(fault)) return false
      unit.fault = fault
      unit.simulation.setFault(fault)
      news.change()
      return true
    },
    start: async () => {
      for (const unit of units) {
        await startUnit({ unit, units, news, options }).catch(error => {
          // A bug of one simulator is that device's end, and nobody else's.
          const what = error instanceof Error ? error.message : error
          const sentence = `Its simulator failed: ${what}.`
          const fix = 'The stall sells on without it. Take "simulated" out, or report this.'
          unit.idle = { name: unit.config.name, state: 'down', sentence, fix }
        })
      }
      stopWatching = watchPlugs({
        startTimer: host.startTimer,
        onPlug: () => {
          for (const { supervised } of units) supervised?.retry()
        }
      })
    },
    close: async () => {
      stopWatching()
      await Promise.all(units.map(({ supervised }) => supervised?.stop()))
      for (const { simulation } of units) simulation?.close()
    }
  }
}

/** A configured device with all that is known of it now. */
interface Unit {
  readonly config: DeviceConfig
  simulation: Simulation | undefined
  supervised: Supervised | undefined
  /** How it is while nobody supervises it: not started yet, or never to be. */
  idle: Health
  fault: SimFault | null
  since: { readonly state: HealthState; readonly at: number }
  /** The newest of the kind that its role is about. */
  newest: { readonly reading: Reading; readonly at: number } | undefined
  /** The newest of each kind. */
  readonly said: Map<Reading['kind'], Reading>
}

const unitOf = (config: DeviceConfig, host: Host): Unit => ({
  config,
  simulation: undefined,
  supervised: undefined,
  idle: { name: config.name, state: 'absent', sentence: 'Starting.', fix: '' },
  fault: null,
  since: { state: 'absent', at: host.readClocks().wallMs },
  newest: undefined,
  said: new Map()
})

async function startUnit(parts: {
  readonly unit: Unit
  readonly units: readonly Unit[]
  readonly news: News
  readonly options: DevicesOptions
}): Promise<void> {
  const { unit, units, news, options } = parts
  const { config } = unit
  const { name } = config
  const now = () => options.host.readClocks().wallMs
  const onChange = () => {
    const { state } = healthOf(unit)
    if (unit.since.state !== state) unit.since = { state, at: now() }
    if (!isAtWork(unit)) takeBack(unit, news)
    news.change()
  }
  const refused = refusals(options.configs, options.taken).get(name)
  if (refused) {
    unit.idle = { name, ...refused }
    return onChange()
  }
  if (config.isSimulated) unit.simulation = await config.simulate(await options.openWorld())
  const onReading = (reading: Reading) => {
    if (reading.kind === KIND_BY_ROLE[config.role]) unit.newest = { reading, at: now() }
    unit.said.set(reading.kind, reading)
    news.tell(name, reading)
  }
  unit.supervised = supervise({
    name,
    host: unit.simulation?.host ?? options.host,
    start: config.start,
    random: options.random,
    onReading,
    onChange,
    onAway: (from, to) => {
      const reading = config.away?.({ name, from, to })
      if (reading) onReading(reading)
    },
    follow: listener => {
      // A light that starts anew finds people there who came before it.
      for (const followed of units) {
        if (!config.follows.includes(followed.config.name)) continue
        for (const reading of followed.said.values()) listener(followed.config.name, reading)
      }
      return news.onReading((from, reading) => {
        if (config.follows.includes(from)) listener(from, reading)
      })
    },
    stretch: () => (isBatteryLow(units) ? LOW_BATTERY_STRETCH : 1),
    worst: () => worstOf([options.worst(), ...units.map(each => healthOf(each).state)])
  })
}

/** Of a device that is lost nobody may believe for ever that somebody is there, or power low. */
function takeBack({ config, said }: Unit, news: News): void {
  const last = [...said.values()]
  said.clear()
  for (const reading of last) {
    const unknown = withoutKnowledge(reading)
    if (unknown) news.tell(config.name, unknown)
  }
}

/** What stands in the place of a reading that holds until another one comes. */
function withoutKnowledge({ kind }: Reading): Reading | undefined {
  if (kind === 'presence') return { kind, isOccupied: false, targets: null }
  if (kind !== 'power') return undefined
  const unknown = { percent: null, milliVolts: null, isUnderVoltage: false, isLow: false }
  return { kind, supply: 'unknown', ...unknown }
}

/** Why devices are not even started, by name. The stall sells on with the words in their place. */
export function refusals(
  configs: readonly DeviceConfig[],
  taken: readonly Owner[]
): ReadonlyMap<string, Omit<Health, 'name'>> {
  const refused = new Map<string, Omit<Health, 'name'>>()
  const owners = [...taken]
  for (const config of configs) {
    const why = refuse(config, owners) ?? refuseFollowed(config, configs)
    if (why) refused.set(config.name, why)
    // Each simulated device has a machine of its own, so only real ones can be in each other's way.
    else if (!config.isSimulated) owners.push(config)
  }
  return refused
}

function refuse(
  { name, isEnabled, isSimulated, claims }: DeviceConfig,
  owners: readonly Owner[]
): Omit<Health, 'name'> | undefined {
  if (!isEnabled) return { state: 'disabled', sentence: SWITCHED_OFF, fix: '' }
  for (const claim of isSimulated ? [] : claims) {
    const owner = owners.find(other => other.claims.includes(claim))
    if (!owner) continue
    return {
      state: 'down',
      sentence: `${claim} belongs to "${owner.name}" already.`,
      fix: `Give "${name}" another one in stall.toml, or take one of the two out.`
    }
  }
  return undefined
}

/** All others never say that somebody is there: who listens to them would wait in vain. */
const HEARD: ReadonlySet<DeviceRole> = new Set(['presence', 'power'])

function refuseFollowed(
  { follows }: DeviceConfig,
  configs: readonly DeviceConfig[]
): Omit<Health, 'name'> | undefined {
  for (const followed of follows) {
    const found = configs.find(({ name }) => name === followed)
    if (found === undefined) {
      const names = configs.map(({ name }) => name).join(', ')
      return {
        state: 'down',
        sentence: `It listens to "${followed}", and there is no such device.`,
        fix: `The devices here are ${names}. Mend the name in stall.toml.`
      }
    }
    if (HEARD.has(found.role)) continue
    return {
      state: 'down',
      sentence: `It listens to "${followed}", which tells neither of people nor of a battery.`,
      fix: 'Name one with role = "presence", or for power one with role = "power", in stall.toml.'
    }
  }
  return undefined
}

/** What a device is looked at for. A motion sensor estimates a count too, a lamp its energy. */
const KIND_BY_ROLE: Readonly<Record<DeviceRole, Reading['kind'] | undefined>> = {
  printer: undefined,
  footfall: 'footfall',
  presence: 'presence',
  scanner: 'scan',
  scale: 'weight',
  light: 'light',
  button: 'button',
  led: undefined,
  power: 'power',
  clock: 'clock'
}

const healthOf = ({ supervised, idle }: Unit): Health => supervised?.health() ?? idle

const isAtWork = (unit: Unit): boolean => ['up', 'degraded'].includes(healthOf(unit).state)

const viewOf = (unit: Unit): DeviceView => ({
  name: unit.config.name,
  role: unit.config.role,
  driver: unit.config.driver,
  health: healthOf(unit),
  since: unit.since.at,
  restarts: unit.supervised?.restarts() ?? 0,
  reading: unit.newest?.reading ?? null,
  readAt: unit.newest?.at ?? null,
  simulated: unit.simulation ? { faults: unit.simulation.faults, fault: unit.fault } : null
})

const isBatteryLow = (units: readonly Unit[]): boolean =>
  units.some(unit => {
    const power = unit.said.get('power')
    return isAtWork(unit) && power?.kind === 'power' && power.isLow
  })

type News = ReturnType<typeof openNews>

/** Who wants to hear of devices. A view changes many times in a burst and is told once. */
function openNews() {
  const readers = new Set<(name: string, reading: Reading) => void>()
  const watchers = new Set<() => void>()
  let isScheduled = false
  const change = () => {
    if (isScheduled) return
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      for (const watcher of [...watchers]) watcher()
    })
  }
  return {
    change,
    tell: (name: string, reading: Reading) => {
      for (const reader of [...readers]) reader(name, reading)
      change()
    },
    onReading: (reader: (name: string, reading: Reading) => void) => {
      readers.add(reader)
      return () => {
        readers.delete(reader)
      }
    },
    onChange: (watcher: () => void) => {
      watchers.add(watcher)
      return () => {
        watchers.delete(watcher)
      }
    }
  }
}
