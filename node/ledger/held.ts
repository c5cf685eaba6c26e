import type { LogId } from '../core/id.ts'
import type { Fault, Frames, Health, KeptFrame, Verdict, Wanted } from '../core/ports.ts'
import { decodeFrame } from '../wire/frame.ts'
import { type Admission, type AdmittedLog, admit, isHeadSigned } from './admit.ts'
import { faultOf } from './fault.ts'
import { mergeFrom } from './merge.ts'
import { type Damage, damageIn } from './quarantine.ts'
import { type ByteRange, RECORD_BYTES_MAX, RECORD_HEADER_BYTES, recordAt } from './record.ts'
import { SEGMENT_BYTES, type Series, type Spot } from './segment.ts'
import type { Segments } from './segments.ts'
import { keepSpots, type Spots } from './spots.ts'

/** The ledger's other half: the frames of peers, in the order in which they came. */
export interface Held extends Frames {
  readonly health: () => Health
  /** What was found damaged when it was opened. Peers give it again. */
  readonly faults: readonly Health[]
  readonly close: () => Promise<void>
}

export interface HeldOptions extends Admission {
  readonly segments: Segments
  /** Resolves when no write of this stall's own entries is under way: those go first. */
  readonly whenQuiet: () => Promise<void>
  readonly bytesMax?: number
}

/** A market of 200 stalls fills this in about a week; then older days must be pruned. */
const HELD_BYTES_MAX = 512 << 20
/** 200 stalls that start three times a day, for a week. */
export const LOGS_MAX = 4_096

/**
 * Opens the `held` series. What it tolerates: a power cut at any moment, a torn tail, bytes that
 * changed, a missing segment, a full disk. What cannot be read is as if it had never come: the log
 * is held up to there, and peers give the rest again. Rejects with a `Fault` only when the disk
 * takes no writes at all.
 */
export async function openHeld(options: HeldOptions): Promise<Held> {
  const { segments } = options
  const state: State = { ...options, logs: new Map(), isKeeping: false }
  const found = await restore(state)
  const lost = await segments.setAside(found.damages)
  const series = await segments.open(found.end, found.tail)
  return {
    sizes: () => new Map([...state.logs].map(([log, { range }]) => [log, range.size])),
    keep: frames => keep(state, series, frames),
    read: wanted => read(state, wanted),
    health: () => healthOf(state, series),
    faults: faultsOf(found, lost),
    close: series.close
  }
}

interface HeldLog extends AdmittedLog {
  readonly spots: Spots
}

interface State extends HeldOptions {
  readonly logs: Map<LogId, HeldLog>
  isKeeping: boolean
  /** What the disk said to the last write or read that failed. */
  fault?: Fault | undefined
}

interface Found {
  readonly damages: readonly Damage[]
  readonly end: Spot
  readonly tail: ByteRange | undefined
  /** Frames that do not go on from what was held before them. */
  readonly astray: number
}

/** Every frame was checked before it was written, so only each log's newest head is once more. */
async function restore(state: State): Promise<Found> {
  const damages: Damage[] = []
  let end: Spot = { segment: 1, offset: 0 }
  let tail: ByteRange | undefined
  let astray = 0
  const admission = { ...state, isOwn: () => false, isSigned: () => true }
  for await (const segment of state.segments.scan()) {
    for (const { offset, bytes } of segment.found) {
      const admitted = admit(bytes, { ...admission, known: log => state.logs.get(log) })
      if ('refused' in admitted) astray += admitted.refused === 'known' ? 0 : 1
      else add(state, admitted, { segment: segment.segment, offset })
    }
    damages.push(...damageIn(segment))
    end = { segment: segment.segment, offset: segment.end }
    tail = segment.tail
  }
  for (const [id, log] of state.logs) {
    if (isHeadSigned(log, state)) continue
    state.logs.delete(id)
    astray++
  }
  return { damages, end, tail, astray }
}

function add(
  { logs }: State,
  { log, from }: { readonly log: AdmittedLog; readonly from: number },
  spot: Spot
): void {
  const spots = logs.get(log.log)?.spots ?? keepSpots()
  spots.add({ from, spot })
  logs.set(log.log, { ...log, spots })
}

async function keep(
  state: State,
  series: Series,
  frames: readonly Uint8Array[]
): Promise<readonly Verdict[]> {
  if (state.isKeeping) throw new Error('Two writes at once: whoever keeps must wait for the first')
  state.isKeeping = true
  try {
    const { verdicts, kept } = judge(state, series, frames)
    if (kept.length > 0) await write(state, series, kept)
    return verdicts
  } catch (error) {
    state.fault = faultOf(error)
    throw state.fault
  } finally {
    state.isKeeping = false
  }
}

interface Kept extends KeptFrame {
  /** The log with this frame and all before it. */
  readonly grown: AdmittedLog
}

/** Checks a batch, each frame on top of those before it, and changes nothing yet. */
function judge(
  state: State,
  series: Series,
  frames: readonly Uint8Array[]
): { readonly verdicts: readonly Verdict[]; readonly kept: readonly Kept[] } {
  const { bytesMax = HELD_BYTES_MAX, logs } = state
  const newest = new Map<LogId, AdmittedLog>()
  const kept: Kept[] = []
  let room = bytesMax - usedBytes(series.end())
  const verdicts = frames.map((bytes): Verdict => {
    const known = (log: LogId) => newest.get(log) ?? logs.get(log)
    const admitted = admit(bytes, { ...state, known })
    if ('refused' in admitted) return admitted
    const { log, from } = admitted
    const claim = { log: log.log, size: log.range.size }
    if (!known(log.log) && logs.size + newest.size >= LOGS_MAX) {
      return { refused: 'too-many-logs', reason: `there are ${LOGS_MAX} already`, claim }
    }
    room -= admitted.bytes.length + RECORD_HEADER_BYTES
    if (room < 0) return { refused: 'full', reason: 'no room for peers is left', claim }
    newest.set(log.log, log)
    const frame = { ...claim, from, bytes: admitted.bytes }
    kept.push({ ...frame, grown: log })
    return { kept: frame }
  })
  return { verdicts, kept }
}

async function write(state: State, series: Series, kept: readonly Kept[]): Promise<void> {
  await state.whenQuiet()
  if (series.isBroken()) await series.renew()
  const first = await series.append(...kept.map(({ bytes }) => bytes))
  let { offset } = first
  for (const { grown, from, bytes } of kept) {
    add(state, { log: grown, from }, { segment: first.segment, offset })
    offset += RECORD_HEADER_BYTES + bytes.length
  }
  state.fault = undefined
}

const usedBytes = ({ segment, offset }: Spot): number => (segment - 1) * SEGMENT_BYTES + offset

/** So much is read from the disk at a time; neighbours in a log are often neighbours on disk. */
const WINDOW_BYTES = 64 << 10

async function read(
  state: State,
  { log, from, bytesMax }: Wanted
): Promise<Uint8Array | undefined> {
  const held = state.logs.get(log)
  if (!held || !(from >= 0 && from < held.range.size)) return undefined
  const { spots } = held
  const merging = mergeFrom(from, bytesMax)
  try {
    let window: Window | undefined
    for (let index = spots.indexOf(from); index < spots.count(); index++) {
      window = await windowAt(state, spots.at(index), window)
      // What cannot be read any more ends the answer here; another peer has it too.
      if (!window || !merging.add(decodeFrame(window.record))) break
    }
  } catch (error) {
    state.fault = faultOf(error)
  }
  return merging.frame()
}

interface Window {
  readonly at: Spot
  readonly bytes: Buffer
  readonly record: Uint8Array
}

/** A record, from the bytes that were read last if it lies whole in them. */
async function windowAt(
  { segments }: State,
  spot: Spot,
  last: Window | undefined
): Promise<Window | undefined> {
  if (last?.at.segment === spot.segment && spot.offset >= last.at.offset) {
    const record = recordAt(last.bytes, spot.offset - last.at.offset)
    if (record) return { ...last, record }
  }
  for (const length of [WINDOW_BYTES, RECORD_BYTES_MAX]) {
    const bytes = await segments.read(spot, length)
    const record = recordAt(bytes, 0)
    if (record) return { at: spot, bytes, record }
  }
  return undefined
}

function healthOf(state: State, series: Series): Health {
  const name = 'held'
  const { bytesMax = HELD_BYTES_MAX, fault } = state
  if (fault) {
    const sentence = `The books of other stalls cannot be kept here: ${fault.message}`
    return { name, state: 'degraded', sentence, fix: fault.fix }
  }
  if (usedBytes(series.end()) > bytesMax * NEARLY) {
    return {
      name,
      state: 'degraded',
      sentence: "The room for other stalls' books is nearly full.",
      fix: 'Selling goes on. Let the stall reach the collector, so that old days can go.'
    }
  }
  return { name, state: 'up', sentence: `Books of ${state.logs.size} logs are kept`, fix: '' }
}

const NEARLY = 0.95

function faultsOf({ damages, tail, astray }: Found, lost: readonly Damage[]): readonly Health[] {
  const about = { name: 'held', state: 'degraded' } as const
  const fix = 'Nothing to do: the other stalls give it again.'
  const changed = damages.length - (tail ? 1 : 0)
  const sentences = [
    changed > 0 && `Other stalls' books were damaged in ${placesText(changed)} on this card.`,
    astray > 0 && `Other stalls' books do not go on in ${placesText(astray)} on this card.`
  ]
  return [
    ...sentences.flatMap(sentence => (sentence ? [{ ...about, sentence, fix }] : [])),
    ...lost.map(({ segment, from }) => ({
      ...about,
      sentence: `Damaged bytes of held segment ${segment} at ${from} could not be copied aside.`,
      fix: 'Free some space on the card.'
    }))
  ]
}

const placesText = (count: number): string => (count === 1 ? '1 place' : `${count} places`)
