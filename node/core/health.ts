import type { DeviceView } from './device.ts'
import type { HealthState } from './ports.ts'

const SEVERITY: Readonly<Record<HealthState, number>> = {
  up: 0,
  disabled: 0,
  absent: 1,
  degraded: 2,
  down: 3
}

/** Whether there is nothing about it that a person should know. */
export const isWell = (state: HealthState): boolean => SEVERITY[state] === 0

/** The worst of some; all well where there are none. */
export const worstOf = (states: readonly HealthState[]): HealthState =>
  states.toSorted((a, b) => SEVERITY[b] - SEVERITY[a])[0] ?? 'up'

/** Worst first, so that a person reads what needs them before what is fine. */
export const worstFirst = <Part extends { readonly state: HealthState }>(
  parts: readonly Part[]
): readonly Part[] => parts.toSorted((a, b) => SEVERITY[b.state] - SEVERITY[a.state])

export const worstDevicesFirst = (views: readonly DeviceView[]): readonly DeviceView[] =>
  views.toSorted((a, b) => SEVERITY[b.health.state] - SEVERITY[a.health.state])
