import type { DeviceKey } from '../core/id.ts'
import { isEqual } from '../core/proof/merkle.ts'
import type { Role } from '../core/role.ts'
import { type CertifiedRefusal, type Members, refusalOf } from '../core/share/members.ts'
import { unlessMalformed } from '../wire/canonical.ts'
import { claimedMarket, verifyAdmission } from '../wire/certificate.ts'
import { deviceKeyOf, verifyingKey } from '../wire/keys.ts'
import { pemOf, readX509, writeX509 } from '../wire/x509.ts'
import type { Device } from './device.ts'

/** What a stall shows to its peers on mutual TLS, and how it judges what they show. */
export interface Credentials {
  /**
   * For `tls.createServer` and `tls.connect` alike. `rejectUnauthorized` is off, for OpenSSL asks
   * for an authority and for the time, and here is neither: it still has the peer prove that it
   * holds the key of its certificate. Whoever opens a link MUST ask `verifyPeer` before the first
   * byte is read or written, and forgives nothing that it refuses.
   */
  readonly tls: TlsSettings
  /** Judges `socket.getPeerX509Certificate()?.raw`, on a resumed session too. */
  readonly verifyPeer: (der: Uint8Array | undefined) => Peer | PeerRefusal
}

interface TlsSettings {
  readonly key: string
  readonly cert: string
  /** No public authority: with none named, Node would take all of Mozilla's. */
  readonly ca: string[]
  readonly requestCert: true
  readonly rejectUnauthorized: false
  readonly minVersion: 'TLSv1.3'
}

/** A member of this market that holds the key it was admitted with. */
export interface Peer {
  /** Its name in topics, as `urn:stall:<id>` says in its certificate. */
  readonly stall: string
  readonly device: DeviceKey
  readonly roles: readonly Role[]
}

export interface PeerRefusal {
  readonly refused:
    | CertifiedRefusal
    | 'no-certificate'
    | 'malformed'
    | 'other-market'
    | 'uncertified'
  /** For a person who wonders why two stalls do not talk. */
  readonly sentence: string
  /** With `other-market`: which one it says it is of. Two markets of developers may join. */
  readonly market?: string
}

/** `members` is asked at each judgement, so that a newer list holds from its first moment. */
export function openCredentials(device: Device, members: () => Members): Credentials {
  const { stall, publicKey, privateKey, certificate } = device
  const marketKey = verifyingKey(device.marketKey)
  const der = writeX509({ stall, key: publicKey, certificate }, privateKey)
  return {
    tls: {
      key: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
      cert: pemOf(der),
      ca: [],
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3'
    },
    verifyPeer: shown => {
      if (!shown) return refuse('no-certificate', 'It showed no certificate.')
      const read = unlessMalformed(() => readShown(shown))
      if (!read) return refuse('malformed', 'What it showed is not the certificate of a stall.')
      const { stall, key, certificate, market } = read
      if (market !== device.market) return otherMarket(market)
      const admission = unlessMalformed(() => verifyAdmission(certificate, marketKey))
      if (!admission) return refuse('uncertified', `The market never admitted this ${stall}.`)
      const { value, signer } = admission
      if (!isEqual(value.key, key) || value.stall !== stall) {
        return refuse('uncertified', `It shows the certificate of another device, not ${stall}'s.`)
      }
      const peer = { stall, device: deviceKeyOf(key), roles: value.roles }
      const refused = refusalOf(members(), { ...peer, admitter: signer && deviceKeyOf(signer) })
      return refused ? refuse(refused, SENTENCES[refused](stall)) : peer
    }
  }
}

export const isPeer = (judged: Peer | PeerRefusal): judged is Peer => 'stall' in judged

function readShown(der: Uint8Array) {
  const envelope = readX509(der)
  return { ...envelope, market: claimedMarket(envelope.certificate) }
}

const refuse = (refused: PeerRefusal['refused'], sentence: string): PeerRefusal => ({
  refused,
  sentence
})

const otherMarket = (market: string): PeerRefusal => ({
  refused: 'other-market',
  sentence: `It belongs to the market ${market}.`,
  market
})

const SENTENCES: Readonly<Record<CertifiedRefusal, (stall: string) => string>> = {
  revoked: stall => `The market has shut out this device of ${stall}.`,
  renamed: stall => `It still calls itself ${stall}, which is another stall's name now.`,
  'admitter-revoked': stall => `Who admitted ${stall} is shut out, and no list names ${stall}.`
}
