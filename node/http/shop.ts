import type { EntryFeed } from './entryfeed.ts'
import type { Live } from './live.ts'
import type { Metrics } from './metrics.ts'
import type { Ports } from './ports.ts'

/** What a handler may use: the house, and what this edge keeps itself. */
export interface Shop extends Ports {
  readonly live: Live
  readonly entryFeed: EntryFeed
  readonly metrics: Metrics
  /** Sales whose first answer is not out yet; as many as requests are open at most. */
  readonly salesUnderWay: Set<string>
}
