import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { Fault } from '../../node/core/ports.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import { ask, problemOf } from './ask.ts'
import { openTestStall } from './stall.ts'

/** What a connection says until it is closed. */
async function heard(port: number, talk: (socket: Socket) => void): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
  })
  await new Promise<void>(resolve => {
    socket.on('close', () => resolve())
    socket.on('error', () => {})
    socket.on('connect', () => talk(socket))
  })
  return text
}

const HEAD = 'Host: localhost\r\nContent-Type: application/json\r\n'
const sale = (id: string, quantity = 1) =>
  JSON.stringify({
    id: id.padStart(32, '0'),
    lines: [{ sku: 'bao', quantity }],
    tenders: [{ method: 'cash', amount: 650 }]
  })
const post = (body: string) =>
  `POST /api/v1/sales HTTP/1.1\r\n${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`

suite('connections', test => {
  test('a body of 1 MB is refused in words, not by a reset', async () => {
    const stall = await openTestStall()
    const answer = await ask({
      port: stall.server.port,
      method: 'POST',
      path: '/api/v1/sales',
      headers: { 'Content-Type': 'application/json' },
      body: 'x'.repeat(1_000_000)
    })
    assert.is(answer.code, 413)
    assert.is(problemOf(answer), 'body-too-large')
    assert.is(answer.headers['connection'], 'close')
    await stall.close()
  })

  test('a chunked body is counted as it comes', async () => {
    const stall = await openTestStall()
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`
    const text = await heard(stall.server.port, socket => {
      socket.write(`POST /api/v1/cash HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`)
      for (let count = 0; count < 5; count++) socket.write(chunk)
      socket.write('0\r\n\r\n')
    })
    assert.match(text, /^HTTP\/1.1 413 /)
    assert.match(text, /body-too-large/)
    await stall.close()
  })

  test('a body without end is given up after the answer', async () => {
    const stall = await openTestStall()
    const text = await heard(stall.server.port, socket => {
      socket.write(`POST /api/v1/cash HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`)
      const flood = () => {
        if (socket.writable) socket.write(`4000\r\n${' '.repeat(0x4000)}\r\n`, flood)
      }
      flood()
    })
    assert.match(text, /^HTTP\/1.1 413 /)
    await stall.close()
  })

  test('nobody is told to go on with a body that is too large', async () => {
    const stall = await openTestStall()
    const tooLarge = await heard(stall.server.port, socket => {
      socket.write(
        `POST /api/v1/cash HTTP/1.1\r\n${HEAD}Expect: 100-continue\r\nContent-Length: 99999\r\n\r\n`
      )
    })
    assert.match(tooLarge, /^HTTP\/1.1 413 /)
    const body = '{"amount": 1, "reason": "x"}'
    const fine = await heard(stall.server.port, socket => {
      socket.write(
        `POST /api/v1/cash HTTP/1.1\r\n${HEAD}Connection: close\r\n` +
          `Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`
      )
      socket.once('data', () => socket.write(body))
    })
    assert.match(fine, /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 409 /)
    await stall.close()
  })

  test('headers that trickle in are cut off at the deadline', async () => {
    const stall = await openTestStall({ limits: { headersMs: 100, requestMs: 200, checkMs: 20 } })
    const headers = await heard(stall.server.port, socket => {
      socket.write('GET /api/v1/items HTTP/1.1\r\nHost: local')
    })
    assert.match(headers, /^HTTP\/1.1 408 [\s\S]*request-timeout/)
    const body = await heard(stall.server.port, socket => {
      socket.write(`POST /api/v1/cash HTTP/1.1\r\n${HEAD}Content-Length: 20\r\n\r\n{"amount"`)
    })
    assert.match(body, /^HTTP\/1.1 408 [\s\S]*request-timeout/)
    await stall.close()
  })

  test('bytes that are not HTTP get a problem', async () => {
    const stall = await openTestStall()
    const { port } = stall.server
    const answers = [
      await heard(port, socket => socket.write('SELL 2 BAO\r\n\r\n')),
      await heard(port, socket => socket.write(`GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n`)),
      await heard(port, socket =>
        socket.write(
          `POST / HTTP/1.1\r\n${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`
        )
      ),
      await heard(port, socket =>
        socket.write(
          `POST /api/v1/cash HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`
        )
      )
    ]
    for (const text of answers) assert.match(text, /^HTTP\/1.1 400 [\s\S]*malformed-request/)
    const large = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`
    assert.match(await heard(port, socket => socket.write(large)), /^HTTP\/1.1 431 /)
    await stall.close()
  })

  test('no host, or two, is not this stall', async () => {
    const stall = await openTestStall()
    for (const hosts of ['', 'Host: localhost\r\nHost: evil.example\r\n']) {
      const text = await heard(stall.server.port, socket =>
        socket.write(`GET /api/v1/items HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`)
      )
      assert.match(text, /^HTTP\/1.1 421 /)
    }
    await stall.close()
  })

  test('pipelined requests are answered in order', async () => {
    const stall = await openTestStall()
    const text = await heard(stall.server.port, socket => {
      socket.write(post(sale('a1')) + post(sale('a2')) + post(sale('a1', 2)))
      socket.write('GET /api/v1/sales HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    })
    const codes = [...text.matchAll(/HTTP\/1.1 (\d+) /g)].map(([, code]) => code)
    assert.equal(codes, ['201', '201', '409', '200'])
    await stall.close()
  })

  test('a refusal does not cost the connection', async () => {
    const stall = await openTestStall()
    const get = (path: string, more = '') =>
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`
    const text = await heard(stall.server.port, socket => {
      socket.write(get('/nothing') + get('/api/v1/sales/x') + get('/api/v1/sales?limit=x'))
      socket.write(`${post('{}')}${get('/api/v1/health/live', 'Connection: close\r\n')}`)
    })
    const codes = [...text.matchAll(/HTTP\/1.1 (\d+) /g)].map(([, code]) => code)
    assert.equal(codes, ['404', '400', '400', '400', '200'])
    await stall.close()
  })

  test('nonsense after a sale is not taken for the answer to the sale', async () => {
    const stall = await openTestStall()
    const release = stall.holdWrites()
    const text = await heard(stall.server.port, socket => {
      socket.write(`${post(sale('a1'))}nonsense\r\n\r\n`)
    })
    assert.is(text, '')
    release()
    const answer = await ask({
      port: stall.server.port,
      method: 'POST',
      path: '/api/v1/sales',
      headers: { 'Content-Type': 'application/json' },
      body: sale('a1')
    })
    assert.ok(answer.code === 200 || answer.code === 425, answer.text)
    await stall.close()
  })

  test('the same sale while the first is under way is too early', async () => {
    const stall = await openTestStall()
    const release = stall.holdWrites()
    const asked = {
      port: stall.server.port,
      method: 'POST',
      path: '/api/v1/sales',
      headers: { 'Content-Type': 'application/json' },
      body: sale('a1')
    }
    const first = ask(asked)
    await until(() => stall.commands.length === 1)
    const early = await ask(asked)
    assert.is(early.code, 425)
    assert.is(early.headers['retry-after'], '1')
    release()
    assert.is((await first).code, 201)
    assert.is((await ask(asked)).code, 200)
    assert.is(stall.entries.filter(({ type }) => type === 'sold').length, 1)
    await stall.close()
  })

  test('whatever bytes come, the next device is answered', async () => {
    const stall = await openTestStall()
    const { port } = stall.server
    const sound = Buffer.from(post(sale('f1')))
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.nat(sound.length - 1), fc.nat(255)).map(([at, byte]) => {
        const copy = Buffer.from(sound)
        copy[at] = byte
        return copy
      }),
      fc.nat(sound.length).map(length => sound.subarray(0, length))
    )
    await fc.assert(
      fc.asyncProperty(bytes, async sent => {
        const text = await heard(port, socket => socket.end(sent))
        assert.ok(text === '' || /^HTTP\/1.1 (2|4)\d\d /.test(text), text)
        assert.is((await ask({ port, path: '/api/v1/health/live' })).code, 200)
      }),
      { seed: 20_260_801, numRuns: 150 }
    )
    assert.ok(stall.entries.filter(({ type }) => type === 'sold').length >= 1)
    await stall.close()
  })

  const lan = Object.values(networkInterfaces())
    .flat()
    .find(each => each?.family === 'IPv4' && !each.internal)?.address
  const noLan = lan === undefined ? 'a network' : false

  test.needs(noLan, 'silent connections of one phone leave the till its own', async () => {
    const stall = await openTestStall({
      host: '0.0.0.0',
      limits: { connectionsMax: 20, remoteConnectionsMax: 3 }
    })
    const { port } = stall.server
    const phone = Array.from({ length: 60 }, () => connect({ port, host: lan }))
    let cut = 0
    for (const socket of phone) socket.on('error', () => {}).on('close', () => cut++)
    await until(() => cut === 57)
    for (let at = 1; at <= 20; at++) {
      const id = String(at)
      const headers = { 'Content-Type': 'application/json' }
      const asked = { port, method: 'POST', path: '/api/v1/sales', headers, body: sale(id) }
      assert.is((await ask(asked)).code, 201)
    }
    assert.is(cut, 57)
    for (const socket of phone) socket.destroy()
    await until(() => cut === 60)
    await until(async () => {
      const answer = ask({ port, address: lan, path: '/api/v1/items' }).catch(() => undefined)
      return (await answer)?.code === 200
    })
    await stall.close()
  })

  test.needs(noLan, 'all the phones together leave the till its own', async () => {
    const stall = await openTestStall({
      host: '0.0.0.0',
      limits: { connectionsMax: 4, remoteConnectionsMax: 30 }
    })
    const { port } = stall.server
    const phones = Array.from({ length: 30 }, () => connect({ port, host: lan }))
    let cut = 0
    for (const socket of phones) socket.on('error', () => {}).on('close', () => cut++)
    await until(() => cut === 26)
    assert.is((await ask({ port, path: '/api/v1/stock' })).code, 200)
    for (const socket of phones) socket.destroy()
    await stall.close()
  })

  test('one phone behind a proxy cannot take every chair', async () => {
    const stall = await openTestStall({ limits: { remoteConnectionsMax: 2 } })
    const { port } = stall.server
    const idle = [1, 2].map(() => connect({ port, host: '127.0.0.1' }))
    await Promise.all(idle.map(socket => new Promise(resolve => socket.on('connect', resolve))))
    const headers = { Via: '1.1 proxy' }
    const crowded = await ask({ port, path: '/api/v1/items', headers })
    assert.is(crowded.code, 503)
    assert.is(problemOf(crowded), 'too-many-connections')
    assert.is((await ask({ port, path: '/api/v1/items' })).code, 200)
    for (const socket of idle) socket.destroy()
    await stall.close()
  })

  test('a port that rejects with a fault is an answer', async () => {
    const fix = 'Close other programs.'
    const message = 'Too many files are open.'
    const fault = new Fault({ code: 'files-open', message, fix, isRetryable: true })
    const proofs = { head: () => Promise.reject(fault), proof: () => Promise.reject(fault) }
    const stall = await openTestStall({ proofs })
    const { port } = stall.server
    const answer = await ask({ port, path: '/api/v1/log/0000000000000002/head' })
    assert.is(answer.code, 503)
    assert.is(problemOf(answer), 'files-open')
    assert.is((await ask({ port, path: '/api/v1/items' })).code, 200)
    await stall.close()
  })

  test('a port in use is a fault that says what to do', async () => {
    const first = await openTestStall()
    try {
      await openTestStall({ port: first.server.port })
      assert.unreachable('two servers have one port')
    } catch (error) {
      assert.instance(error, Fault)
      if (!(error instanceof Fault)) throw error
      assert.is(error.code, 'port-in-use')
      assert.match(error.message, `127.0.0.1:${first.server.port}`)
      assert.match(error.fix, '[till] port')
    }
    await first.close()
  })

  test('closing answers what is under way and cuts what does not end', async () => {
    const stall = await openTestStall({ limits: { closeMs: 300 } })
    const { port } = stall.server
    const release = stall.holdWrites()
    const waiting = ask({
      port,
      method: 'POST',
      path: '/api/v1/sales',
      headers: { 'Content-Type': 'application/json' },
      body: sale('a1')
    })
    const stuck = heard(port, socket => socket.write('GET / HTTP/1.1\r\nHost: loc'))
    await until(() => stall.commands.some(({ type }) => type === 'sell'))
    const closing = stall.server.close()
    release()
    assert.is((await waiting).code, 201)
    await stuck
    await closing
    await stall.node.close()
  })
})
