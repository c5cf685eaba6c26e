import type { Candidate } from './addresses.ts'

/**
 * Whom to dial and which links to end: a pure choice, made anew whenever anything changed.
 *
 * A stall dials three peers by chance, so that news takes few steps and no single stall or cable
 * parts the market, and its neighbour in the ring of all names, so that nobody is ever left out.
 */
export interface Standing {
  readonly self: string
  readonly links: readonly Linked[]
  /** Dials under way; the name is null while only the address is known. */
  readonly dialling: readonly (string | null)[]
  /** Places that may be tried now. */
  readonly candidates: readonly Candidate[]
}

export interface Linked {
  readonly peer: string
  readonly isDialled: boolean
  readonly ageMs: number
}

export interface Choice<Link extends Linked> {
  readonly dial: readonly Candidate[]
  readonly end: readonly { readonly link: Link; readonly why: string }[]
}

/** Peers dialled by chance, beside the one of the ring. */
export const DIALLED = 3
/** One more is let be, for names that come and go would end and make links for ever. */
const SPARE = 1
/** A link is left in peace so long before it may be ended as one too many. */
const SETTLED_MS = 30_000
const DIALS_MAX = 4
/** The smaller name dials; the greater one waits a moment, for both hear of each other at once. */
const GRACE_MS = 200

export function choose<Link extends Linked>(
  standing: Omit<Standing, 'links'> & { readonly links: readonly Link[] },
  random: () => number
): Choice<Link> {
  const { self, links, dialling, candidates } = standing
  const linked = new Set(links.map(({ peer }) => peer))
  const busy = new Set(dialling)
  const open = candidates.filter(({ stall, sinceMs }) => {
    if (stall === null) return true
    if (stall === self || linked.has(stall) || busy.has(stall)) return false
    return self < stall || sinceMs >= GRACE_MS
  })
  const names = [...linked, ...candidates.flatMap(({ stall }) => stall ?? [])]
  const next = ringNeighbour(self, names)
  const before = ringNeighbour(self, names, true)

  let room = DIALS_MAX - dialling.length
  const dial: Candidate[] = []
  const take = (candidate: Candidate | undefined) => {
    if (!candidate || room <= 0) return
    room -= 1
    dial.push(candidate)
  }
  // Nobody knows yet whether an address from the configuration is one of those already linked.
  const unnamed = open.filter(({ stall }) => stall === null)
  if (!busy.has(null)) take(pick(unnamed, random))
  const named = open.filter(({ stall }) => stall !== null)
  take(
    pick(
      named.filter(({ stall }) => stall === next),
      random
    )
  )
  const others = named.filter(({ stall }) => stall !== next)
  const dialled = links.filter(({ peer, isDialled }) => isDialled && peer !== next)
  const underWay = dialling.filter(stall => stall !== next)
  for (let count = dialled.length + underWay.length; count < DIALLED; count++) {
    const chosen = new Set(dial.map(({ stall }) => stall))
    take(
      pick(
        others.filter(({ stall }) => !chosen.has(stall)),
        random
      )
    )
  }
  const spare = surplus(dialled.filter(({ peer }) => peer !== before))
  return { dial, end: spare }
}

/** The next name after one's own, and after the last name the first; or the one before. */
function ringNeighbour(self: string, names: readonly string[], isBefore = false): string | null {
  const ring = [...new Set(names)].filter(name => name !== self).sort()
  if (isBefore) return ring.findLast(name => name < self) ?? ring.at(-1) ?? null
  return ring.find(name => name > self) ?? ring[0] ?? null
}

/**
 * Which of two links to one peer stays: the one that the smaller name dialled, which both ends know
 * alike, or of two that the same side dialled the older one.
 */
export const staysOld = (options: {
  readonly self: string
  readonly peer: string
  readonly isOldDialled: boolean
  readonly isNewDialled: boolean
}): boolean => {
  const { self, peer, isOldDialled, isNewDialled } = options
  if (isOldDialled === isNewDialled) return isOldDialled
  return isOldDialled === self < peer
}

/** Ring neighbours of former days; the oldest goes, one at a time. */
function surplus<Link extends Linked>(dialled: readonly Link[]) {
  const settled = dialled.filter(({ ageMs }) => ageMs >= SETTLED_MS)
  if (dialled.length <= DIALLED + SPARE) return []
  const [oldest] = settled.toSorted((a, b) => b.ageMs - a.ageMs)
  return oldest ? [{ link: oldest, why: 'There are enough links without this one.' }] : []
}

const pick = <T>(from: readonly T[], random: () => number): T | undefined =>
  from[Math.floor(random() * from.length)]
