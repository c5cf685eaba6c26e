import type { Address } from '../../node/core/ports.ts'
import type { LanEvents, OpenLan } from '../../node/mesh/lan.ts'

/** One network in memory, which members can be unplugged from. Words arrive a moment later. */
export interface MemoryLan {
  readonly openLan: (host: string) => OpenLan
  readonly unplug: (host: string) => void
  readonly plug: (host: string) => void
  /** Who cannot hear whom. */
  readonly part: (isApart: (a: string, b: string) => boolean) => void
}

interface Member {
  readonly host: string
  readonly events: LanEvents
  isPlugged: boolean
}

export function memoryLan(startTimer: (ms: number, run: () => void) => () => void): MemoryLan {
  const members = new Map<string, Member>()
  let isApart = (_a: string, _b: string) => false
  const deliver = (bytes: Uint8Array, { from, to }: { from: Member; to: Member }) => {
    if (!from.isPlugged || !to.isPlugged || isApart(from.host, to.host)) return
    startTimer(1, () => {
      if (!to.isPlugged || members.get(to.host) !== to) return
      to.events.heard(Uint8Array.from(bytes), { host: from.host, port: 40_000 })
    })
  }
  const change = (host: string, isPlugged: boolean) => {
    const member = members.get(host)
    if (!member) return
    member.isPlugged = isPlugged
    if (isPlugged) member.events.grown()
  }
  return {
    unplug: host => change(host, false),
    plug: host => change(host, true),
    part: next => {
      isApart = next
    },
    openLan: host => events => {
      const member = { host, events, isPlugged: true }
      members.set(host, member)
      startTimer(0, () => members.get(host) === member && member.isPlugged && events.grown())
      return {
        // A stall hears its own words too, as with multicast on a real network.
        shout: bytes => {
          for (const to of members.values()) deliver(bytes, { from: member, to })
        },
        answer: (bytes: Uint8Array, { host: wanted }: Address) => {
          const to = members.get(wanted)
          if (to) deliver(bytes, { from: member, to })
        },
        networks: () => [
          { name: 'memory', address: host, problem: member.isPlugged ? undefined : 'unplugged' }
        ],
        close: async () => {
          member.isPlugged = false
          if (members.get(host) === member) members.delete(host)
        }
      }
    }
  }
}
