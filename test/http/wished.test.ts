import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import { type Answer, ask, problemOf } from './ask.ts'
import { openTestStall, type TestStall } from './stall.ts'

const KEY = '000000000000000000000000000000f1'

const post = ({ server }: TestStall, path: string, body: object): Promise<Answer> =>
  ask({
    port: server.port,
    method: 'POST',
    path,
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': KEY },
    body: JSON.stringify(body)
  })

suite('wished', test => {
  test('the same twice at once is done once, and answered once it is safe', async () => {
    const stall = await openTestStall()
    await stall.node.submit({ type: 'openSession', float: 0 as never })
    const release = stall.holdWrites()
    const done = stall.commands.length
    let answered = 0
    const asked = [1, 2].map(async () => {
      const answer = await post(stall, '/api/v1/cash', { amount: 500, reason: 'Coins' })
      answered += 1
      return answer
    })
    await until(() => stall.commands.length === done + 2)
    assert.is(answered, 0)
    release()
    const answers = await Promise.all(asked)
    assert.equal(answers.map(({ code }) => code).sort(), [200, 201])
    assert.is(answers[0]?.text, answers[1]?.text)
    assert.is(stall.node.stall().session?.cash, 500)
    await stall.close()
  })

  test('what is done but cannot be read back is not done again', async () => {
    const stall = await openTestStall({ read: async () => undefined })
    assert.is((await post(stall, '/api/v1/sessions/open', { float: 500 })).code, 200)
    const again = await post(stall, '/api/v1/sessions/open', { float: 500 })
    assert.equal([again.code, problemOf(again)], [503, 'entry-unreadable'])
    assert.is(stall.entries.filter(({ type }) => type === 'sessionOpened').length, 1)
    await stall.close()
  })
})
