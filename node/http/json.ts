import type { Place } from '../core/time.ts'

/** Core's words as the API's: snake_case names, RFC 3339 UTC times, bytes as base64url. */
export function json(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url')
  if (Array.isArray(value)) return value.map(json)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => {
      if (part === undefined) return []
      const isTime = TIMES.has(name) && typeof part === 'number'
      return [[snake(name), isTime ? timeText(part) : json(part)]]
    })
  )
}

export const timeText = (ms: number): string => new Date(ms).toISOString()

export const placeOf = ({ log, seq }: Place): Place => ({ log, seq })

const TIMES: ReadonlySet<string> = new Set(['at', 'from', 'soldAt', 'openedAt', 'closedAt'])

const snake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
