/** Minutes of the day in which a light may be on; they may go past midnight. */
export interface Hours {
  readonly fromMinute: number
  readonly toMinute: number
  /** An IANA zone, or MACHINE_ZONE. */
  readonly zone: string
}

/** The zone of this machine; asking for its name costs more than all else of a start. */
export const MACHINE_ZONE = 'machine'

const DAY_MINUTES = 24 * 60

/** `18:00` as minutes; undefined when it is no time of the day. `24:00` is the day's end. */
export function readTimeOfDay(text: string): number | undefined {
  const [, hours = '', minutes = ''] = /^(\d{1,2}):([0-5]\d)$/.exec(text) ?? []
  const minute = Number(hours) * 60 + Number(minutes)
  return hours !== '' && minute <= DAY_MINUTES ? minute : undefined
}

/**
 * Tells of a moment (ms since 1970) whether the clock on the market's wall is within the hours,
 * from their first minute to before their last. Hours are what people read off that clock, so the
 * night in which it is set back has one more of them. Equal ends mean the whole day, which needs no
 * clock at all.
 */
export function hoursCheck({ fromMinute, toMinute, zone }: Hours): (at: number) => boolean {
  if (fromMinute === toMinute) return () => true
  const clock = new Intl.DateTimeFormat('en-GB', {
    ...(zone === MACHINE_ZONE ? {} : { timeZone: zone }),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23'
  })
  const isOverMidnight = toMinute % DAY_MINUTES <= fromMinute
  return at => {
    const parts = clock.formatToParts(at)
    const read = (type: Intl.DateTimeFormatPartTypes) =>
      Number(parts.find(part => part.type === type)?.value ?? 0)
    const minute = read('hour') * 60 + read('minute')
    return isOverMidnight
      ? minute >= fromMinute || minute < toMinute % DAY_MINUTES
      : minute >= fromMinute && minute < toMinute
  }
}

export function readZone(zone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    // The only word that Intl has for a zone it does not know.
    return undefined
  }
}
