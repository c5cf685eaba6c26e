import type { LogId } from '../../../node/core/id.ts'
import {
  type BootTime,
  type DropFact,
  type DropState,
  decideDropSale,
  decideGrant,
  decideReturn,
  decideTakeover,
  emptyDrop,
  foldDrop,
  type Lease,
  rightsOf,
  type Succession
} from '../../../node/core/share/drop.ts'

/**
 * A market of one drop, small enough to be walked through whole: the mint authority, a stall that
 * loses power once and starts again with a new log, and a copy of its card in another board. Any
 * news may come to anybody at any time or never, and leases may run out at any moment.
 */
export const A = '000000000000000a' as LogId
export const B1 = '00000000000000b1' as LogId
export const B2 = '00000000000000b2' as LogId
export const COPY = '00000000000000c1' as LogId

/** The rules that a walk keeps to. A test puts a wrong one in and sees it oversell. */
export interface Rules {
  readonly sale: typeof decideDropSale
  readonly grant: typeof decideGrant
  readonly giveBack: typeof decideReturn
  readonly takeover: typeof decideTakeover
  /** What a stall that starts again believes its rights to be: those of its new log. */
  readonly rightsAfterStart: (state: DropState, next: LogId, ended: LogId) => DropState
  /** What the authority does when a lease that it gave must be over. */
  readonly onLeaseOver: (state: DropState, holder: LogId) => readonly DropFact[]
}

export const RULES: Rules = {
  sale: decideDropSale,
  grant: decideGrant,
  giveBack: decideReturn,
  takeover: decideTakeover,
  rightsAfterStart: state => state,
  onLeaseOver: () => []
}

/** A running program: the log that it writes, and how much it has heard of every other. */
interface Program {
  readonly log: LogId
  readonly heard: Readonly<Record<string, number>>
  readonly isLeaseLive: boolean
  /** The log that its card ended with, if it started from one. */
  readonly ended: LogId | null
}

interface Market {
  readonly facts: Readonly<Record<string, readonly DropFact[]>>
  readonly programs: readonly Program[]
  readonly successions: readonly Succession[]
}

export interface Walk {
  readonly states: number
  /** The most units that were ever sold. */
  readonly sold: number
  /** The first way to sell more than there is, or to have rights below nothing. */
  readonly oversold: Market | undefined
}

const NOTHING_HEARD = { [A]: 0, [B1]: 0, [B2]: 0, [COPY]: 0 }

const START: Market = {
  facts: { [A]: [{ type: 'dropMinted', count: 2 }], [B1]: [], [B2]: [], [COPY]: [] },
  programs: [
    { log: A, heard: NOTHING_HEARD, isLeaseLive: true, ended: null },
    { log: B1, heard: NOTHING_HEARD, isLeaseLive: false, ended: null }
  ],
  successions: []
}

/** Visits every market that can come of the rules with so many facts at the most. */
export function walk(rules: Rules, factsMax: number): Walk {
  const seen = new Set<string>()
  const waiting: Market[] = [START]
  let sold = 0
  while (waiting.length > 0) {
    const market = waiting.pop() ?? START
    const truth = foldAll(market.facts)
    sold = Math.max(sold, truth.sold)
    const least = Math.min(...[A, B1, B2, COPY].map(log => rightsOf(truth, log)))
    if (truth.sold > truth.minted || least < 0) return { states: seen.size, sold, oversold: market }
    for (const next of nextOf(market, rules)) {
      if (countOf(next) > factsMax) continue
      const key = nameOf(next)
      if (seen.has(key)) continue
      seen.add(key)
      waiting.push(next)
    }
  }
  return { states: seen.size, sold, oversold: undefined }
}

/** Equal for markets that are equal; the facts' own counts tell them apart with their kinds. */
const nameOf = ({ facts, programs, successions }: Market): string =>
  [
    ...Object.values(facts).map(own => own.map(factName).join()),
    ...programs.map(({ log, heard, isLeaseLive }) =>
      [log, ...Object.values(heard), isLeaseLive].join()
    ),
    ...successions.map(({ next, size }) => next + size)
  ].join(';')

const factName = (fact: DropFact): string =>
  `${fact.type}${fact.count}${'from' in fact ? fact.from : ''}${'to' in fact ? fact.to : ''}`

const countOf = ({ facts }: Market): number =>
  Object.values(facts).reduce((all, own) => all + own.length, 0)

function foldAll(facts: Market['facts']): DropState {
  let state = emptyDrop(A)
  for (const [log, own] of Object.entries(facts)) {
    for (const fact of own) state = foldDrop(state, log as LogId, fact)
  }
  return state
}

/** What a program sees: all of its own log, and of the others as much as it heard. */
function viewOf(market: Market, { log, heard, ended }: Program, rules: Rules): DropState {
  const facts = Object.fromEntries(
    Object.entries(market.facts).map(([other, own]) => [
      other,
      other === log ? own : own.slice(0, heard[other] ?? 0)
    ])
  )
  const state = foldAll(facts)
  return ended === null ? state : rules.rightsAfterStart(state, log, ended)
}

function nextOf(market: Market, rules: Rules): Market[] {
  return [
    ...market.programs.flatMap((program, index) => [
      ...written(market, program, rules),
      ...heard(market, program, index),
      ...expired(market, program, index)
    ]),
    ...ofAuthority(market, rules),
    ...powerCut(market),
    ...copied(market)
  ]
}

const NOW: BootTime = { bootId: 'this', monoMs: 0 }
const LIVE: Lease = { bootId: 'this', askedMonoMs: 0, leaseMs: 1_000 }
const OVER: Lease = { ...LIVE, bootId: 'before' }

/** A program sells one, grants one to anybody, or gives back what it has. */
function written(market: Market, program: Program, rules: Rules): Market[] {
  const { log, isLeaseLive } = program
  const view = viewOf(market, program, rules)
  const asked = { log, count: 1, lease: isLeaseLive ? LIVE : OVER, now: NOW }
  const others = [A, B1, B2, COPY].filter(other => other !== log)
  const made = [
    rules.sale(view, asked),
    ...others.map(to => rules.grant(view, { ...asked, to, leaseMs: 1_000 })),
    // Only who stopped gives back.
    ...(isLeaseLive ? [] : [rules.giveBack(view, log)])
  ]
  return made.flatMap(facts => ('refused' in facts ? [] : append(market, log, facts)))
}

function append(market: Market, log: LogId, added: readonly DropFact[]): Market[] {
  if (added.length === 0) return []
  const own = [...(market.facts[log] ?? []), ...added]
  return [{ ...market, facts: { ...market.facts, [log]: own } }]
}

/** One more entry of some log comes to a program; a grant starts a lease. */
function heard(market: Market, program: Program, index: number): Market[] {
  return Object.entries(market.facts).flatMap(([log, own]) => {
    const count = program.heard[log] ?? 0
    const fact = own[count]
    if (log === program.log || fact === undefined) return []
    const isGrant = fact.type === 'rightsGranted' && fact.to === program.log
    const isTaken = fact.type === 'rightsTakenOver' && fact.to === program.log
    const isLeaseLive = program.isLeaseLive || isGrant || isTaken
    return change(market, index, { heard: { ...program.heard, [log]: count + 1 }, isLeaseLive })
  })
}

function expired(market: Market, { log, isLeaseLive }: Program, index: number): Market[] {
  return log === A || !isLeaseLive ? [] : change(market, index, { isLeaseLive: false })
}

function change(market: Market, index: number, to: Partial<Program>): Market[] {
  const programs = market.programs.map((each, at) => (at === index ? { ...each, ...to } : each))
  return [{ ...market, programs }]
}

/** The authority hears of logs that follow others, and that leases must be over. */
function ofAuthority(market: Market, rules: Rules): Market[] {
  const authority = market.programs[0]
  if (!authority) return []
  const view = viewOf(market, authority, rules)
  const taken = market.successions.flatMap(succession => {
    const made = rules.takeover(view, A, succession, authority.heard[succession.ended] ?? 0)
    return 'refused' in made ? [] : append(market, A, made)
  })
  const late = market.programs
    .filter(({ log, isLeaseLive }) => log !== A && !isLeaseLive)
    .flatMap(({ log }) => append(market, A, rules.onLeaseOver(view, log)))
  return [...taken, ...late]
}

/** The stall loses power, and its next boot writes a new log on the same card and board. */
function powerCut(market: Market): Market[] {
  const index = market.programs.findIndex(({ log }) => log === B1)
  const before = market.programs[index]
  if (!before) return []
  const size = market.facts[B1]?.length ?? 0
  const after = { ...before, log: B2, ended: B1, heard: { ...before.heard, [B1]: size } }
  const programs = market.programs.with(index, { ...after, isLeaseLive: false })
  const succession = { ended: B1, size, next: B2, isSameBoard: true }
  return [{ ...market, programs, successions: [...market.successions, succession] }]
}

/** Somebody copies the card while the stall runs, and starts the copy in another board. */
function copied(market: Market): Market[] {
  const before = market.programs.find(({ log }) => log === B1)
  if (!before || market.programs.some(({ log }) => log === COPY)) return []
  const size = market.facts[B1]?.length ?? 0
  const copy = { ...before, log: COPY, ended: B1, heard: { ...before.heard, [B1]: size } }
  const succession = { ended: B1, size, next: COPY, isSameBoard: false }
  return [
    {
      ...market,
      programs: [...market.programs, { ...copy, isLeaseLive: false }],
      successions: [...market.successions, succession]
    }
  ]
}
