import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import * as assert from 'uvu/assert'
import { type Members, noMembers } from '../../node/core/share/members.ts'
import {
  type Credentials,
  isPeer,
  openCredentials,
  type Peer,
  type PeerRefusal
} from '../../node/identity/credentials.ts'
import type { Device } from '../../node/identity/device.ts'
import { signDelegation } from '../../node/wire/certificate.ts'
import { writeX509 } from '../../node/wire/x509.ts'
import { suite } from '../harness.ts'
import { keyOf, type MadeMarket, makeDevice, makeMarket } from './market.ts'

let dir = ''
let market: MadeMarket
let own: Device

const member = (device: Device, stall = device.stall) => ({
  device: keyOf(device),
  stall,
  roles: ['stall'] as const
})
const revoked = (device: Device) => ({
  device: keyOf(device),
  stall: device.stall,
  why: 'lost' as const,
  logs: []
})

/** What one stall makes of the certificate of another. */
function judge(shown: Device, members: Partial<Members> = {}): Peer | PeerRefusal {
  const list = { ...noMembers(market.name), ...members }
  return openCredentials(own, () => list).verifyPeer(derOf(shown))
}

const derOf = ({ stall, publicKey, privateKey, certificate }: Device) =>
  writeX509({ stall, key: publicKey, certificate }, privateKey)

const refusedAs = (judged: Peer | PeerRefusal) => (isPeer(judged) ? judged.stall : judged.refused)

suite('credentials', test => {
  test.before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'credentials-'))
    market = makeMarket()
    own = market.admit(await makeDevice(dir, 'stall-1'))
  })
  test.after(() => rmSync(dir, { recursive: true }))

  test('two members meet over TLS 1.3, each with the key it was admitted with', async () => {
    const other = market.admit(await makeDevice(dir, 'stall-2'))
    const [here, there] = [own, other].map(device =>
      openCredentials(device, () => noMembers(market.name))
    ) as [Credentials, Credentials]
    const [dialled, dialling] = await shake(here, there)
    assert.equal([dialled, dialling].map(refusedAs), ['stall-2', 'stall-1'])
    assert.ok(isPeer(dialled))
    assert.is(dialled.device, keyOf(other))
  })

  test('who an admitter let in is a member, listed or not', async () => {
    const admitter = market.delegate(own, 'admit')
    const late = market.admit(await makeDevice(dir, 'stall-9'), admitter)
    assert.is(refusedAs(judge(late)), 'stall-9')
    assert.is(refusedAs(judge(late, { members: [member(late)] })), 'stall-9')
  })

  test('what is no certificate is refused as such', () => {
    const { verifyPeer } = openCredentials(own, () => noMembers(market.name))
    assert.is(refusedAs(verifyPeer(undefined)), 'no-certificate')
    assert.is(refusedAs(verifyPeer(Buffer.alloc(0))), 'malformed')
    assert.is(refusedAs(verifyPeer(Buffer.alloc(5_000, 0x30))), 'malformed')
    for (let end = 0; end < derOf(own).length; end += 7) {
      assert.is(refusedAs(verifyPeer(derOf(own).subarray(0, end))), 'malformed', `cut at ${end}`)
    }
  })

  test('a stall of another market is refused, and says of which', async () => {
    const stranger = makeMarket('other.example').admit(await makeDevice(dir, 'stall-2'))
    const judged = judge(stranger)
    assert.is(refusedAs(judged), 'other-market')
    assert.is(!isPeer(judged) && judged.market, 'other.example')
  })

  test('a forged certificate is refused: same name, other key', async () => {
    const forged = makeMarket(market.name).admit(await makeDevice(dir, 'stall-2'))
    assert.is(refusedAs(judge(forged)), 'uncertified')
  })

  test("nobody passes with another's certificate, or under another name", async () => {
    const [mine, theirs] = [await makeDevice(dir, 'stall-2'), await makeDevice(dir, 'stall-3')]
    const { certificate } = market.admit(theirs)
    assert.is(refusedAs(judge({ ...mine, certificate })), 'uncertified')
    assert.is(refusedAs(judge({ ...theirs, certificate, stall: 'stall-2' })), 'uncertified')
    const namesake = await makeDevice(dir, 'stall-3')
    assert.is(refusedAs(judge({ ...namesake, certificate })), 'uncertified')
    // It would be a wildcard in the topics of links.
    assert.is(refusedAs(judge({ ...market.admit(theirs), stall: '+' })), 'malformed')
  })

  test('who may not admit cannot let anybody in', async () => {
    const candidate = await makeDevice(dir, 'stall-2')
    const lister = market.delegate(own, 'list')
    assert.is(refusedAs(judge(market.admit(candidate, lister))), 'uncertified')
    const stranger = makeMarket().delegate(own, 'admit')
    assert.is(refusedAs(judge(market.admit(candidate, stranger))), 'uncertified')
    // One key may serve two markets; an admitter of one does not let in to the other.
    const { privateKey } = market.key
    const words = { market: 'other.example', key: own.publicKey, duties: ['admit'] as const }
    const elsewhere = { device: own, delegation: signDelegation(words, privateKey) }
    assert.is(refusedAs(judge(market.admit(candidate, elsewhere))), 'uncertified')
  })

  test('a device that was shut out is refused, whatever it shows', async () => {
    const out = market.admit(await makeDevice(dir, 'stall-2'))
    assert.is(refusedAs(judge(out, { revoked: [revoked(out)] })), 'revoked')
  })

  test('what a device admitted that is shut out counts where the list names it', async () => {
    const bad = await makeDevice(dir, 'stall-2')
    const guest = market.admit(await makeDevice(dir, 'stall-3'), market.delegate(bad, 'admit'))
    assert.is(refusedAs(judge(guest, { revoked: [revoked(bad)] })), 'admitter-revoked')
    const listed = { members: [member(guest)], revoked: [revoked(bad)] }
    assert.is(refusedAs(judge(guest, listed)), 'stall-3')
  })

  test('a renamed stall goes by its old name until somebody else has it', async () => {
    const renamed = market.admit(await makeDevice(dir, 'stall-2'))
    const heir = market.admit(await makeDevice(dir, 'stall-2'))
    const row = member(renamed, 'stall-20')
    assert.is(refusedAs(judge(renamed, { members: [row] })), 'stall-2')
    assert.is(refusedAs(judge(renamed, { members: [row, member(heir)] })), 'renamed')
    assert.is(refusedAs(judge(heir, { members: [row, member(heir)] })), 'stall-2')
  })
})

/** One handshake, and what both sides make of it. */
async function shake(
  here: Credentials,
  there: Credentials
): Promise<readonly [dialled: Peer | PeerRefusal, dialling: Peer | PeerRefusal]> {
  const server = createServer(here.tls)
  await new Promise<void>(settle => server.listen(0, '127.0.0.1', settle))
  try {
    const { port } = server.address() as AddressInfo
    const dialled = new Promise<Peer | PeerRefusal>(settle =>
      server.once('secureConnection', socket => {
        settle(here.verifyPeer(socket.getPeerX509Certificate()?.raw))
        socket.end()
      })
    )
    const dialling = new Promise<Peer | PeerRefusal>((settle, reject) => {
      const socket = connect({ port, host: '127.0.0.1', ...there.tls }, () => {
        assert.is(socket.getProtocol(), 'TLSv1.3')
        settle(there.verifyPeer(socket.getPeerX509Certificate()?.raw))
        socket.end()
      })
      socket.on('error', reject).resume()
    })
    return await Promise.all([dialled, dialling])
  } finally {
    server.close()
  }
}
