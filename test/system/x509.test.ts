/** The certificates that stalls show to TLS, as other people's programs see them. */
import { execFile, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import * as assert from 'uvu/assert'
import { noMembers } from '../../node/core/share/members.ts'
import {
  isPeer,
  openCredentials,
  type Peer,
  type PeerRefusal
} from '../../node/identity/credentials.ts'
import { pemOf } from '../../node/wire/x509.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { makeDevice, makeMarket } from '../identity/market.ts'
import { marketCases } from '../wire/golden-market.ts'

const isMissing = spawnSync('openssl', ['version']).error !== undefined
const missing = isMissing && 'openssl (apt-get install openssl)'

const openssl = (args: readonly string[], input?: string) => {
  const { status, stdout, stderr } = spawnSync('openssl', [...args], { input, encoding: 'utf8' })
  return { status, text: `${stdout}${stderr}` }
}

suite('X.509', test => {
  test.needs(missing, 'openssl reads the golden certificate as we wrote it', async () => {
    const golden = (await marketCases()).find(({ kind }) => kind === 'x509')
    const pem = pemOf(Buffer.from(golden?.given ?? '', 'hex'))
    const { status, text } = openssl(['x509', '-noout', '-text'], pem)
    assert.is(status, 0, text)
    for (const said of [
      'Version: 3 (0x2)',
      'Signature Algorithm: ED25519',
      'Not Before: Jan  1 00:00:00 1970 GMT',
      'Not After : Dec 31 23:59:59 9999 GMT',
      'Basic Constraints: critical\n                CA:FALSE',
      'Key Usage: critical\n                Digital Signature',
      'TLS Web Server Authentication, TLS Web Client Authentication',
      'URI:urn:stall:12',
      '2.25.29572119268230750328531272099807816687:'
    ]) {
      assert.match(text, said)
    }
    for (const name of ['Issuer', 'Subject']) assert.match(text, new RegExp(`${name}: CN ?= ?12\n`))
    // Each part is where DER wants it, and the signature is over the bytes that are there.
    assert.is(openssl(['asn1parse'], pem).status, 0)
    await inFolder(async dir => {
      const file = join(dir, 'device.pem')
      writeFileSync(file, pem)
      assert.match(
        openssl(['verify', '-x509_strict', '-check_ss_sig', '-CAfile', file, file]).text,
        'OK'
      )
    })
  })

  test.needs(missing, 'openssl s_client meets a stall, with a certificate and without', () =>
    inFolder(async dir => {
      const market = makeMarket()
      const [hub, guest] = [
        market.admit(await makeDevice(dir, 'hub')),
        market.admit(await makeDevice(dir, 'stall-7'))
      ].map(device => openCredentials(device, () => noMembers(market.name)))
      if (!hub || !guest) throw new Error('Two stalls were made')
      const [key, cert, ca] = ['guest.key', 'guest.pem', 'hub.pem'].map(name => join(dir, name))
      writeFileSync(String(key), guest.tls.key)
      writeFileSync(String(cert), guest.tls.cert)
      writeFileSync(String(ca), hub.tls.cert)
      const judged: (Peer | PeerRefusal)[] = []
      const server = createServer(hub.tls, socket => {
        judged.push(hub.verifyPeer(socket.getPeerX509Certificate()?.raw))
        socket.on('error', () => {}).end('hello\n')
      })
      await new Promise<void>(settle => server.listen(0, '127.0.0.1', settle))
      try {
        const { port } = server.address() as AddressInfo
        const dial = ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_3', '-CAfile', String(ca)]
        const shown = ['-cert', String(cert), '-key', String(key)]
        const said = await run([...dial, '-verify_return_error', ...shown])
        assert.match(said, 'Verification: OK')
        assert.match(said, /Peer signature type: ed25519/i)
        // The names of authorities would be 17 kB in each handshake.
        assert.match(said, 'No client certificate CA names sent')
        await run(dial)
        assert.equal(
          judged.map(each => (isPeer(each) ? each.stall : each.refused)),
          ['stall-7', 'no-certificate']
        )
      } finally {
        server.close()
      }
    })
  )
})

const run = (args: readonly string[]): Promise<string> =>
  new Promise(settle => {
    const child = execFile('openssl', [...args], { encoding: 'utf8' }, (_, out, err) =>
      settle(out + err)
    )
    child.stdin?.end()
  })
