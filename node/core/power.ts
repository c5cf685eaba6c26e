import { isSpan } from './footfall.ts'
import type { Refusal } from './refusal.ts'

/** What a light used between two moments (ms since 1970, half open). */
export interface EnergyUse {
  readonly device: string
  readonly from: number
  readonly to: number
  readonly onMs: number
  readonly milliwattHours: number
}

export interface EnergyUsed extends EnergyUse {
  readonly type: 'energyUsed'
}

export interface RecordEnergy extends EnergyUse {
  readonly type: 'recordEnergy'
}

export interface PowerState {
  /** All that each light used so far, in mWh; a configuration names few of them. */
  readonly energy: Readonly<Record<string, number>>
}

export function decideRecordEnergy({
  type: _,
  ...use
}: RecordEnergy): readonly [EnergyUsed] | Refusal {
  const isSane = [use.onMs, use.milliwattHours].every(
    each => Number.isSafeInteger(each) && each >= 0
  )
  if (!isSane || !isSpan(use)) return { refused: 'bad-count', sensor: use.device }
  return [{ type: 'energyUsed', ...use }]
}

export const foldEnergy = (
  energy: PowerState['energy'],
  { device, milliwattHours }: EnergyUsed
): PowerState['energy'] => ({
  ...energy,
  // A lamp may be called what every object has: "constructor".
  [device]: (Object.hasOwn(energy, device) ? (energy[device] ?? 0) : 0) + milliwattHours
})
