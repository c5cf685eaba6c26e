import { existsSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { playKeys } from './scanner.ts'

const MISSING = existsSync('/usr/bin/umockdev-run') ? false : 'umockdev'
const ENTER = 28
/** Of linux/input-event-codes.h: KEY_1 is 2, KEY_0 is 11. */
const keysOf = (digits: string) =>
  [...digits].map(digit => (digit === '0' ? 11 : Number(digit) + 1))

suite('scanner that types, through evdev', test => {
  test.needs(MISSING, 'a recorded code is grabbed, read and told once', async () => {
    const code = '4006381333931'
    assert.equal(await playKeys([...keysOf(code), ENTER], 2), [
      'The scanner is ready.',
      JSON.stringify({ kind: 'scan', code }),
      'stopped'
    ])
  })

  test.needs(MISSING, 'half a recorded code is said to be half', async () => {
    assert.equal(await playKeys(keysOf('400638'), 2), [
      'The scanner is ready.',
      'Half a code came from the scanner.',
      'stopped'
    ])
  })
})
