import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import * as assert from 'uvu/assert'
import { openPages, policyOf } from '../../node/http/pages.ts'
import { suite } from '../harness.ts'
import { ask, problemOf } from './ask.ts'
import { openTestStall } from './stall.ts'

const SCRIPT = 'document.title = "checked"; '.repeat(20)
const TILL =
  '<!doctype html><link rel="stylesheet" href="/assets/till-Ab12_Cd3.css">' +
  '<script type="module" src="/assets/till-Ab12-Cd3.js"></script>'
const CHECK =
  '<!doctype html><meta name="stallmesh-market" content="" /><style>p{margin:0}</style>' +
  `<script type="module">${SCRIPT}</script>`

async function build(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pages-'))
  await mkdir(join(folder, 'till'))
  await mkdir(join(folder, 'assets'))
  const till = 'console.log("till");'.repeat(100)
  await writeFile(join(folder, 'till/index.html'), TILL)
  await writeFile(join(folder, 'check.html'), CHECK)
  await writeFile(join(folder, 'check.html.gz'), gzipSync(CHECK))
  await writeFile(join(folder, 'manifest.json'), '{}')
  await writeFile(join(folder, 'assets/till-Ab12-Cd3.js'), till)
  await writeFile(join(folder, 'assets/till-Ab12-Cd3.js.gz'), gzipSync(till))
  await writeFile(join(folder, 'assets/icon.svg'), '<svg/>')
  return folder
}

suite('pages', test => {
  test('the till, its parts and the check page are served as they were built', async () => {
    const folder = await build()
    const stall = await openTestStall({ assets: { folder, marketKey: 'AQID+/=' } })
    const { port } = stall.server
    const till = await ask({ port, path: '/' })
    assert.equal([till.code, till.text], [200, TILL])
    assert.is(till.headers['cache-control'], 'public, max-age=86400, immutable')
    assert.match(
      String(till.headers['content-security-policy']),
      "script-src 'self'; style-src 'self'"
    )

    const check = await ask({ port, path: '/r', headers: { 'Accept-Encoding': 'br, gzip' } })
    assert.is(check.headers['content-encoding'], 'gzip')
    const plain = await ask({ port, path: '/r' })
    assert.match(plain.text, '<meta name="stallmesh-market" content="AQID+/=" />')
    const hash = createHash('sha256').update(SCRIPT).digest('base64')
    assert.match(String(plain.headers['content-security-policy']), `script-src 'sha256-${hash}';`)

    const script = await ask({ port, path: '/assets/till-Ab12-Cd3.js' })
    assert.is(script.headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.is(script.headers['content-type'], 'text/javascript; charset=utf-8')
    const again = await ask({
      port,
      path: '/assets/till-Ab12-Cd3.js',
      headers: { 'If-None-Match': String(script.headers['etag']) }
    })
    assert.equal([again.code, again.text], [304, ''])
    const icon = await ask({ port, path: '/assets/icon.svg' })
    assert.is(icon.headers['cache-control'], 'public, max-age=3600')
    await stall.close()
    await rm(folder, { recursive: true })
  })

  test('no path leads out of the pages, and the till is not for strangers', async () => {
    const folder = await build()
    const stall = await openTestStall({ assets: { folder, marketKey: '' } })
    const { port } = stall.server
    const paths = ['/../package.json', '/%2e%2e/package.json', '/manifest.json', '/check.html.gz']
    for (const path of paths) assert.is((await ask({ port, path })).code, 404, path)
    assert.is((await ask({ port, path: '/', method: 'POST' })).code, 404)
    const headers = { Via: '1.1 proxy' }
    assert.is(problemOf(await ask({ port, path: '/', headers })), 'not-here')
    assert.is((await ask({ port, path: '/r', headers })).code, 200)
    assert.is((await ask({ port, path: '/assets/icon.svg', headers })).code, 200)
    await stall.close()
    await rm(folder, { recursive: true })
  })

  test('who types an address is answered in a page, and not without end', async () => {
    const folder = await build()
    const limits = { customerBurst: 2, customerPerSecond: 0.001 }
    const stall = await openTestStall({ assets: { folder, marketKey: '' }, limits })
    const { port } = stall.server
    const headers = { Via: '1.1 proxy', Accept: 'text/html,*/*;q=0.8' }
    const refused = await ask({ port, path: '/', headers })
    assert.equal([refused.code, refused.headers['content-type']], [403, 'text/html; charset=utf-8'])
    assert.match(refused.text, '<h1>Only at the stall itself</h1>')
    assert.is(problemOf(await ask({ port, path: '/api/v1/stock', headers })), 'not-here')
    assert.is((await ask({ port, path: '/<b>', headers })).text.includes('<b>'), false)
    const codes: number[] = []
    for (let count = 0; count < 3; count++) {
      codes.push((await ask({ port, path: '/r', headers })).code)
    }
    assert.equal(codes, [200, 200, 429])
    await stall.close()
    await rm(folder, { recursive: true })
  })

  test('a filled page is compressed anew', async () => {
    const folder = await build()
    const pages = await openPages({ folder, marketKey: 'KEY"><script>' })
    const { plain, gzipped } = pages.find('/r') ?? {}
    assert.match(String(plain), 'content="KEYscript"')
    assert.is(String(gunzipSync(gzipped ?? '')), String(plain))
    await rm(folder, { recursive: true })
  })

  test('a page without scripts may run none', () => {
    assert.match(policyOf('<p>Menu</p>'), "script-src 'none'; style-src 'none'")
  })
})
