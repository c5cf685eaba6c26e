import type { Fault } from '../core/ports.ts'

/** Bad news in RFC 9457's words, with what to do about it. A value, never thrown. */
export interface Problem {
  readonly problem: string
  readonly status: number
  readonly title: string
  /** A sentence that a keeper can act on. */
  readonly detail: string
  readonly fix: string
  readonly isRetryable: boolean
  /** Where in the request it went wrong (RFC 6901 pointers). */
  readonly errors?: readonly { readonly pointer: string; readonly code: string }[]
  readonly headers?: Readonly<Record<string, string>>
}

interface ProblemWords {
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly fix: string
  readonly isRetryable?: boolean
}

export const PROBLEM_TYPE = 'application/problem+json'

const SENT_WRONG = 'Fix the program that sent this; sending it again as it is will not help.'

/** What goes wrong before a wish reaches the stall. Refusals have their own words. */
const WORDS = {
  'malformed-request': {
    status: 400,
    title: 'This is not proper HTTP',
    detail: 'The request could not be read.',
    fix: SENT_WRONG
  },
  'malformed-json': {
    status: 400,
    title: 'This is not proper JSON',
    detail: 'The body could not be read as JSON in UTF-8.',
    fix: SENT_WRONG
  },
  'invalid-request': {
    status: 400,
    title: 'Something in the request is not right',
    detail: 'A part of the request is not what this call takes.',
    fix: SENT_WRONG
  },
  'idempotency-key-missing': {
    status: 400,
    title: 'The sale has no id',
    detail:
      'A sale needs an id in its body or as its Idempotency-Key, so it is never booked twice.',
    fix: 'Send 32 random hex digits as "id", and the same ones each time you send this sale.'
  },
  'idempotency-key-mismatch': {
    status: 400,
    title: 'Two ids for one sale',
    detail: 'The Idempotency-Key is not the id in the body.',
    fix: 'Send the id of the sale as its Idempotency-Key, or leave that header out.'
  },
  'idempotency-key-malformed': {
    status: 400,
    title: 'Not a key',
    detail: 'The Idempotency-Key is not 32 hex digits.',
    fix: 'Send 32 random hex digits, and the same ones each time you send this request.'
  },
  'not-here': {
    status: 403,
    title: 'Only at the stall itself',
    detail: 'This part of the stall does not answer to this device.',
    fix: "Use the stall's own screen, or ask the keeper to let this device in."
  },
  'cross-site': {
    status: 403,
    title: 'Asked by another site',
    detail: 'A page of another site tried to use this stall.',
    fix: "Open the stall's own address and try it there."
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    detail: 'No page or call has this address.',
    fix: 'Check the address; /api/v1/openapi.json lists every call.'
  },
  'unknown-report': {
    status: 404,
    title: 'No such report',
    detail: 'There is no Z report with this number at hand.',
    fix: 'Check the number; the last one is on the last Z report that was printed.'
  },
  'unknown-log': {
    status: 404,
    title: 'No such entry',
    detail: 'This log or entry is not on this disk.',
    fix: 'Check the log and the number; another stall or the collector may hold it.'
  },
  'unknown-device': {
    status: 404,
    title: 'No such device',
    detail: 'This stall has no device of this name.',
    fix: 'Check the name; GET /api/v1/devices lists them all.'
  },
  'unknown-till': {
    status: 404,
    title: 'This till is not listening',
    detail: 'No open stream of GET /api/v1/live has this name.',
    fix: 'Open the stream with ?till= and this name first.'
  },
  'method-not-allowed': {
    status: 405,
    title: 'Not this way',
    detail: 'This address does not take this method.',
    fix: 'Use one of the methods that the Allow header names.'
  },
  'request-timeout': {
    status: 408,
    title: 'The request came too slowly',
    detail: 'The whole request did not arrive in time.',
    fix: 'Check the connection and send it again; a sale with the same id is never booked twice.',
    isRetryable: true
  },
  'different-sale': {
    status: 409,
    title: 'This id belongs to another sale',
    detail: 'A sale with this id is booked already, with other goods or payments.',
    fix: 'Look the booked sale up by its id. If this is a new sale, send it with a new id.'
  },
  'different-wish': {
    status: 409,
    title: 'This key belongs to something else',
    detail: 'Something else was asked for with this Idempotency-Key before, and it was done.',
    fix: 'Send it with a new key if it is to be done as well.'
  },
  'not-simulated': {
    status: 409,
    title: 'A real device',
    detail: 'Only a simulated device can be given a fault.',
    fix: 'To play one through, set simulated = true in its table; of a printer, driver = "sim".'
  },
  'no-drawer': {
    status: 409,
    title: 'No cash drawer is set up',
    detail: 'A cash drawer hangs on the printer, and stall.toml names none.',
    fix: 'Open it with its key. If one hangs on the printer, set drawer = true in its table.'
  },
  'body-too-large': {
    status: 413,
    title: 'The request is too large',
    detail: 'A request may have 64 KiB at most.',
    fix: 'Send less at once.'
  },
  'not-json': {
    status: 415,
    title: 'Only JSON is taken',
    detail: 'The body must be sent as application/json.',
    fix: 'Set Content-Type: application/json.'
  },
  'wrong-host': {
    status: 421,
    title: 'Not the name of this stall',
    detail: 'The address that was asked for is not one of this stall.',
    fix: 'Use the address that the stall shows when it starts.'
  },
  'under-way': {
    status: 425,
    title: 'Still at it',
    detail: 'This sale came in a moment ago and is being booked right now.',
    fix: 'Ask again in a second with the same id.',
    isRetryable: true
  },
  'unknown-fault': {
    status: 422,
    title: 'Not a fault of this device',
    detail: 'This simulated device does not know this fault.',
    fix: 'Choose one of those that GET /api/v1/devices lists for it.'
  },
  'too-many-requests': {
    status: 429,
    title: 'Too fast',
    detail: 'This device asks more often than the stall can answer.',
    fix: 'Wait a few seconds and try again.',
    isRetryable: true
  },
  'headers-too-large': {
    status: 431,
    title: 'Too many headers',
    detail: 'The headers of a request may have 16 KiB at most.',
    fix: SENT_WRONG
  },
  'too-many-connections': {
    status: 503,
    title: 'Too many at once',
    detail: 'Too many devices are connected to this stall.',
    fix: 'Close pages that are not needed and try again in a moment.',
    isRetryable: true
  },
  closing: {
    status: 503,
    title: 'The stall box is restarting',
    detail: 'This stall is shutting down and takes no new requests.',
    fix: 'Keep the sale and send it again when the box is back.',
    isRetryable: true
  },
  'entry-unreadable': {
    status: 503,
    title: 'Booked, but not readable',
    detail: 'This is booked, but its entry cannot be read back from the disk now.',
    fix: 'Do not book it again. Ask a technician to run: stall verify, on the data folder',
    isRetryable: true
  }
} satisfies Readonly<Record<string, ProblemWords>>

export type ProblemName = keyof typeof WORDS
export const PROBLEM_WORDS: Readonly<Record<ProblemName, ProblemWords>> = WORDS

export function problem(name: ProblemName, extra: Partial<Problem> = {}): Problem {
  return { problem: name, isRetryable: false, ...PROBLEM_WORDS[name], ...extra }
}

/** An edge's fault stopped a wish; nothing of it counts. */
export const faultProblem = (fault: Fault): Problem => ({
  problem: fault.code,
  status: 503,
  title: 'The stall cannot keep this safe now',
  detail: fault.message,
  fix: fault.fix,
  isRetryable: fault.isRetryable
})

export const isProblem = (answer: object): answer is Problem => 'problem' in answer

/** RFC 9457 3.1. The types are names, not places, so that they mean the same at every stall. */
export function problemJson(problem: Problem, instance: string): string {
  return JSON.stringify({
    type: `urn:stallmesh:problem:${problem.problem}`,
    title: problem.title,
    status: problem.status,
    detail: problem.detail,
    instance,
    do: problem.fix,
    retryable: problem.isRetryable,
    ...(problem.errors ? { errors: problem.errors } : {})
  })
}
