import { spawnSync } from 'node:child_process'
import * as assert from 'uvu/assert'
import { keepSafe } from '../../drivers/gpio/safe.ts'
import { suite } from '../harness.ts'

const SAFE = new URL('../../drivers/gpio/safe.js', import.meta.url).href
const RUN_MS_MAX = 10_000

/** Runs a program that has a safe and a broken output, until `end`. */
function run(end: string, before = '') {
  const script = `
    import { writeSync } from 'node:fs'
    import { keepSafe } from '${SAFE}'
    ${before}
    keepSafe(() => { throw new Error('its chip is gone') })
    const letGo = keepSafe(() => writeSync(1, 'safe'))
    setTimeout(() => {}, 60_000)
    const send = signal => process.kill(process.pid, signal)
    ${end}`
  const args = ['--input-type=module', '-e', script]
  const { stdout, status, signal } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: RUN_MS_MAX
  })
  return { stdout, status, signal }
}

suite('outputs of a program that ends', test => {
  for (const [title, end, status] of [
    ['by process.exit', 'process.exit(3)', 3],
    ['by what is thrown', 'setTimeout(() => { throw new Error() })', 1],
    ['by a promise that nobody handles', 'Promise.reject(new Error())', 1]
  ] as const) {
    test(`${title} are safe`, () => {
      assert.equal(run(end), { stdout: 'safe', status, signal: null })
    })
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    test(`by ${signal} are safe, and it still ends by it`, () => {
      assert.equal(run(`send('${signal}')`), { stdout: 'safe', status: null, signal })
    })
  }

  test('are left to who handles the signal, also once, and are safe at the end of that', () => {
    const close = `() => { writeSync(1, 'closing '); setTimeout(() => process.exit(5), 50) }`
    for (const how of ['on', 'once']) {
      const handle = `process.${how}('SIGTERM', ${close})`
      const expected = { stdout: 'closing safe', status: 5, signal: null }
      assert.equal(run(`${handle}; send('SIGTERM')`), expected)
      assert.equal(run(`send('SIGTERM')`, handle), expected)
    }
  })

  test('are not touched any more when they were let go', () => {
    assert.is(run('letGo(); process.exit(0)').stdout, '')
  })

  test('leave no hook behind', () => {
    const before = process.listenerCount('exit') + process.listenerCount('SIGTERM')
    const letGo = keepSafe(() => {})
    const other = keepSafe(() => {})
    letGo()
    letGo()
    assert.is(process.listenerCount('exit') + process.listenerCount('SIGTERM'), before + 2)
    other()
    assert.is(process.listenerCount('exit') + process.listenerCount('SIGTERM'), before)
  })
})
