import type { Health } from '../core/ports.ts'
import type { MeshView } from './mesh.ts'

/** The mesh in one sentence. To be alone is no fault: a stall sells without anybody. */
export function meshHealth({ links, discovery, copies, faults }: MeshView): Health {
  const name = 'mesh'
  const [copy] = copies
  if (copy) {
    return {
      name,
      state: 'degraded',
      sentence: `Another machine at ${copy.host} runs under the name of this stall.`,
      fix: 'Both go on selling. Switch one of them off, or give it a name and keys of its own.'
    }
  }
  if (links.length > 0) {
    const stalls = links.length === 1 ? '1 stall' : `${links.length} stalls`
    return { name, state: 'up', sentence: `In touch with ${stalls} of the market.`, fix: '' }
  }
  const isOffline = discovery?.networks.every(({ address }) => address.startsWith('127.')) ?? false
  if (isOffline) {
    return {
      name,
      state: 'degraded',
      sentence: 'This stall is on no network and sells alone.',
      fix: "Plug in the cable, or join the market's Wi-Fi."
    }
  }
  const newest = faults.at(-1)?.fault
  const alone = 'No other stall is in reach; this one sells alone.'
  return {
    name,
    state: 'up',
    sentence: newest ? `${alone} ${newest.message}` : alone,
    fix: newest?.fix ?? ''
  }
}
