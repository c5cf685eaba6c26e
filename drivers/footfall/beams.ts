/** Two beams across a door, a hand's breadth apart: 0 is the outer one, 1 the inner. */
export type Beam = 0 | 1

/** `unsure` is somebody whose way nobody saw whole. */
export type BeamPassage = 'in' | 'out' | 'turned-back' | 'unsure'

/** Tells who passes in which direction. Knows no clock but the stamps that it is given. */
export interface BeamCounter {
  /** A beam was blocked or cleared. Gives the passages that ended by then. */
  readonly edge: (edge: {
    readonly beam: Beam
    readonly isBlocked: boolean
    readonly monoUs: number
  }) => readonly BeamPassage[]
  /** Nothing more was seen up to this moment. */
  readonly pass: (monoUs: number) => readonly BeamPassage[]
  /** When `pass` has something to say if no edge comes; undefined when nothing is under way. */
  readonly dueUs: () => number | undefined
  /** Beams with something standing in them. */
  readonly stuck: () => readonly Beam[]
  /** Edges were lost: what is under way cannot be told any more, and the beams are like this. */
  readonly resume: (blocked: readonly boolean[], monoUs: number) => readonly BeamPassage[]
}

/** Legs and bags let the light through for less than this. */
const CLEAR_US = 60_000
/** A body too thin for both beams at once is in the second one within this. */
const JOIN_US_MAX = 700_000
/** Nobody stands in a door that long. */
const STUCK_US = 30_000_000

/**
 * A passage lasts from the first beam that is blocked until both are clear, and goes from the beam
 * that was blocked first to the one that cleared last. Blocking counts at once, clearing only
 * after CLEAR_US.
 */
export function beamCounter(): BeamCounter {
  const door: Door = { sights: [freshSight(), freshSight()], passage: undefined, isLost: false }
  const { sights } = door
  return {
    edge: ({ beam, isBlocked, monoUs }) => {
      const ended = pass(door, monoUs)
      const sight = sights[beam]
      const isNew = isBlocked && !sight.isBlocked
      sight.clearedUs = isBlocked || !sight.isBlocked ? undefined : monoUs
      return isNew ? [...ended, ...block(door, beam, monoUs)] : ended
    },
    pass: monoUs => pass(door, monoUs),
    dueUs: () => {
      const moments = sights.flatMap(({ isBlocked, isStuck, sinceUs, clearedUs }) => [
        ...(clearedUs === undefined ? [] : [clearedUs + CLEAR_US]),
        ...(isBlocked && !isStuck ? [sinceUs + STUCK_US] : [])
      ])
      if (door.passage && isAllClear(door)) moments.push(door.passage.changedUs + JOIN_US_MAX)
      return moments.length === 0 ? undefined : Math.min(...moments)
    },
    stuck: () => BEAMS.filter(beam => sights[beam].isStuck),
    resume: (blocked, monoUs) => {
      for (const beam of BEAMS) {
        const sight = sights[beam]
        if (blocked[beam] !== true) Object.assign(sight, freshSight())
        else if (sight.isStuck) sight.clearedUs = undefined
        else Object.assign(sight, freshSight(), { isBlocked: true, sinceUs: monoUs })
      }
      return lose(door)
    }
  }
}

const BEAMS = [0, 1] as const

interface Door {
  readonly sights: readonly [Sight, Sight]
  passage: Passage | undefined
  /** Until both beams are clear again nobody can tell who goes where. */
  isLost: boolean
}

interface Sight {
  isBlocked: boolean
  sinceUs: number
  /** When light came through last; blocked again within CLEAR_US it never did. */
  clearedUs: number | undefined
  isStuck: boolean
}

interface Passage {
  readonly first: Beam
  readonly last: Beam
  readonly wasBoth: boolean
  readonly changedUs: number
}

const freshSight = (): Sight => ({
  isBlocked: false,
  sinceUs: 0,
  clearedUs: undefined,
  isStuck: false
})

const isAllClear = ({ sights }: Door): boolean => !sights[0].isBlocked && !sights[1].isBlocked

/** What time alone brings: a beam is clear for good, a passage over, a beam stuck. */
function pass(door: Door, monoUs: number): readonly BeamPassage[] {
  const { sights } = door
  const cleared = clearOrder(door).flatMap(beam => {
    const { clearedUs } = sights[beam]
    const isDue = clearedUs !== undefined && monoUs - clearedUs >= CLEAR_US
    return isDue ? clear(door, beam, clearedUs) : []
  })
  const { passage } = door
  const isOver = passage && isAllClear(door) && monoUs - passage.changedUs >= JOIN_US_MAX
  const joined = isOver ? finish(door, passage.last) : []
  const stuck = BEAMS.filter(beam => {
    const { isBlocked, isStuck, sinceUs } = sights[beam]
    return isBlocked && !isStuck && monoUs - sinceUs >= STUCK_US
  })
  for (const beam of stuck) sights[beam].isStuck = true
  return [...cleared, ...joined, ...(stuck.length > 0 ? lose(door) : [])]
}

function block(door: Door, beam: Beam, monoUs: number): readonly BeamPassage[] {
  const { passage } = door
  const isSecond = !isAllClear(door)
  Object.assign(door.sights[beam], { isBlocked: true, sinceUs: monoUs })
  if (door.isLost) return ['unsure']
  door.passage = {
    first: passage?.first ?? beam,
    last: beam,
    wasBoth: isSecond || passage?.wasBoth === true,
    changedUs: monoUs
  }
  return []
}

function clear(door: Door, beam: Beam, monoUs: number): readonly BeamPassage[] {
  Object.assign(door.sights[beam], freshSight())
  if (!isAllClear(door)) return []
  door.isLost = false
  const { passage } = door
  if (passage === undefined) return []
  if (passage.wasBoth || passage.first !== beam) return finish(door, beam)
  // Turned back, or too thin for both beams at once: that remains to be seen.
  door.passage = { ...passage, last: beam, changedUs: monoUs }
  return []
}

function finish(door: Door, last: Beam): readonly BeamPassage[] {
  const first = door.passage?.first
  door.passage = undefined
  return first === undefined ? [] : [first === last ? 'turned-back' : first === 0 ? 'in' : 'out']
}

function lose(door: Door): readonly BeamPassage[] {
  const wasUnderWay = door.passage !== undefined
  door.passage = undefined
  door.isLost = !isAllClear(door)
  return wasUnderWay ? ['unsure'] : []
}

const clearOrder = ({ sights: [outer, inner] }: Door): readonly Beam[] =>
  (inner.clearedUs ?? Number.POSITIVE_INFINITY) < (outer.clearedUs ?? Number.POSITIVE_INFINITY)
    ? [1, 0]
    : [0, 1]
