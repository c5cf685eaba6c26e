import { networkInterfaces } from 'node:os'
import * as assert from 'uvu/assert'
import { openLimiter } from '../../node/http/access.ts'
import type { Role } from '../../node/http/route.ts'
import { routes } from '../../node/http/routes.ts'
import { suite } from '../harness.ts'
import { ask, problemOf } from './ask.ts'
import { openTestStall, ROLES, roleByHeader } from './stall.ts'

/** Row by row: who may call what besides the keeper, who may call all but the hub's. */
const OTHERS: Readonly<Record<string, readonly Role[]>> = {
  'GET /api/v1/items': ['customer', 'helper', 'technician', 'hub'],
  'GET /api/v1/prices': ['customer', 'helper', 'technician', 'hub'],
  'GET /api/v1/stock': ['helper'],
  'POST /api/v1/stock': [],
  'POST /api/v1/sales': ['helper'],
  'GET /api/v1/sales': ['helper'],
  'GET /api/v1/sales/{id}': ['helper'],
  'POST /api/v1/sales/{id}/void': ['helper'],
  'POST /api/v1/sales/{id}/copy': ['helper'],
  'POST /api/v1/sales/{id}/print-outcome': ['helper'],
  'GET /api/v1/devices': ['technician'],
  'POST /api/v1/devices/{name}/fault': ['technician'],
  'POST /api/v1/scans/claim': ['helper'],
  'POST /api/v1/drawer/open': ['helper'],
  'POST /api/v1/baskets': ['helper'],
  'POST /api/v1/baskets/{id}/take': ['helper'],
  'POST /api/v1/sessions/open': [],
  'POST /api/v1/sessions/close': [],
  'POST /api/v1/cash': [],
  'GET /api/v1/reports/x': [],
  'GET /api/v1/reports/z/{n}': [],
  'GET /api/v1/entries': [],
  'GET /api/v1/log/{log}/head': ['customer', 'helper', 'technician', 'hub'],
  'GET /api/v1/log/{log}/proof/{seq}': ['customer', 'helper', 'technician', 'hub'],
  'GET /api/v1/live': ['helper'],
  'GET /api/v1/health/live': ['customer', 'helper', 'technician', 'hub'],
  'GET /api/v1/health/ready': ['customer', 'helper', 'technician', 'hub'],
  'GET /api/v1/health/detail': ['technician'],
  'GET /api/v1/metrics': ['technician'],
  'GET /api/v1/openapi.json': ['customer', 'helper', 'technician', 'hub']
}

const FILLED: Readonly<Record<string, string>> = {
  name: 'printer',
  id: '000000000000000000000000000000ff',
  n: '1',
  log: '0000000000000002',
  seq: '0'
}

const fill = (path: string) => path.replace(/\{(\w+)\}/g, (_, name) => FILLED[name] ?? '')

suite('access', test => {
  test('every call answers to exactly the roles that may use it', async () => {
    const stall = await openTestStall(
      { roleOf: roleByHeader, limits: { customerBurst: 1_000 } },
      'simulated'
    )
    assert.equal(
      routes.map(({ method, path }) => `${method} ${path}`).sort(),
      Object.keys(OTHERS).sort()
    )
    for (const { method, path } of routes) {
      const allowed = [...(OTHERS[`${method} ${path}`] ?? []), 'keeper']
      for (const role of ROLES) {
        const answer = await ask({
          port: stall.server.port,
          method,
          path: fill(path),
          headers: { As: role }
        })
        const isRefused = answer.code === 403 && problemOf(answer) === 'not-here'
        assert.is(isRefused, !allowed.includes(role), `${role}: ${method} ${path} ${answer.text}`)
        assert.not.ok(answer.code === 500, answer.text)
      }
    }
    await stall.close()
  })

  test('a device that comes through a proxy on this machine is a customer', async () => {
    const stall = await openTestStall()
    const { port } = stall.server
    assert.is((await ask({ port, path: '/api/v1/stock' })).code, 200)
    const names = ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Real-IP', 'Forwarded', 'Via']
    for (const name of names) {
      const headers = { [name]: '203.0.113.9' }
      assert.is((await ask({ port, path: '/api/v1/stock', headers })).code, 403, name)
      assert.is((await ask({ port, path: '/api/v1/items', headers })).code, 200, name)
    }
    await stall.close()
  })

  const lan = Object.values(networkInterfaces())
    .flat()
    .find(each => each?.family === 'IPv4' && !each.internal)?.address

  test.needs(lan === undefined ? 'a network' : false, 'the network is all customers', async () => {
    const closed = await openTestStall({ host: '0.0.0.0' })
    const asked = { port: closed.server.port, address: lan }
    assert.is((await ask({ ...asked, path: '/api/v1/items' })).code, 200)
    assert.is(problemOf(await ask({ ...asked, path: '/api/v1/stock' })), 'not-here')
    assert.is(problemOf(await ask({ ...asked, path: '/api/v1/live' })), 'not-here')
    await closed.close()
    const open = await openTestStall({ host: '0.0.0.0', isOpenToLan: true })
    const path = '/api/v1/stock'
    assert.is((await ask({ port: open.server.port, address: lan, path })).code, 200)
    await open.close()
  })

  test('only names and addresses of this stall are answered', async () => {
    const stall = await openTestStall()
    const { port } = stall.server
    const codeFor = async (Host: string) =>
      (await ask({ port, path: '/api/v1/items', headers: { Host } })).code
    for (const host of ['127.0.0.1', 'localhost:8080', 'Stall-12.LOCAL', 'stall-12.local.:80']) {
      assert.is(await codeFor(host), 200, host)
    }
    const strangers = ['evil.example', '127.0.0.2', '[::1]', 'stall-12.local@evil', 'a b', '.']
    for (const host of strangers) assert.is(await codeFor(host), 421, host)
    await stall.close()
  })

  test('another site can neither send nor listen', async () => {
    const stall = await openTestStall()
    const { port } = stall.server
    const codeFor = async (headers: Readonly<Record<string, string>>, path: string) => {
      const method = path.endsWith('/copy') ? 'POST' : 'GET'
      return (await ask({ port, method, path: `/api/v1/${path}`, headers })).code
    }
    const copy = 'sales/000000000000000000000000000000ff/copy'
    const own = `http://127.0.0.1:${port}`
    for (const path of [copy, 'live', 'entries']) {
      const wanted = path === copy ? 404 : 200
      assert.is(await codeFor({}, path), wanted)
      assert.is(await codeFor({ Origin: own, 'Sec-Fetch-Site': 'same-origin' }, path), wanted)
      assert.is(await codeFor({ Origin: own }, path), wanted)
      assert.is(await codeFor({ Origin: 'http://evil.example' }, path), 403)
      assert.is(await codeFor({ Origin: 'null' }, path), 403)
      assert.is(await codeFor({ Origin: 'http://127.0.0.1:1' }, path), 403)
      assert.is(await codeFor({ 'Sec-Fetch-Site': 'cross-site' }, path), 403)
      assert.is(await codeFor({ 'Sec-Fetch-Site': 'same-site' }, path), 403)
    }
    // A link from elsewhere may show what anybody may see.
    assert.is(await codeFor({ 'Sec-Fetch-Site': 'cross-site' }, 'items'), 200)
    await stall.close()
  })

  test('a customer who asks too fast waits, and the keeper does not', async () => {
    const stall = await openTestStall({ limits: { customerBurst: 3, customerPerSecond: 0.001 } })
    const { port } = stall.server
    const path = '/api/v1/items'
    const headers = { Via: '1.1 proxy' }
    for (let count = 0; count < 3; count++) {
      assert.is((await ask({ port, path, headers })).code, 200)
    }
    const answer = await ask({ port, path, headers })
    assert.is(answer.code, 429)
    assert.ok(Number(answer.headers['retry-after']) > 1)
    assert.is((await ask({ port, path })).code, 200)
    await stall.close()
  })

  test('buckets fill again, an IPv6 network is one, and the table has a limit', () => {
    let nowMs = 0
    const limiter = openLimiter({ now: () => nowMs, burst: 2, perSecond: 1, remotesMax: 2 })
    const isFree = (remote: string) => limiter(remote) === undefined
    assert.equal([isFree('a'), isFree('a'), isFree('a')], [true, true, false])
    nowMs = 1_000
    assert.equal([isFree('a'), isFree('a')], [true, false])
    assert.ok(isFree('2001:db8:1:2::1') && isFree('2001:db8:1:2::2'))
    assert.not.ok(isFree('2001:db8:1:2::3'))
    assert.ok(isFree('b'))
    // 'a' was seen longest ago, so it is forgotten and begins anew.
    assert.ok(isFree('a'))
  })
})
