import type { Place } from '../core/time.ts'

/**
 * Core's words as the API's: snake_case names, bytes as base64url, and as RFC 3339 UTC times the
 * numbers that `times` names, at any depth.
 */
export function json(value: unknown, times: readonly string[] = []): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url')
  if (Array.isArray(value)) return value.map(each => json(each, times))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => {
      if (part === undefined) return []
      const isTime = times.includes(name) && typeof part === 'number'
      return [[snake(name), isTime ? timeText(part) : json(part, times)]]
    })
  )
}

export const timeText = (ms: number): string => new Date(ms).toISOString()

export const placeOf = ({ log, seq }: Place): Place => ({ log, seq })

const snake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
