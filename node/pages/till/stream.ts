import type { OpenStream } from './ports.ts'

/** `GET /api/v1/live` by `fetch`, whose bytes can be seen; `EventSource` hides the heartbeats. */
export const openLiveStream = (fetch: typeof globalThis.fetch, till: string): OpenStream =>
  async function* pieces({ lastId, signal }) {
    const response = await fetch(`/api/v1/live?till=${till}`, {
      headers: {
        accept: 'text/event-stream',
        ...(lastId === null ? {} : { 'last-event-id': lastId })
      },
      cache: 'no-store',
      signal
    })
    if (!response.ok || !response.body) throw new Error(`The stall box answered ${response.status}`)
    // An open door is news as well: with nothing missed, the next word may be 5 s away.
    yield ''
    const reader = response.body.getReader()
    const decoder = new TextDecoder()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield decoder.decode(value, { stream: true })
    }
  }
