/** One event of a stream (WHATWG HTML 9.2.6). */
export interface StreamEvent {
  readonly id: string | null
  readonly event: string
  readonly data: string
}

/** An unfinished event past this is not ours to keep. */
const EVENT_CHARS_MAX = 16 * 1024 * 1024

/**
 * Reads a stream of events piece by piece. The browser's own `EventSource` hides comments, and
 * heartbeats are comments: without seeing them, nobody can tell a quiet stall from a dead one.
 */
export function readEvents(): (piece: string) => StreamEvent[] {
  let rest = ''
  let lastId: string | null = null
  let event = ''
  let data: string[] = []

  const readLine = (line: string): StreamEvent | null => {
    if (line === '') {
      const complete =
        data.length > 0 ? { id: lastId, event: event || 'message', data: data.join('\n') } : null
      event = ''
      data = []
      return complete
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') event = value
    if (field === 'data') data.push(value)
    if (field === 'id') lastId = value
    return null
  }

  return piece => {
    rest += piece
    if (rest.length > EVENT_CHARS_MAX) throw new Error('An event in the live stream is too long')
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    return lines.flatMap(line => readLine(line) ?? [])
  }
}
