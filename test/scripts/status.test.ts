import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { runCommand, withAnswers } from './answering.ts'

const printer = (state: string) => ({
  name: 'printer',
  state,
  sentence: 'The printer has no paper',
  do: 'Put a roll in.'
})

/** Runs `stall status` against something that gives this one answer. */
async function statusOf(status: number, body: unknown) {
  let answer = { code: -1, text: '' }
  await withAnswers(
    () => ({ status, body }),
    async url => {
      answer = await runCommand('status', '--url', url)
    }
  )
  return answer
}

suite('stall status', test => {
  test('says what is wrong with its exit code, and what to do', async () => {
    assert.is((await statusOf(200, { parts: [printer('up')] })).code, 0)
    const { code, text } = await statusOf(200, { parts: [printer('down')] })
    assert.is(code, 1)
    assert.match(text, /do: Put a roll in\.\n$/)
  })

  test('a no is a no, and neither that nor a broken answer counts as fine', async () => {
    const no = await statusOf(403, { title: 'Only for the technician', do: 'Ask at the stall.' })
    assert.equal(no, { code: 4, text: '✗ Only for the technician.\n    do: Ask at the stall.\n' })
    const broken = await statusOf(500, {})
    assert.is(broken.code, 1)
    assert.match(broken.text, /The stall answered 500\.\n {4}do: /)
  })

  test('says that nobody answers', async () => {
    const { code, text } = await runCommand('status', '--url', 'http://127.0.0.1:1')
    assert.is(code, 3)
    assert.match(text, /do: Start it/)
  })
})
