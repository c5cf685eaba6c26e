import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { isFromThisMachine, isLoopback } from './access.ts'
import { type Problem, problem } from './problem.ts'

export interface DoorOptions {
  /** Of all the other machines together; as many again are kept for this machine alone. */
  readonly connectionsMax: number
  /** Of one remote address. */
  readonly remoteConnectionsMax: number
}

export interface Door {
  /** Counts a connection, or cuts it at once when there is no place for it. */
  readonly enter: (socket: Socket) => void
  /** Why no request is taken from here right now, if so. */
  readonly fault: (request: IncomingMessage) => Problem | undefined
  readonly close: () => void
}

/**
 * Counts who is in as they come in, for a phone that says nothing holds its place just as well as
 * one that asks. This machine's places are its own: no crowd outside can keep the till out.
 */
export function openDoor({ connectionsMax, remoteConnectionsMax }: DoorOptions): Door {
  const countsByRemote = new Map<string, number>()
  const counts = { here: 0, elsewhere: 0 }
  let isClosed = false
  const countOf = (remote: string): number => countsByRemote.get(remote) ?? 0
  const add = (remote: string, change: 1 | -1) => {
    const next = countOf(remote) + change
    counts[isLoopback(remote) ? 'here' : 'elsewhere'] += change
    if (next > 0) countsByRemote.set(remote, next)
    else countsByRemote.delete(remote)
  }
  return {
    enter: socket => {
      const remote = socket.remoteAddress ?? ''
      const isFull = isLoopback(remote)
        ? counts.here >= connectionsMax
        : counts.elsewhere >= connectionsMax || countOf(remote) >= remoteConnectionsMax
      if (isFull) {
        socket.destroy()
        return
      }
      add(remote, 1)
      socket.once('close', () => add(remote, -1))
    },
    fault: request => {
      const headers = { Connection: 'close', 'Retry-After': '1' }
      if (isClosed) return problem('closing', { headers })
      if (isFromThisMachine(request)) return undefined
      // Only what a proxy on this machine brings can be over: `enter` cut the others.
      const isFull = countOf(request.socket.remoteAddress ?? '') > remoteConnectionsMax
      return isFull ? problem('too-many-connections', { headers }) : undefined
    },
    close: () => {
      isClosed = true
    }
  }
}
