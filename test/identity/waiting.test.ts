import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { openDevice, stallIn, vouchedIn } from '../../node/identity/device.ts'
import { install, requestAdmission } from '../../node/identity/enrol.ts'
import { verifyLedger } from '../../node/ledger/verify.ts'
import { ticketText } from '../../node/wire/enrol.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import { enrolByTicket } from '../../scripts/ticket.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { dataDir, machineIn, within } from '../ledger/stall.ts'
import { enrolled, granted, makeOffice, random, ticketOf, WITH_TICKET } from './market.ts'

suite('a stall that waits to be admitted', test => {
  test('sells, proves what it sold, and its books are good once it is in', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const machine = machineIn(dir)
      const { stall } = machine
      const keys = join(dir, 'keys')
      const waiting = await enrolled(keys, ticketOf(office), stall)
      const log = await within(machine, async till => {
        await till.turn({ type: 'stepClock', monoMs: 1, stepMs: 1 })
        const { log } = till.ledger.store.end()
        assert.match((await till.ledger.store.head(log)) ?? '', `market.example/${log}\n2\n`)
        return log
      })
      const marketKey = verifyingKey(waiting.marketKey)
      const verdict = async () =>
        verifyLedger({
          ...{ dir: dataDir(machine), marketKey },
          isVouched: await vouchedIn(keys, marketKey)
        })
      assert.not.ok((await verdict()).isGood)
      const request = await requestAdmission(waiting)
      await install({ dir: keys, ...granted(await office.admit(request, WITH_TICKET)) })
      assert.ok((await verdict()).isGood)
      await within(machine, async till => {
        assert.is(till.ledger.store.end().log, log, 'the log goes on')
        await till.turn({ type: 'stepClock', monoMs: 2, stepMs: 1 })
      })
      assert.is((await verdict()).entries, 3)
      const stranger = verifyingKey(random(32))
      assert.not.ok((await vouchedIn(keys, stranger))({ ...waiting, key: waiting.publicKey }))
    }))

  test('a ticket on the card lets it join at its first start, and only then', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      const data = join(dir, 'data')
      const start = () => enrolByTicket({ dataDir: data, stall: 'stall-7' })
      assert.is(await start(), undefined)
      mkdirSync(data)
      writeFileSync(join(data, 'ticket.txt'), 'stall-ticket-1.damaged')
      const fault = await start().catch(error => error)
      assert.is(fault.code, 'bad-ticket')
      writeFileSync(join(data, 'ticket.txt'), `${ticketText(ticketOf(office))}\n`)
      assert.equal(await start(), {
        market: 'market.example',
        request: join(data, 'keys', 'request')
      })
      assert.is(await start(), undefined)
      assert.is(await stallIn(join(data, 'keys')), 'stall-7')
    }))

  test('it waits under the name that it asked for, and sells under no other', () =>
    inFolder(async dir => {
      const office = await makeOffice(join(dir, 'market'))
      writeFileSync(join(dir, 'ticket.txt'), ticketText(ticketOf(office)))
      await enrolByTicket({ dataDir: dir, stall: 'stall-7' })
      const folder = { dir: join(dir, 'keys'), dataDir: dir, random }
      const fault = await openDevice({ ...folder, stall: 'stall-8' }).catch(error => error)
      assert.is(fault.code, 'foreign-data')
      assert.ok((await openDevice({ ...folder, stall: 'stall-7' })).isWaiting)
    }))
})
