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

export const BEAM_LIMITS = {
  /** Legs and bags let the light through for less than this. */
  clearUs: 60_000,
  /** A body too thin for both beams at once is in the second one within this. */
  joinUs: 700_000,
  /** Nobody stands in a door that long. */
  stuckUs: 30_000_000
}

/**
 * A passage lasts from the first beam that is blocked until both are clear, and goes from the beam
 * that was blocked first to the one that cleared last. Blocking counts at once, clearing only
 * after `clearUs`.
 */
export function beamCounter(limits = BEAM_LIMITS): BeamCounter {
  const sights: readonly [Sight, Sight] = [freshSight(), freshSight()]
  let passage: Passage | undefined
  /** Until both beams are clear again nobody can tell who goes where. */
  let isLost = false
  const isAllClear = () => !sights[0].isBlocked && !sights[1].isBlocked
  const finish = (last: Beam): readonly BeamPassage[] => {
    const first = passage?.first
    passage = undefined
    return first === undefined ? [] : [first === last ? 'turned-back' : first === 0 ? 'in' : 'out']
  }
  const block = (beam: Beam, monoUs: number): readonly BeamPassage[] => {
    const isSecond = !isAllClear()
    Object.assign(sights[beam], { isBlocked: true, sinceUs: monoUs })
    if (isLost) return ['unsure']
    passage = {
      first: passage?.first ?? beam,
      last: beam,
      wasBoth: isSecond || passage?.wasBoth === true,
      clearUs: monoUs
    }
    return []
  }
  const clear = (beam: Beam, monoUs: number): readonly BeamPassage[] => {
    Object.assign(sights[beam], freshSight())
    if (!isAllClear()) return []
    isLost = false
    if (passage === undefined) return []
    if (passage.wasBoth || passage.first !== beam) return finish(beam)
    // Turned back, or too thin for both beams at once: that remains to be seen.
    passage = { ...passage, last: beam, clearUs: monoUs }
    return []
  }
  const lose = (): readonly BeamPassage[] => {
    const wasUnderWay = passage !== undefined
    passage = undefined
    isLost = !isAllClear()
    return wasUnderWay ? ['unsure'] : []
  }
  const pass = (monoUs: number): readonly BeamPassage[] => [
    ...clearOrder(sights).flatMap(beam => {
      const { clearedUs } = sights[beam]
      return clearedUs !== undefined && monoUs - clearedUs >= limits.clearUs
        ? clear(beam, clearedUs)
        : []
    }),
    ...(passage && isAllClear() && monoUs - passage.clearUs >= limits.joinUs
      ? finish(passage.last)
      : []),
    ...BEAMS.flatMap(beam => {
      const sight = sights[beam]
      if (!sight.isBlocked || sight.isStuck || monoUs - sight.sinceUs < limits.stuckUs) return []
      sight.isStuck = true
      return lose()
    })
  ]
  return {
    edge: ({ beam, isBlocked, monoUs }) => {
      const ended = pass(monoUs)
      const sight = sights[beam]
      sight.clearedUs = isBlocked || !sight.isBlocked ? undefined : monoUs
      return isBlocked && !sight.isBlocked ? [...ended, ...block(beam, monoUs)] : ended
    },
    pass,
    dueUs: () => {
      const moments = sights.flatMap(({ isBlocked, isStuck, sinceUs, clearedUs }) => [
        ...(clearedUs === undefined ? [] : [clearedUs + limits.clearUs]),
        ...(isBlocked && !isStuck ? [sinceUs + limits.stuckUs] : [])
      ])
      if (passage && isAllClear()) moments.push(passage.clearUs + limits.joinUs)
      return moments.length === 0 ? undefined : Math.min(...moments)
    },
    stuck: () => BEAMS.filter(beam => sights[beam].isStuck),
    resume: (blocked, monoUs) => {
      for (const beam of BEAMS) {
        const isBlocked = blocked[beam] === true
        const { isStuck, sinceUs } = sights[beam]
        if (!isBlocked) Object.assign(sights[beam], freshSight())
        else if (!isStuck)
          Object.assign(sights[beam], { ...freshSight(), isBlocked, sinceUs: monoUs })
        else Object.assign(sights[beam], { clearedUs: undefined, sinceUs })
      }
      return lose()
    }
  }
}

const BEAMS = [0, 1] as const

interface Sight {
  isBlocked: boolean
  sinceUs: number
  /** When light came through last; blocked again within `clearUs` it never did. */
  clearedUs: number | undefined
  isStuck: boolean
}

const freshSight = (): Sight => ({
  isBlocked: false,
  sinceUs: 0,
  clearedUs: undefined,
  isStuck: false
})

interface Passage {
  readonly first: Beam
  readonly last: Beam
  readonly wasBoth: boolean
  /** When it was last blocked or cleared. */
  readonly clearUs: number
}

const clearOrder = ([outer, inner]: readonly [Sight, Sight]): readonly Beam[] =>
  (inner.clearedUs ?? Number.POSITIVE_INFINITY) < (outer.clearedUs ?? Number.POSITIVE_INFINITY)
    ? [1, 0]
    : [0, 1]
