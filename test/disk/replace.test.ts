import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { readIfThere, replaceFile } from '../../node/disk/replace.ts'
import { suite } from '../harness.ts'

suite('disk', test => {
  let dir = ''
  const write = (text: string, mode = 0o600) =>
    replaceFile({ path: join(dir, 'a', 'b', 'file'), parts: [Buffer.from(text)], mode })
  test.before(() => {
    dir = mkdtempSync(join(tmpdir(), 'disk-'))
  })
  test.after(() => rmSync(dir, { recursive: true }))

  test('a file is replaced whole and leaves nothing beside it', async () => {
    await write('old')
    await write('new', 0o644)
    const path = join(dir, 'a', 'b', 'file')
    assert.is(readFileSync(path, 'utf8'), 'new')
    assert.is(statSync(path).mode & 0o777, 0o644)
    assert.is(statSync(join(dir, 'a')).mode & 0o777, 0o700)
    assert.equal(readdirSync(join(dir, 'a', 'b')), ['file'])
  })

  test('a write that ends early leaves the old file and no half of the new one', async () => {
    await write('old')
    const path = join(dir, 'a', 'b', 'file')
    const parts = (function* () {
      yield Buffer.from('ne')
      throw new Error('the disk is full')
    })()
    const error = await replaceFile({ path, parts, mode: 0o600 }).catch(error => error)
    assert.is(error.message, 'the disk is full')
    assert.equal(readdirSync(join(dir, 'a', 'b')), ['file'])
    assert.is(readFileSync(path, 'utf8'), 'old')
  })

  test('a file that is not there is undefined, a folder in its place is an error', async () => {
    assert.is(await readIfThere(join(dir, 'none')), undefined)
    const error = await readIfThere(dir).catch(error => error)
    assert.is(error.code, 'EISDIR')
  })
})
