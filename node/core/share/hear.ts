import type { LogSize } from '../ports.ts'
import { isEqual } from '../proof/merkle.ts'
import { close, openAsk } from './asking.ts'
import type { Data, Digest, Hello, Message, Note, SyncRefusal, Want } from './message.ts'
import { VERSIONS } from './message.ts'
import { isQuiet, type Neighbour, noteTheirs, WANTED_MAX } from './neighbour.ts'
import { breakPromise, ourDigest, oursOf, type Standing } from './standing.ts'

/** Frames that wait to be stored, of all peers together. */
export const INBOX_BYTES_MAX = 2 << 20
/** A hello that is not answered is said again. */
export const HELLO_MS = 1_000

/** Takes in what a peer says. Nothing of it is believed but what the peer says of itself. */
export function hear(
  standing: Standing,
  peer: string,
  message: Message,
  now: number
): SyncRefusal | undefined {
  const neighbour = standing.neighbours.get(peer)
  if (!neighbour) return 'no-hello'
  if (message.kind === 'hello') return hearHello(standing, neighbour, message, now)
  if (neighbour.version === undefined) return 'no-hello'
  if (message.version !== neighbour.version) return 'other-version'
  switch (message.kind) {
    case 'note':
      return hearNote(standing, neighbour, message, now)
    case 'want':
      return hearWant(standing, neighbour, message, now)
    case 'data':
      return hearData(standing, neighbour, message, now)
    case 'digest':
      return hearDigest(standing, neighbour, message, now)
  }
}

function hearHello(
  standing: Standing,
  neighbour: Neighbour,
  { oldest, newest, session, digest }: Hello,
  now: number
): SyncRefusal | undefined {
  if (session <= neighbour.session) return 'replayed'
  const { versions = VERSIONS } = standing
  const version = Math.min(newest, versions.newest)
  if (version < Math.max(oldest, versions.oldest)) {
    standing.drops.set(neighbour.peer, 'no-common-version')
    return 'no-common-version'
  }
  if (neighbour.session > 0) {
    // It has not heard ours, or it tries to make us talk: one answer a second serves both.
    if (now < neighbour.answeredAt + HELLO_MS) return 'too-often'
    neighbour.answeredAt = now
    neighbour.helloAt = now
  } else if (neighbour.helloAt > now) neighbour.helloAt = Number.POSITIVE_INFINITY
  neighbour.session = session
  neighbour.version = version
  compareDigest(standing, neighbour, digest)
  return undefined
}

function compareDigest(standing: Standing, neighbour: Neighbour, digest: Uint8Array): void {
  if (!isEqual(digest, ourDigest(standing))) {
    neighbour.isVectorDue = true
    return
  }
  for (const [log, size] of standing.ours) noteTheirs(neighbour, { log, size })
}

function hearNote(
  standing: Standing,
  neighbour: Neighbour,
  { sizes }: Note,
  now: number
): SyncRefusal | undefined {
  for (const row of sizes) {
    if (!claim(standing, neighbour, row, now)) return 'too-many-logs'
    // What we sent it unasked, it had already: both heard of it on other ways.
    if (neighbour.pushed.get(row.log) === row.size) neighbour.isEager = false
  }
  return undefined
}

/** False when no more logs of this peer can be remembered. */
export function claim(
  standing: Standing,
  neighbour: Neighbour,
  row: LogSize,
  now: number
): boolean {
  if (now < neighbour.shunnedUntil) return true
  if (!noteTheirs(neighbour, row)) return false
  const { missing } = standing.asking
  const isNews = row.size > oursOf(standing, row.log) && !standing.isOwn(row.log)
  if (isNews && !missing.has(row.log)) missing.set(row.log, now)
  return true
}

function hearWant(
  standing: Standing,
  neighbour: Neighbour,
  { id, sizes }: Want,
  now: number
): SyncRefusal | undefined {
  if (neighbour.wanted.length >= WANTED_MAX) return 'busy'
  const known = sizes.filter(({ log, size }) => size < oursOf(standing, log))
  for (const { log, size } of known) {
    // Its word that it has less than was thought; not one more log to remember.
    if (neighbour.theirs.has(log)) neighbour.theirs.set(log, size)
  }
  // It heard of the news on no other link sooner: this one belongs to the tree.
  if (known.length > 0 && isQuiet(neighbour, now)) neighbour.isEager = true
  neighbour.wanted.push({ id, sizes: known })
  return undefined
}

function hearData(
  standing: Standing,
  neighbour: Neighbour,
  { answers, frames }: Data,
  now: number
): SyncRefusal | undefined {
  const { peer } = neighbour
  const ask = openAsk(standing.asking, peer, answers)
  const refused = refusal(standing, frames, now)
  if (ask && (refused || frames.length === 0)) close(standing.asking, ask)
  if (refused) return refused
  if (frames.length === 0) {
    if (ask) breakPromise(standing, neighbour, now)
    return undefined
  }
  // Its logs are asked of nobody else while it waits for the disk.
  if (ask) ask.until = Number.POSITIVE_INFINITY
  standing.inbox.push({ peer, frames, ask })
  standing.inboxBytes += bytesOf(frames)
  return undefined
}

function refusal(
  { pausedUntil, inboxBytes }: Standing,
  frames: readonly Uint8Array[],
  now: number
): SyncRefusal | undefined {
  if (frames.length > 0 && now < pausedUntil) return 'disk'
  return inboxBytes + bytesOf(frames) > INBOX_BYTES_MAX ? 'busy' : undefined
}

export const bytesOf = (frames: readonly Uint8Array[]): number =>
  frames.reduce((bytes, frame) => bytes + frame.length, 0)

function hearDigest(
  standing: Standing,
  neighbour: Neighbour,
  { digest, sizes }: Digest,
  now: number
): SyncRefusal | undefined {
  if (sizes === null) {
    compareDigest(standing, neighbour, digest)
    return undefined
  }
  if (now < neighbour.shunnedUntil) return undefined
  // The whole vector is the peer's last word on what it holds: what is not in it, it lacks.
  neighbour.theirs.clear()
  neighbour.told.clear()
  for (const row of sizes) if (!claim(standing, neighbour, row, now)) return 'too-many-logs'
  for (const [log, size] of standing.ours) {
    if (size > (neighbour.theirs.get(log) ?? 0)) neighbour.news.add(log)
  }
  return undefined
}
