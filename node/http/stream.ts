import type { ServerResponse } from 'node:http'

/**
 * Server-sent events (WHATWG HTML 9.2). A tablet that hears no heartbeat knows the stall is away;
 * a reader that takes nothing is cut, for it comes back by itself and what waits for it is memory.
 */
export interface Streams {
  /** Undefined when there are too many streams already. */
  readonly open: (response: ServerResponse) => Stream | undefined
  readonly size: () => number
  readonly closeAll: () => void
}

export interface Stream {
  /** Cuts the stream when its reader is too far behind; it then comes back by itself. */
  readonly send: (event: string) => void
  /** Settles when the reader has caught up, or is gone. */
  readonly drained: () => Promise<void>
  readonly isOpen: () => boolean
  readonly onClose: (listener: () => void) => void
}

export interface StreamLimits {
  readonly streamsMax: number
  /** What may wait for one reader; a whole catalogue of 10,000 items fits. */
  readonly backlogBytesMax: number
  readonly heartbeatMs: number
  /** How long a reader may take nothing at all. */
  readonly stuckMsMax: number
}

export const STREAM_LIMITS: StreamLimits = {
  streamsMax: 64,
  backlogBytesMax: 4 * 1024 * 1024,
  heartbeatMs: 5_000,
  stuckMsMax: 30_000
}

/** The browser's wait before it comes back after a restart of the node. */
const RETRY_MS = 300

/** Writes one event. JSON has no line breaks, so one `data` line is enough. */
export const eventText = (event: { id?: string; name: string; data: unknown }): string =>
  `${event.id === undefined ? '' : `id: ${event.id}\n`}event: ${event.name}\n` +
  `data: ${JSON.stringify(event.data)}\n\n`

export function openStreams(options: {
  readonly limits: StreamLimits
  readonly now: () => number
}): Streams {
  const { limits, now } = options
  const open = new Map<ServerResponse, { stuckSince: number | undefined }>()
  const beat = () => {
    for (const [response, reader] of open) {
      if (response.writableNeedDrain) reader.stuckSince ??= now()
      else reader.stuckSince = undefined
      const isStuck = now() - (reader.stuckSince ?? now()) > limits.stuckMsMax
      if (isStuck) response.destroy()
      else if (!response.writableNeedDrain) response.write(':\n\n')
    }
  }
  const timer = setInterval(beat, limits.heartbeatMs)
  timer.unref()
  return {
    open: response => {
      if (open.size >= limits.streamsMax) return undefined
      open.set(response, { stuckSince: undefined })
      response.once('close', () => open.delete(response))
      start(response)
      return streamOf(response, limits.backlogBytesMax)
    },
    size: () => open.size,
    closeAll: () => {
      clearInterval(timer)
      for (const response of open.keys()) response.end()
    }
  }
}

function start(response: ServerResponse): void {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store'
  })
  response.socket?.setNoDelay(true)
  response.write(`retry: ${RETRY_MS}\n\n`)
}

const streamOf = (response: ServerResponse, backlogBytesMax: number): Stream => ({
  send: event => {
    if (response.destroyed || response.writableEnded) return
    if (response.writableLength > backlogBytesMax) response.destroy()
    else response.write(event)
  },
  drained: () =>
    new Promise(resolve => {
      if (response.destroyed || !response.writableNeedDrain) return resolve()
      const settle = () => {
        response.off('drain', settle).off('close', settle)
        resolve()
      }
      response.on('drain', settle).on('close', settle)
    }),
  isOpen: () => !response.destroyed && !response.writableEnded,
  onClose: listener => {
    response.once('close', listener)
  }
})
