import type { DeviceView } from '../../core/device.ts'
import { weightWords } from '../../core/devicewords.ts'

/** What lies on the stall's scale; null without one that works. */
export function weightOn(devices: readonly DeviceView[]): string | null {
  const scale = devices.find(({ role, health }) => role === 'scale' && health.state === 'up')
  return scale?.reading?.kind === 'weight' ? weightWords(scale.reading) : null
}
