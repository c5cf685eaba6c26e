import type { Condition, Driver, DriverContext, RunningDevice } from '../driver.ts'
import type { SerialSettings } from '../host.ts'
import { EIGHT_N_ONE, readSerial } from '../serial/keys.ts'
import { lineReader } from '../serial/lines.ts'
import type { TableReader } from '../table.ts'
import { unplugged } from '../unplugged.ts'
import { absentFootfall, countMinutes } from './minute.ts'
import { LINE_PROFILES, type LineProfile, readLine, readTemplate } from './profiles.ts'
import { type Counted, type Totals, totalsCounter } from './totals.ts'

export interface LineCounterSettings extends SerialSettings {
  readonly profile: LineProfile
  readonly perMinuteMax: number
  /** 0 for a device that speaks only when somebody passes. */
  readonly silentMs: number
}

/** `driver = "line-counter"`: a people counter that sends lines over a serial port. */
export const lineCounter: Driver<LineCounterSettings> = {
  role: 'footfall',
  parse: table => {
    const serial = readSerial(table, { baud: 9_600, ...EIGHT_N_ONE })
    const profile = readProfile(table)
    const perMinuteMax = table.integer('people_per_minute_max', { min: 1, max: 10_000, usual: 120 })
    const silentSeconds = table.integer('silent_s', { min: 0, max: 86_400, usual: 300 })
    if (serial === undefined || profile === undefined) return undefined
    if (perMinuteMax === undefined || silentSeconds === undefined) return undefined
    return { ...serial, profile, perMinuteMax, silentMs: silentSeconds * 1_000 }
  },
  claims: ({ path }) => [path],
  start: startLineCounter,
  simulate: async (settings, world) =>
    (await import('../sim/line-counter.ts')).simLineCounter(settings, world),
  away: (_, span) => absentFootfall(span)
}

function readProfile(table: TableReader): LineProfile | undefined {
  const ids = [...LINE_PROFILES.map(({ id }) => id), OWN]
  const id = table.oneOf('profile', ids, 'in-out')
  if (id !== OWN) return LINE_PROFILES.find(profile => profile.id === id)
  const pattern = table.textAs('pattern', {
    read: readTemplate,
    wish:
      'what the device sends, such as "Visitors {in} / {out}"; ' +
      '{step} is +1 or -1, and {any} is left out'
  })
  const counts = table.oneOf('counts', ['cumulative', 'delta'])
  return pattern && counts && { id: OWN, pattern, counts }
}

const OWN = 'own'

/** A banner at power-up, or a line that we came into in the middle, is no reason to worry. */
const STRANGE_LINES_MAX = 3
/** Bytes that are no text, since the last line that could be read. */
const STRANGE_BYTES_MAX = 8

async function startLineCounter(
  context: DriverContext<LineCounterSettings>
): Promise<RunningDevice> {
  const { name, settings, host, signal, tell, report, fail } = context
  const { silentMs } = settings
  let sight: Sight = { trouble: undefined, isSilent: false, event: undefined }
  let stopSilence = () => {}
  // Who tells of steps is silent while nobody comes.
  const mustSpeak = silentMs > 0 && settings.profile.counts === 'cumulative'
  let hasSpoken = false
  let isCatchingUp = false
  const line = await host.serial.open(settings, {
    onBytes: countsOf({
      settings,
      now: () => host.readClocks().monoMs,
      onCounted: counted => add(counted),
      onTrouble: trouble => see({ trouble })
    }),
    onClose: () => fail(unplugged(UNPLUGGED))
  })
  const minutes = countMinutes({
    sensor: name,
    host,
    quality: 'direct',
    // One that hangs for less than `silent_s` must not pass for a minute in which nobody came.
    isAlive: () => hasSpoken || !mustSpeak,
    tell: reading => {
      isCatchingUp ||= mustSpeak && !hasSpoken
      hasSpoken = false
      tell(reading)
      see({ event: sight.event && older(sight.event) })
    }
  })
  const see = (news: Partial<Sight>) => {
    sight = { ...sight, ...news }
    minutes.setDoubtful(sight.trouble !== undefined || sight.isSilent)
    report(conditionOf(sight, settings))
  }
  const listen = () => {
    stopSilence()
    if (silentMs === 0) return
    stopSilence = host.startTimer(silentMs, () => see({ isSilent: true }))
  }
  const add = ({ what, ...counts }: Counted) => {
    // The parser may still have held a line when the device was stopped.
    if (signal.aborted) return
    listen()
    const isPlain = what === 'first' || what === 'counted'
    const event = isPlain ? sight.event : { what, unsure: counts.unsure, minutesLeft: 2 }
    see({ trouble: undefined, isSilent: false, event })
    minutes.add(counts)
    // What it says first after a silent minute was counted in that one, too.
    if (!isPlain || isCatchingUp) minutes.doubt()
    isCatchingUp = false
    hasSpoken = true
  }
  listen()
  see({})
  return {
    stop: async () => {
      stopSilence()
      minutes.stop()
      line.close()
    }
  }
}

/** Makes counts of bytes, or says why it cannot. */
function countsOf(options: {
  readonly settings: LineCounterSettings
  readonly now: () => number
  readonly onCounted: (counted: Counted) => void
  readonly onTrouble: (trouble: Trouble) => void
}): (bytes: Uint8Array) => void {
  const { settings, now, onCounted, onTrouble } = options
  const { profile } = settings
  const count = totalsCounter(settings)
  let sum: Totals = { in: 0, out: 0 }
  // Who only tells of steps begins at nobody.
  if (profile.counts === 'delta') count(sum, now())
  let strangeLines = 0
  let strangeBytes = 0
  const read = lineReader({
    onLine: text => {
      const said = readLine(profile, text)
      if (said === undefined) {
        strangeLines += 1
        const isNoise = strangeBytes > STRANGE_BYTES_MAX
        if (strangeLines >= STRANGE_LINES_MAX) onTrouble(isNoise ? 'unreadable' : 'strange')
        return
      }
      strangeLines = 0
      strangeBytes = 0
      sum = profile.counts === 'delta' ? { in: sum.in + said.in, out: sum.out + said.out } : said
      onCounted(count(sum, now()))
    },
    onOverlong: () => onTrouble('unreadable')
  })
  return bytes => {
    strangeBytes += bytes.reduce((strange, byte) => strange + (isText(byte) ? 0 : 1), 0)
    if (strangeBytes > STRANGE_BYTES_MAX) onTrouble('unreadable')
    read(bytes)
  }
}

type Trouble = 'strange' | 'unreadable'

interface Sight {
  readonly trouble: Trouble | undefined
  readonly isSilent: boolean
  /** What was odd about the totals; said for this minute and the next. */
  readonly event: TotalsEvent | undefined
}

interface TotalsEvent {
  readonly what: 'doubted' | 'reset' | 'jump'
  readonly unsure: number
  readonly minutesLeft: number
}

const older = (event: TotalsEvent): TotalsEvent | undefined =>
  event.minutesLeft > 1 ? { ...event, minutesLeft: event.minutesLeft - 1 } : undefined

/** At a wrong speed most bytes are none. */
const isText = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || isSpace(byte)

const isSpace = (byte: number): boolean => byte === 0x09 || byte === 0x0a || byte === 0x0d

function conditionOf(sight: Sight, { profile, baud, silentMs }: LineCounterSettings): Condition {
  if (sight.trouble === 'unreadable') {
    return {
      state: 'degraded',
      sentence: 'What the counter sends cannot be read. Is it the wrong baud rate?',
      fix: `Set baud in stall.toml to the speed of the device; it is ${baud} now.`
    }
  }
  if (sight.trouble === 'strange') {
    return {
      state: 'degraded',
      sentence: `The counter sends lines that the profile "${profile.id}" does not know.`,
      fix: 'Set profile in stall.toml to what it sends, or to "own" with its pattern.'
    }
  }
  if (sight.isSilent) {
    return {
      state: 'degraded',
      sentence: `The counter has said nothing for ${silentMs / 1_000} s.`,
      fix: 'Check its power and cable. If it only speaks when somebody passes, set silent_s = 0.'
    }
  }
  return sight.event ? eventWords(sight.event) : WORKS
}

function eventWords({ what, unsure }: TotalsEvent): Condition {
  if (what === 'reset') {
    return {
      state: 'degraded',
      sentence: 'The counter began again from 0.',
      fix: 'Check its power supply. Who passed while it was off is not counted.'
    }
  }
  if (what === 'jump') {
    return {
      state: 'degraded',
      sentence: `The counter leapt by ${unsure}, more than can have come; they count as unsure.`,
      fix: 'Compare with what the device shows. For a big door raise people_per_minute_max.'
    }
  }
  return {
    state: 'degraded',
    sentence: 'The counter said a number that cannot be right, and it was left out.',
    fix: 'Nothing, if it was once. Else check the cable and what it runs beside.'
  }
}

const UNPLUGGED = { device: 'sensor', fix: 'Plug it in again; counting goes on by itself.' }

const WORKS: Condition = { state: 'up', sentence: 'Counts who walks in and out.', fix: '' }
