import type { KeyObject } from 'node:crypto'
import { type LogChain, verifyLogOpened } from '../../node/wire/certificate.ts'
import { verifyHead } from '../../node/wire/checkpoint.ts'

/**
 * Real signatures, each checked once for all stalls of a world: the same bytes are true or false
 * for everybody, and hundreds of stalls would check nothing else all day.
 */
export function once(): {
  readonly isSigned: typeof verifyHead
  readonly verifyOpened: typeof verifyLogOpened
} {
  const heads = new Map<string, boolean>()
  const chains = new Map<string, LogChain>()
  const ids = new Map<KeyObject, number>()
  const idOf = (key: KeyObject) => {
    const id = ids.get(key) ?? ids.size
    ids.set(key, id)
    return id
  }
  return {
    isSigned: claim => {
      const { log, size, root, signature } = claim.head
      const key = [idOf(claim.verifier), log, size, hex(root), hex(signature)].join()
      const isTrue = heads.get(key) ?? verifyHead(claim)
      heads.set(key, isTrue)
      return isTrue
    },
    verifyOpened: (opened, marketKey) => {
      const { log, seq, stall, counter, bootId, previous } = opened
      const certificates = [opened.deviceCertificate, opened.logCertificate].map(hex)
      const said = [log, seq, stall, counter, bootId, JSON.stringify(previous)]
      const key = [idOf(marketKey), ...said, ...certificates].join()
      const chain = chains.get(key) ?? verifyLogOpened(opened, marketKey)
      chains.set(key, chain)
      return chain
    }
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
