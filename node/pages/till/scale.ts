import type { DeviceView } from '../../core/device.ts'
import { weightWords } from '../../core/devicewords.ts'

/** What lies on the stall's scale; null while it does not say, undefined where there is none. */
export function weightOn(devices: readonly DeviceView[] = []): string | null | undefined {
  const scale = devices.find(({ role }) => role === 'scale')
  if (!scale) return undefined
  const { health, reading } = scale
  return health.state === 'up' && reading?.kind === 'weight' ? weightWords(reading) : null
}
