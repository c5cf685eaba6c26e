import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { runScript } from './script.ts'
import { openTestStall, roleByHeader } from './stall.ts'

const FOLDER = fileURLToPath(new URL('../../../test/script/', import.meta.url))

suite('http scripts', test => {
  for (const name of readdirSync(FOLDER).filter(name => name.startsWith('http-'))) {
    test(name, async () => {
      const stall = await openTestStall({ roleOf: roleByHeader }, 'simulated')
      try {
        await runScript(readFileSync(FOLDER + name, 'utf8'), stall.server.port)
        if (name === 'http-devices.txt') {
          assert.equal(stall.devices.faults, [
            ['printer', 'paper-out'],
            ['printer', null]
          ])
        }
      } finally {
        await stall.close()
      }
    })
  }
})
