import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { ask, problemOf } from './ask.ts'
import { openTestStall } from './stall.ts'

suite('cash drawer', test => {
  test('where none is set up, nothing is booked and the answer says what to do', async () => {
    const stall = await openTestStall({ hasDrawer: false })
    const answer = await ask({
      port: stall.server.port,
      method: 'POST',
      path: '/api/v1/drawer/open',
      headers: { 'Content-Type': 'application/json' },
      body: '{"reason": "Change"}'
    })
    assert.is(answer.code, 409)
    assert.is(problemOf(answer), 'no-drawer')
    assert.match(answer.text, 'set drawer = true')
    assert.not(stall.commands.some(({ type }) => type === 'openDrawer'))
    await stall.close()
  })
})
