import { sentenceWords } from '../../core/devicewords.ts'
import { isWell, worstDevicesFirst } from '../../core/health.ts'
import type { Health } from '../../core/ports.ts'
import type { TillView } from '../../core/till.ts'
import type { Link } from './live.ts'
import type { UnreadRow } from './outbox.ts'
import type { Parcel } from './parcel.ts'
import type { Sheet } from './sheets.ts'
import type { Words } from './words.ts'

/** One thing the keeper should know, in words, with where to go about it. */
export interface Status {
  readonly key: string
  readonly tone: 'danger' | 'warn' | 'calm'
  readonly text: string
  /** What to do about it; empty when the text says it all. */
  readonly fix: string
  /** The keeper can act on it now, so it takes the header; all else is a dot on the menu. */
  readonly isPressing: boolean
  readonly opens: Sheet | null
}

/** What just happened, for a few seconds. */
export interface Notice {
  readonly text: string
  /** Where the keeper can act on it. */
  readonly opens: Sheet | null
}

/** A stall that was away this long is not just restarting. */
export const AWAY_LONG_MS = 60_000
/** A socket that drops and comes back within a breath is nobody's business. */
export const AWAY_MS_MIN = 1_500
/** The same for a sale on its way. */
const SENDING_MS_MIN = 4_000

export interface Seen {
  readonly canSave: boolean
  readonly parcels: readonly Parcel[]
  readonly unread: readonly UnreadRow[]
  readonly link: Link
  readonly view: TillView | null
  readonly notice: Notice | null
  readonly now: number
  readonly words: Words
}

/** Everything there is to say, the most pressing first. */
export function statuses(seen: Seen): readonly Status[] {
  const { status } = seen.words
  const { canSave, parcels, unread, link, view, notice } = seen
  const refused = parcels.filter(parcel => parcel.trouble).length
  const all: (Status | null)[] = [
    canSave ? null : say('cannot-save', 'danger', status.cannotSave),
    refused > 0 ? say('refused', 'danger', status.refused(refused), { name: 'sales' }) : null,
    unread.length > 0
      ? say('unread', 'danger', status.unread(unread.length), { name: 'sales' })
      : null,
    notice === null ? null : say('notice', 'calm', notice.text, notice.opens),
    linkStatus(seen),
    ...(view && link.state === 'live' ? printingStatuses(view, seen.words) : []),
    ...(view && link.state === 'live' ? deviceStatuses(view) : []),
    ...(view && link.state === 'live' ? view.health.map(healthStatus) : [])
  ]
  return all.flatMap(each => each ?? [])
}

/** Sales that only this tablet knows of. */
export const unsentCount = (parcels: readonly Parcel[]): number =>
  parcels.filter(parcel => parcel.kind === 'sale' && !parcel.trouble).length

function linkStatus({ link, parcels, now, words }: Seen): Status | null {
  const unsent = unsentCount(parcels)
  const awayMs = link.state === 'live' ? 0 : now - link.since
  const { status } = words
  const isLong = awayMs >= AWAY_LONG_MS
  if (awayMs >= AWAY_MS_MIN) {
    const text = isLong ? status.awayLong(unsent) : status.away(unsent)
    const fix = isLong ? status.awayLongFix : status.awayFix
    return { ...say('away', 'warn', text, { name: 'menu' }), fix }
  }
  const oldest = parcels.find(parcel => !parcel.trouble)
  if (!oldest || now - oldest.at < SENDING_MS_MIN || unsent === 0) return null
  return say('sending', 'calm', status.sending(unsent))
}

function printingStatuses({ printing }: TillView, { status }: Words): (Status | null)[] {
  const { health, jobs } = printing
  const unknown = jobs.filter(job => job.state === 'unknown').length
  const waiting = jobs.filter(job => job.state === 'waiting').length
  const isBad = isPrinterBad(health)
  const opens: Sheet = { name: 'printer' }
  return [
    unknown > 0 ? say('unknown-receipts', 'warn', status.unknownReceipts(unknown), opens) : null,
    isBad
      ? {
          ...say('printer', 'warn', status.printer(health.sentence, waiting), opens),
          fix: health.fix,
          // A roll that is nearly used up still prints: the button beside says so.
          isPressing: health.state !== 'degraded'
        }
      : null
  ]
}

/** A printer that is still looked for says nothing to do yet. */
export const isPrinterBad = ({ state, fix }: Health): boolean => !isWell(state) && fix !== ''

/** All but the printer, which has words about its receipts. */
const deviceStatuses = ({ devices }: TillView): readonly Status[] =>
  worstDevicesFirst(devices)
    .filter(({ role, health }) => role !== 'printer' && !isWell(health.state))
    .map(device => ({
      ...say(`device ${device.name}`, 'warn', sentenceWords(device), { name: 'devices' }),
      fix: device.health.fix,
      // What is only doubtful or not plugged in stands under the stall's name.
      isPressing: device.health.state === 'down'
    }))

/** Without these no sale is kept; with any other fault the stall sells as before. */
const PRESSING = ['ledger', 'disk']

function healthStatus({ name, state, sentence, fix }: Health): Status | null {
  if (state !== 'down' && state !== 'degraded') return null
  const isPressing = state === 'down' && PRESSING.includes(name)
  return { ...say(name, 'warn', sentence, { name: 'menu' }), fix, isPressing }
}

const say = (
  key: string,
  tone: Status['tone'],
  text: string,
  opens: Sheet | null = null
): Status => ({ key, tone, text, fix: '', isPressing: true, opens })
