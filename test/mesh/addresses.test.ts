import * as assert from 'uvu/assert'
import { type AddressBook, openAddressBook } from '../../node/mesh/addresses.ts'
import { suite } from '../harness.ts'

let now = 0
const peer = (stall: string, host = stall) => ({ stall, host, port: 8883 })
const open = (options: Partial<Parameters<typeof openAddressBook>[0]> = {}): AddressBook => {
  now = 0
  return openAddressBook({
    configured: [],
    remembered: [],
    now: () => now,
    random: () => 0.5,
    ...options
  })
}
const ready = (book: AddressBook) => book.candidates().now.map(({ stall }) => stall)

suite('the address book', test => {
  test('holds what is configured, remembered, heard and told', () => {
    const book = open({ configured: [{ host: 'hub', port: 1 }], remembered: [peer('s1')] })
    book.heard(peer('s2'), 1)
    book.told([peer('s3')])
    assert.equal(ready(book), [null, 's1', 's2', 's3'])
    assert.equal(book.reached(), [], 'nothing is passed on that was not seen')
  })

  test('waits longer after each failure, by chance, and half a minute at the most', () => {
    const book = open({ configured: [{ host: 'hub', port: 1 }] })
    const pauses: number[] = []
    for (let failure = 0; failure < 12; failure++) {
      book.failed({ host: 'hub', port: 1 }, false)
      const { now: none, at } = book.candidates()
      assert.equal(none, [])
      pauses.push(at - now)
      now = at
    }
    assert.ok((pauses[0] ?? 0) >= 500 && (pauses[0] ?? 0) <= 1_000)
    assert.is(pauses.at(-1), 30_000)
    for (let n = 1; n < pauses.length; n++) assert.ok((pauses[n] ?? 0) >= (pauses[n - 1] ?? 0))
    assert.equal(ready(book), [null], 'what is configured is never forgotten')
  })

  test('a stall that started anew is tried at once', () => {
    const book = open()
    book.heard(peer('s1'), 1)
    for (let n = 0; n < 5; n++) book.failed(peer('s1'), false)
    book.heard(peer('s1'), 1)
    assert.equal(ready(book), [])
    book.heard(peer('s1'), 2)
    assert.equal(ready(book), ['s1'])
  })

  test('a voice after a silence is tried at once: the network is back', () => {
    const book = open()
    book.heard(peer('s1'), 1)
    for (let n = 0; n < 8; n++) book.failed(peer('s1'), false)
    now = 20_000
    assert.not(book.heard(peer('s1'), 1))
    now = 51_000
    book.failed(peer('s1'), false)
    assert.ok(book.heard(peer('s1'), 1))
    assert.equal(ready(book), ['s1'])
  })

  test('the wrong certificate is not asked for again for minutes', () => {
    const book = open()
    book.heard(peer('s1'), 1)
    book.failed(peer('s1'), true)
    now = 60_000
    assert.equal(ready(book), [])
  })

  test('a liar does not take the place that a certificate proved', () => {
    const book = open()
    book.proved(peer('s1', '10.0.0.1'))
    book.told([peer('s9', '10.0.0.1')])
    assert.equal(book.reached(), [peer('s1', '10.0.0.1')])
    // Ten places for s1: the proven one stays, the newest claims beside it.
    for (let n = 2; n < 12; n++) book.heard(peer('s1', `10.0.0.${n}`), n)
    const places = book.candidates().now.map(({ address }) => address.host)
    assert.is(places.length, 4)
    assert.ok(places.includes('10.0.0.1') && places.includes('10.0.0.11'))
  })

  test('stays small, whoever floods it', () => {
    const book = open({ configured: [{ host: 'hub', port: 1 }] })
    for (let n = 0; n < 5_000; n++) book.told([peer(`x${n}`, `h${n}`)])
    for (let n = 0; n < 500; n++) book.told([{ stall: `y${n}`, host: 'one', port: n + 1 }])
    const { now: all } = book.candidates()
    assert.is(all.length, 512 + 1)
    assert.is(all.filter(({ address }) => address.host === 'one').length, 64)
    assert.ok(all.some(({ address }) => address.host === 'hub'))
  })

  test('a claim that never comes true is forgotten', () => {
    const book = open()
    book.told([peer('s1')])
    for (let n = 0; n < 10; n++) book.failed(peer('s1'), false)
    now = 1_000_000
    assert.equal(ready(book), [])
  })
})
