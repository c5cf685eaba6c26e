import { signDelegation, signDeviceCertificate } from '../../node/wire/certificate.ts'
import { signAnswer, signRequest, signTicket, ticketText } from '../../node/wire/enrol.ts'
import { deviceKeyOf, keyId } from '../../node/wire/keys.ts'
import { signMembers } from '../../node/wire/members.ts'
import { signReceipt } from '../../node/wire/receipt.ts'
import { wrapVendorKey } from '../../node/wire/wrap.ts'
import { writeX509 } from '../../node/wire/x509.ts'
import {
  bytesOfEntries,
  deviceCertificate,
  deviceKey,
  EPHEMERAL,
  LOG,
  MARKET,
  marketKey,
  OPENED_AT,
  reader,
  SOLD,
  STALL,
  strangerKey
} from './given.ts'
import { accept, type Golden, refuse } from './golden.ts'

const GUEST = '13'
const roles = ['stall'] as const

/** Receipts of the stall 13, whom an admitter let in, or who may not, or whom nobody did yet. */
function receiptCases(certificates: readonly [by: string, of: Uint8Array, expect: string][]) {
  const { privateKey, publicKey } = strangerKey
  const made = {
    ...{ sold: SOLD, leaf: Buffer.alloc(32, 5), salt: Buffer.alloc(16, 6) },
    ...{ form: 'short' as const, device: { id: keyId(publicKey), privateKey } }
  }
  return certificates.map(([by, certificate, expect]) => {
    const receipt = signReceipt({ ...made, certificate })
    return expect === 'accept'
      ? accept('receipt', by, receipt)
      : refuse('receipt', by, receipt, expect)
  })
}

function listed(list: Uint8Array): Uint8Array {
  const place = { log: LOG, seq: 13, at: OPENED_AT }
  const [bytes] = bytesOfEntries([{ ...place, type: 'membersListed', epoch: 3, list }])
  return bytes ?? Buffer.of()
}

/** How stalls become a market: who may admit, who is in, how a new one asks and is answered. */
export const marketCases = async (): Promise<Golden[]> => [
  ...admitting(),
  ...listing(),
  ...(await asking()),
  ...showing()
]

const words = { market: MARKET, key: deviceKey.publicKey, duties: ['admit', 'list'] as const }
const delegation = signDelegation(words, marketKey.privateKey)
const lister = signDelegation({ ...words, duties: ['list'] }, marketKey.privateKey)
const byMarket = { key: marketKey.privateKey }
const byDelegate = { key: deviceKey.privateKey, delegation }
const device = deviceKeyOf(deviceKey.publicKey)
const guest = deviceKeyOf(strangerKey.publicKey)
const guestWords = { market: MARKET, stall: GUEST, key: strangerKey.publicKey, roles }
const certificate = signDeviceCertificate(guestWords, deviceKey.privateKey, delegation)
const MISMATCH = 'the signature does not match'

function admitting(): Golden[] {
  const forged = signDeviceCertificate(guestWords, deviceKey.privateKey, lister)
  const own = signDeviceCertificate(guestWords, strangerKey.privateKey)
  return [
    accept('delegation', 'the market key lets a device admit and list', delegation),
    accept('certificate', 'an admitter admits a device', certificate),
    refuse('certificate', 'who may only list admits a device', forged, 'the signer may not admit'),
    ...receiptCases([
      ['of a stall that an admitter let in', certificate, 'accept'],
      ['of a stall that somebody let in who may not', forged, 'the signer may not admit'],
      ['of a stall that still waits', own, MISMATCH]
    ])
  ]
}

const members = {
  market: MARKET,
  epoch: 3,
  members: [{ device, stall: STALL, roles }],
  revoked: [{ device: guest, stall: GUEST, why: 'lost' as const, logs: [{ log: LOG, size: 4 }] }]
}
const list = signMembers(members, byDelegate)

const listing = (): Golden[] => [
  accept('entry', 'a list of members in a log', listed(list)),
  accept('members', 'a list by the market key', signMembers(members, byMarket)),
  accept('members', 'a list by a delegate', list),
  refuse('members', 'a list by a stranger', spoilt(list), MISMATCH)
]

async function asking(): Promise<Golden[]> {
  const operatorKey = reader.publicKey
  const ticketWords = { market: MARKET, marketKey: marketKey.publicKey, operatorKey }
  const ticket = signTicket({ ...ticketWords, expiresAt: OPENED_AT }, byMarket)
  const text = ticketText(ticket)
  const wrap = { vendorKey: reader.privateKey, reader: reader.publicKey, ephemeral: EPHEMERAL }
  const recovery = await wrapVendorKey({ ...wrap, device: guest })
  const requestWords = { market: MARKET, stall: GUEST, vendorKey: reader.publicKey, recovery }
  const request = signRequest({ ...requestWords, device: guest, ticket }, strangerKey.privateKey)
  const answer = { market: MARKET, device: guest, certificate, members: list, delegation: null }
  const whole = { ...answer, delegation, vendorKey: recovery }
  return [
    { name: 'a ticket', kind: 'ticket', expect: 'accept', given: text },
    { name: 'a cut ticket', kind: 'ticket', expect: 'not a ticket', given: text.slice(0, -4) },
    accept('request', 'a stall asks to be admitted', request),
    refuse('request', 'a stall asks for the key of another', spoilt(request), MISMATCH),
    accept('answer', 'a stall is admitted', signAnswer({ ...answer, vendorKey: null }, byDelegate)),
    accept('answer', "a board gets its vendor's key and may admit", signAnswer(whole, byMarket))
  ]
}

function showing(): Golden[] {
  const shown = { stall: STALL, key: deviceKey.publicKey, certificate: deviceCertificate }
  const x509 = writeX509(shown, deviceKey.privateKey)
  const noStall = Buffer.from(x509)
  noStall.write('+', noStall.lastIndexOf(`urn:stall:${STALL}`) + 'urn:stall:'.length)
  return [
    accept('x509', 'a device shows itself to TLS', x509),
    refuse('x509', 'a name that is a wildcard', noStall, 'a certificate of no stall'),
    refuse('x509', 'more bytes', Buffer.concat([x509, Buffer.of(0)]), MORE)
  ]
}

const MORE = 'more bytes after a part of a certificate'

/** The same words under a signature of nobody. */
const spoilt = (cose: Uint8Array): Uint8Array => Buffer.concat([cose.slice(0, -1), Buffer.of(0)])
