/** How long a light stays on and off. */
export interface LightLimits {
  /** After the last person was seen. */
  readonly holdMs: number
  /** Once on, at least this long: lamps and relays die of being switched. */
  readonly onMsMin: number
}

/** A light that flickers is worse than one that is late. */
export const OFF_MS_MIN = 5_000
/** A relay cannot dim: while the battery is low it goes off soon behind the last person instead. */
export const LOW_HOLD_MS = 10_000
/** The hours are looked at this often. */
export const LOOK_MS = 30_000

/** All that a light goes by, at one moment of the monotonic clock. */
export interface LightScene {
  readonly nowMs: number
  readonly isOn: boolean
  /** Since when it is on or off. */
  readonly sinceMs: number
  readonly isWithinHours: boolean
  readonly isOccupied: boolean
  /** When somebody was last there; undefined when nobody was. */
  readonly seenMs: number | undefined
  readonly isBatteryLow: boolean
}

/** Whether the light is to be on, and when to look again at the latest. */
export function decideLight(
  scene: LightScene,
  limits: LightLimits
): { readonly isOn: boolean; readonly againMs: number } {
  const { nowMs, isOn, sinceMs, isOccupied, seenMs } = scene
  const holdMs = scene.isBatteryLow ? Math.min(LOW_HOLD_MS, limits.holdMs) : limits.holdMs
  const heldMs = seenMs === undefined ? 0 : Math.max(0, seenMs + holdMs - nowMs)
  const isWanted = scene.isWithinHours && (isOccupied || heldMs > 0)
  const waitMs = sinceMs + (isOn ? limits.onMsMin : OFF_MS_MIN) - nowMs
  if (isWanted !== isOn && waitMs > 0) return { isOn, againMs: Math.min(LOOK_MS, waitMs) }
  const untilMs = isWanted && !isOccupied ? heldMs : LOOK_MS
  return { isOn: isWanted, againMs: Math.min(LOOK_MS, untilMs) }
}
