import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { EntryOf } from '../../node/core/entry.ts'
import { openDevice } from '../../node/identity/device.ts'
import { openLogKeyring } from '../../node/identity/log.ts'
import { admit, openMarket } from '../../node/identity/market.ts'
import { verifyDeviceCertificate, verifyLogOpened } from '../../node/wire/certificate.ts'
import { signHead, verifyHead } from '../../node/wire/checkpoint.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import { pooledRandom } from '../../node/wire/seal.ts'
import { faultOf } from '../fault.ts'
import { type Suite, suite } from '../harness.ts'

type Define = (test: Suite) => void

const random = pooledRandom()
let dir = ''
const keys = () => join(dir, 'keys')
const open = (stall = '12') => openDevice({ dir: keys(), dataDir: dir, stall, random })

const tests: Define = test => {
  test('a first boot makes keys that only their owner may read, and a market', async () => {
    const device = await open()
    assert.match(device.market, /^dev\.[0-9a-f]{8}$/)
    const marketKey = verifyingKey(device.marketKey)
    assert.is(verifyDeviceCertificate(device.certificate, marketKey).stall, '12')
    const secret = readdirSync(keys()).filter(name => name.endsWith('.key'))
    assert.equal(secret.toSorted(), ['device.key', 'market.key', 'operator.key', 'vendor.key'])
    for (const name of secret) assert.is(statSync(join(keys(), name)).mode & 0o777, 0o600)
  })

  test('the next boot finds the same device', async () => {
    const [first, again] = [await open(), await open()]
    assert.equal(again.publicKey, first.publicKey)
    assert.equal(again.certificate, first.certificate)
    assert.is(again.market, first.market)
    assert.equal(again.readers, first.readers)
  })

  test('a power cut at any file of the first boot is made good by the next', async () => {
    await open()
    const order = ['device.cert', 'market.pub', 'device.key', 'operator.key', 'vendor.key']
    for (const name of order) {
      rmSync(join(keys(), name))
      writeFileSync(join(keys(), `${name}.new`), 'half a fi')
      const device = await open()
      assert.is(device.stall, '12', `cut at ${name}`)
      for (const made of order.slice(0, order.indexOf(name) + 1)) rmSync(join(keys(), made))
    }
  })

  for (const books of ['own', 'snapshot']) {
    test(`no new keys are made beside ${books}`, async () => {
      mkdirSync(join(dir, books))
      const fault = await faultOf(open())
      assert.is(fault.code, 'keys-missing')
      assert.match(fault.message, 'The keys of this stall are missing, its books are here')
      assert.not(existsSync(keys()))
    })
  }

  test('the data folder of another stall is named as such', async () => {
    await open('12')
    const fault = await faultOf(open('7'))
    assert.is(fault.code, 'foreign-data')
    assert.match(fault.message, /data folder of another stall/)
    assert.match(fault.fix, /set the stall's id back to "12"/)
    assert.is((await open('12')).stall, '12')
  })

  for (const name of ['device.key', 'vendor.key', 'operator.key', 'market.pub']) {
    test(`a damaged ${name} is a fault, so is a missing one; neither is made anew`, async () => {
      await open()
      writeFileSync(join(keys(), name), '-----BEGIN PRIVATE KEY-----\nAAAA\n')
      assert.is((await faultOf(open())).code, 'damaged-key')
      rmSync(join(keys(), name))
      const fault = await faultOf(open())
      assert.is(fault.code, 'damaged-key')
      assert.ok(fault.message.includes(name))
      assert.not.ok(readdirSync(keys()).includes(name))
    })
  }

  test('keys of two stalls in one folder are a fault', async () => {
    await open()
    const other = join(dir, 'other')
    await openDevice({ dir: other, dataDir: dir, stall: '12', random })
    for (const name of ['device.key', 'market.pub', 'device.cert']) {
      const own = readFileSync(join(keys(), name))
      writeFileSync(join(keys(), name), readFileSync(join(other, name)))
      assert.is((await faultOf(open())).code, 'foreign-keys', name)
      writeFileSync(join(keys(), name), own)
    }
  })

  test('a damaged certificate is a fault', async () => {
    await open()
    writeFileSync(join(keys(), 'device.cert'), '')
    assert.is((await faultOf(open())).code, 'foreign-keys')
  })

  test('a folder that cannot be used is a fault that may pass', async () => {
    writeFileSync(keys(), 'a file where the folder should be')
    const fault = await faultOf(open())
    assert.is(fault.code, 'keys-unreachable')
    assert.ok(fault.isRetryable)
  })

  test('a market with a name admits devices', async () => {
    const market = await openMarket({ dir: keys(), name: 'market.example', random })
    const key = (await openDevice({ dir: join(dir, 'other'), dataDir: dir, stall: '9', random }))
      .publicKey
    const certificate = admit(market, { stall: '9', key, roles: ['stall', 'hub'] })
    const read = verifyDeviceCertificate(certificate, verifyingKey(market.publicKey))
    assert.equal([read.market, read.stall, read.roles], ['market.example', '9', ['stall', 'hub']])
  })
}

const ring = async (bootId = 'first boot') =>
  openLogKeyring({ device: await open(), runDir: join(dir, 'run'), bootId, random })
const FIRST = { counter: 1, previous: null }

const logTests: Define = test => {
  test('a new log is certified from the market key down to its heads', async () => {
    const { marketKey, begin, contentKeyOf } = await ring()
    const { keys, opening } = await begin(FIRST)
    const opened: EntryOf<'logOpened'> = {
      ...{ log: keys.log, seq: 0, at: 0, type: 'logOpened', monoMs: 0 },
      ...FIRST,
      ...opening
    }
    const chain = verifyLogOpened(opened, marketKey)
    assert.is(chain.market, keys.market)
    const head = { log: keys.log, size: 1, root: Buffer.alloc(32) }
    const signature = signHead(keys.market, head, keys.logKey)
    assert.ok(verifyHead({ ...chain, head: { ...head, signature } }))
    assert.equal(Buffer.from((await contentKeyOf(opened)) ?? ''), Buffer.from(keys.contentKey))
    assert.is(await contentKeyOf({ ...opened, wraps: [] }), undefined)
    await keys.close()
  })

  test('a restart within the boot goes on with the log and knows what was published', async () => {
    const { keys } = await (await ring()).begin(FIRST)
    keys.publish(5)
    keys.publish(3)
    await keys.close()
    const current = await (await ring()).current()
    assert.is(current?.log, keys.log)
    assert.is(current?.publishedSize(), 5)
    assert.equal(current?.contentKey, keys.contentKey)
    current?.publish(6)
    await current?.close()
    const later = await (await ring()).current()
    assert.is(later?.publishedSize(), 6)
    await later?.close()
  })

  test('a log that was given up stays given up', async () => {
    const { keys } = await (await ring()).begin(FIRST)
    keys.publish(5)
    keys.abandon()
    await keys.close()
    const current = await (await ring()).current()
    assert.ok(current?.isAbandoned())
    assert.is(current?.publishedSize(), 5)
    await current?.close()
  })

  test('another boot has no log yet, and a damaged folder neither', async () => {
    const { keys } = await (await ring()).begin(FIRST)
    await keys.close()
    assert.is(await (await ring('second boot')).current(), undefined)
    const [device = ''] = readdirSync(join(dir, 'run'))
    for (const name of ['log.size', 'log.key']) {
      writeFileSync(join(dir, 'run', device, name), 'damaged')
      assert.is(await (await ring()).current(), undefined, name)
    }
  })

  test('two logs share nothing', async () => {
    const { begin } = await ring()
    const [one, two] = [(await begin(FIRST)).keys, (await begin(FIRST)).keys]
    assert.is.not(one.log, two.log)
    assert.not.equal(one.contentKey, two.contentKey)
    await Promise.all([one.close(), two.close()])
  })

  test('two stalls on one machine keep apart', async () => {
    const { keys } = await (await ring()).begin(FIRST)
    const device = await openDevice({ dir: join(dir, 'other'), dataDir: dir, stall: '13', random })
    const other = openLogKeyring({ device, runDir: join(dir, 'run'), bootId: 'first boot', random })
    assert.is(await other.current(), undefined)
    await keys.close()
  })
}

/** Each test has a folder of its own. */
const inFolder =
  (define: Define): Define =>
  test => {
    test.before(() => {
      dir = mkdtempSync(join(tmpdir(), 'identity-'))
    })
    test.after(() => rmSync(dir, { recursive: true }))
    define(test)
  }

suite('identity', inFolder(tests))
suite('log keys', inFolder(logTests))
