import * as assert from 'uvu/assert'
import { deviceView, fakeDevices } from '../device-views.ts'
import { suite } from '../harness.ts'
import { ask } from './ask.ts'
import { openTestStall } from './stall.ts'

suite('ready', test => {
  test('a light that is called "disk" may be down while every sale is safe', async () => {
    const sentence = 'The lamp at the disks of dough does not work.'
    const health = { name: 'disk', state: 'down', sentence, fix: 'Change it.' } as const
    const devices = fakeDevices([deviceView({ name: 'disk', role: 'light', health })])
    const stall = await openTestStall({ devices })
    const { port } = stall.server
    assert.is((await ask({ port, path: '/api/v1/health/ready' })).code, 200)
    stall.setHealth([{ ...health, sentence: 'The disk is full.' }])
    const answer = await ask({ port, path: '/api/v1/health/ready' })
    assert.is(answer.code, 503)
    assert.match(answer.text, 'The disk is full.')
    await stall.close()
  })
})
