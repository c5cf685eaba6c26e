/** What is asked of the stall over HTTP. */
export interface Request {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  /** Sent as `Idempotency-Key`. */
  readonly key?: string
}

/** What the stall said to a request. */
export type Reply =
  | { readonly state: 'done'; readonly body: unknown }
  /** It will never take this request as it is; the keeper must know. */
  | { readonly state: 'refused'; readonly trouble: Trouble }
  /** Ask again later: busy, still under way, restarting. */
  | { readonly state: 'later' }
  /** No answer at all. */
  | { readonly state: 'away' }

/** A refusal in the stall's own words. */
export interface Trouble {
  readonly problem: string
  readonly detail: string
  readonly fix: string
}
