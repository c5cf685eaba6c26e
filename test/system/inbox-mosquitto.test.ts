/** mosquitto's own clients at the door for peers, with and without a certificate. */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as assert from 'uvu/assert'
import type { Inbox } from '../../broker/inbox.ts'
import type { Link } from '../../node/core/ports.ts'
import { type Alley, type Member, openAlley, openInboxOf } from '../broker/members.ts'
import { type Held, hold } from '../contract/link.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { makeMarket } from '../identity/market.ts'
import { until } from '../wait.ts'

const isMissing = spawnSync('mosquitto_sub', ['--help']).error !== undefined
const missing = isMissing && 'mosquitto-clients (apt-get install mosquitto-clients)'
const run = promisify(execFile)

suite("mosquitto's clients as peers", test => {
  let alley: Alley
  let here: Member
  let inbox: Inbox
  let taken: Held[]
  test.before(async () => {
    alley = await openAlley()
    here = await alley.admit('here')
    taken = []
    inbox = await openInboxOf(here, (link: Link) => {
      const held = hold(link)
      taken.push(held)
      return held
    })
  })
  test.after(async () => {
    await inbox.close()
    await alley.remove()
  })

  /** Arguments of a client; it trusts this one broker, whose certificate nobody signed for it. */
  const where = async (dir: string, member: Member | null, id = 'guest') => {
    const file = async (name: string, text: string) => {
      await writeFile(join(dir, name), text)
      return join(dir, name)
    }
    const trusted = ['--cafile', await file('here.pem', here.credentials.tls.cert), '--insecure']
    const { cert = '', key = '' } = member?.credentials.tls ?? {}
    return [
      ...['-h', '127.0.0.1', '-p', String(inbox.port), '-i', id, '--tls-version', 'tlsv1.3'],
      ...trusted,
      ...(member ? ['--cert', await file('cert.pem', cert), '--key', await file('key', key)] : [])
    ]
  }
  const isTaken = async (options: readonly string[], topic: string): Promise<boolean> =>
    run('mosquitto_pub', [...options, '-q', '1', '-t', topic, '-m', '1'], { timeout: 10_000 }).then(
      () => true,
      () => false
    )

  test.needs(missing, 'a member reads its own outbox and writes into its own inbox', () =>
    inFolder(async dir => {
      const options = await where(dir, await alley.admit('guest'))
      const program = spawn('mosquitto_sub', [...options, '-t', 'm1/to/guest/+', '-v'])
      let said = ''
      program.stdout.on('data', bytes => {
        said += String(bytes)
      })
      try {
        await until(() => taken.length === 1)
        await until(() => taken[0]?.link.send('note', Buffer.from('news')) === true)
        await until(() => said === 'm1/to/guest/note news\n')
      } finally {
        program.kill()
      }
      await until(() => taken[0]?.downs.length === 1)
      assert.ok(await isTaken(options, 'm1/in/guest/note'))
    })
  )

  test.needs(missing, 'nobody publishes elsewhere, or reads what is not theirs', () =>
    inFolder(async dir => {
      const options = await where(dir, await alley.admit('guest'))
      for (const topic of ['m1/in/here/note', 'm1/to/guest/note', 'stall/here/sale', 'x']) {
        assert.not(await isTaken(options, topic), topic)
      }
      for (const filter of ['#', 'm1/#', 'm1/to/here/+', 'm1/in/+/+']) {
        const ended = await run('mosquitto_sub', [...options, '-t', filter, '-W', '5']).then(
          ({ stderr }) => stderr,
          error => String(error.stderr)
        )
        assert.match(ended, 'denied', filter)
      }
      assert.equal(taken, [])
    })
  )

  test.needs(missing, 'strangers do not come in, whatever they call themselves', () =>
    inFolder(async dir => {
      const guest = await alley.admit('guest')
      const foreign = await alley.admit('guest', makeMarket('other.example'))
      assert.not(await isTaken(await where(dir, null), 'm1/in/guest/note'))
      assert.not(await isTaken(await where(dir, foreign), 'm1/in/guest/note'))
      assert.not(await isTaken(await where(dir, guest, 'here'), 'm1/in/here/note'))
      assert.ok(await isTaken(await where(dir, guest), 'm1/in/guest/note'))
    })
  )
})
