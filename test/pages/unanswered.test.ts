import * as assert from 'uvu/assert'
import { isId } from '../../node/core/id.ts'
import type { Reply, Request } from '../../node/pages/till/request.ts'
import { openAskOnce } from '../../node/pages/till/unanswered.ts'
import { suite } from '../harness.ts'
import { openStall, openTablet, openTime, portsOf } from './tablet.ts'

const ICE = { method: 'POST', path: '/api/v1/cash', body: { amount: -500, reason: 'Ice' } } as const

const AWAY: Reply = { state: 'away' }
const DONE: Reply = { state: 'done', body: {} }

function open() {
  const [tablet, stall, time] = [openTablet(), openStall(), openTime()]
  const ports = portsOf(tablet, stall, time)
  let ask = openAskOnce(ports)
  const keyOf = async (reply: Reply, request: Request = ICE) => {
    stall.state.answer = () => reply
    assert.equal(await ask(request), reply)
    return stall.requests.at(-1)?.key
  }
  const reload = () => {
    ask = openAskOnce(ports)
  }
  return { keyOf, reload, time }
}

suite('a request whose answer was lost', test => {
  test('is sent again under its key, through a reload too, until it is answered', async () => {
    const { keyOf, reload } = open()
    const first = await keyOf(AWAY)
    assert.ok(isId(first))
    assert.is(await keyOf({ state: 'later' }), first)
    reload()
    assert.is(await keyOf(DONE), first)
    assert.is.not(await keyOf(DONE), first)
  })

  test('has nothing to do with other requests', async () => {
    const { keyOf } = open()
    const first = await keyOf(AWAY)
    const other = { ...ICE, body: { ...ICE.body, amount: -600 } }
    assert.is.not(await keyOf(DONE, other), first)
    assert.is(await keyOf(DONE, { ...ICE, key: 'of its own' }), 'of its own')
    assert.is(await keyOf(DONE, { method: 'GET', path: '/api/v1/sales' }), undefined)
    assert.is(await keyOf(DONE), first)
  })

  test('is another one after ten minutes, and after a refusal', async () => {
    const { keyOf, time } = open()
    const first = await keyOf(AWAY)
    await time.pass(10 * 60_000 + 1)
    const trouble = { problem: 'no-session', detail: '', fix: '' }
    const second = await keyOf({ state: 'refused', trouble })
    assert.is.not(second, first)
    assert.is.not(await keyOf(DONE), second)
  })
})
