import type { DeviceView, Reading } from './device.ts'
import { readingWords } from './readingwords.ts'

/** A device as HTTP and MQTT tell of it, apart from what to do, which each names in its own way. */
export const deviceFacts = (view: DeviceView) => {
  const { name, role, driver, health, since, restarts, reading, readAt, simulated } = view
  const { state, sentence } = health
  return {
    name,
    role,
    driver,
    state,
    sentence,
    since: timeText(since),
    restarts,
    reading: reading && readingFacts(reading),
    reading_text: reading && readingWords(reading),
    read_at: readAt === null ? null : timeText(readAt),
    simulated
  }
}

const readingFacts = (reading: Reading): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(reading).map(([name, value]: [string, unknown]) => [
      name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
      (name === 'from' || name === 'to') && typeof value === 'number' ? timeText(value) : value
    ])
  )

const timeText = (ms: number): string => new Date(ms).toISOString()
