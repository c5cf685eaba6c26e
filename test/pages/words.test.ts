import * as assert from 'uvu/assert'
import type { HealthState } from '../../node/core/ports.ts'
import { currencyOf, money } from '../../node/core/sell/money.ts'
import { moneyFormat } from '../../node/pages/shared/format.ts'
import { openAsk } from '../../node/pages/till/api.ts'
import { openClock } from '../../node/pages/till/clock.ts'
import { type KeyAction, NO_KEYS, readKey, settleKeys } from '../../node/pages/till/keys.ts'
import { AWAY_LONG_MS, type Seen, statuses } from '../../node/pages/till/status.ts'
import { english } from '../../node/pages/till/words.ts'
import { deviceView } from '../device-views.ts'
import { suite } from '../harness.ts'
import { nightMarket } from '../system/night-market.ts'
import { parcelOf } from './parcel-store.ts'
import { openTablet } from './tablet.ts'

suite('status', test => {
  const texts = (seen: Partial<Seen>) =>
    statuses({ ...calm, ...seen }).map(({ text, fix }) => [text, fix].filter(Boolean).join(' '))

  test('nothing to say when all is well', () => assert.equal(texts({}), []))

  test('the box away, at first and after a minute, with what is safe here', () => {
    const away = { state: 'away', since: 0 } as const
    const parcels = [parcelOf('a'), parcelOf('b'), parcelOf('c')]
    assert.equal(texts({ link: away, now: 1_000 }), [])
    assert.equal(texts({ link: away, now: 3_000, parcels }), [
      'Box restarting: 3 sales safe here Keep selling: sales stay safe on this tablet.'
    ])
    assert.equal(texts({ link: away, now: AWAY_LONG_MS }), [
      'Box away: check its light ' +
        'Check the box’s light. Sales stay safe on this tablet until it is back.'
    ])
  })

  test('what stops a sale comes before what does not', () => {
    const refused = { ...parcelOf('a'), trouble: { problem: 'x', detail: 'x', fix: 'x' } }
    const unread = [{ key: 'a', text: '{}' }]
    const health = {
      name: 'printer',
      state: 'down',
      sentence: 'Paper is out.',
      fix: 'Load a roll.'
    }
    const view = { ...nightMarket(), printing: { health, jobs: [] } } as Seen['view']
    assert.equal(texts({ canSave: false, parcels: [refused], unread, view }), [
      'This tablet cannot save. Use another one.',
      '1 sale needs you. Tap here.',
      '1 sale of an older till could not be read: write it down.',
      'Paper is out Load a roll.'
    ])
  })
})

suite('a printer that is absent', test => {
  const said = (fix: string) => {
    const health = { name: 'printer', state: 'absent', sentence: 'Not there.', fix } as const
    const view = { ...nightMarket(), printing: { health, jobs: [] } } as Seen['view']
    return statuses({ ...calm, view }).map(({ text, isPressing }) => [text, isPressing])
  }

  test('is told at once, for its receipts wait; while it is looked for it is no news', () => {
    assert.equal(said('Plug it in.'), [['Not there', true]])
    assert.equal(said(''), [])
  })
})

suite('header', test => {
  const pressing = (health: NonNullable<Seen['view']>['health']) =>
    statuses({ ...calm, view: { ...nightMarket(), health } })
      .filter(({ isPressing }) => isPressing)
      .map(({ text }) => text)
  const part = (name: string, state: 'degraded' | 'down') =>
    ({ name, state, sentence: `${name} is ${state}`, fix: 'Read the book.' }) as const

  test('what the keeper cannot act on waits in the menu', () => {
    assert.equal(pressing([part('broker', 'down'), part('clock', 'degraded')]), [])
    assert.equal(pressing([part('loop', 'degraded'), part('ledger', 'degraded')]), [])
  })

  test('what stops sales from being kept does not wait', () => {
    assert.equal(pressing([part('ledger', 'down'), part('disk', 'down')]), [
      'ledger is down',
      'disk is down'
    ])
  })

  test('a device that does not work takes the header, a doubtful one stands below the name', () => {
    const device = (name: string, state: HealthState, sentence: string) =>
      deviceView({ name, health: { name, state, sentence, fix: 'Look.' } })
    const devices = [
      device('lamp', 'up', 'Works.'),
      device('back-door', 'absent', 'It is not plugged in.'),
      device('scale', 'down', 'The scale says nothing.'),
      { ...device('printer', 'down', 'No paper.'), role: 'printer' as const }
    ]
    const seen = statuses({ ...calm, view: { ...nightMarket(), devices } })
    assert.equal(
      seen.map(({ text, isPressing, opens }) => [text, isPressing, opens?.name]),
      [
        ['The scale says nothing.', true, 'devices'],
        ['Back door: It is not plugged in.', false, 'devices']
      ]
    )
  })

  test('a printer says in one line what it wants', () => {
    const { printer } = english.status
    assert.is(printer('The printer is out of paper.', 4), 'Out of paper: 4 receipts waiting')
    assert.is(
      printer('The printer at 10.0.0.7:9100 cannot be reached.', 0),
      'Printer cannot be reached'
    )
  })
})

suite('keys', test => {
  const type = (keys: readonly string[], gapMs: number, isInField = false) => {
    let reader = NO_KEYS
    const actions: KeyAction[] = []
    for (const [at, key] of keys.entries()) {
      if (gapMs > 40) {
        const settled = settleKeys(reader)
        reader = settled.reader
        if (settled.action) actions.push(settled.action)
      }
      const next = readKey(reader, { key, at: at * gapMs, isInField })
      reader = next.reader
      if (next.action) actions.push(next.action)
    }
    return actions
  }

  test('fast keys and Enter are a scan, also in a field', () => {
    const keys = [...'4006381333931', 'Enter']
    assert.equal(type(keys, 5), [{ act: 'scan', code: '4006381333931' }])
    assert.equal(type(keys, 5, true), [{ act: 'scan', code: '4006381333931' }])
  })

  test('slow keys are a person typing', () => {
    assert.equal(type(['t', 'e', 'Enter'], 120), [
      { act: 'type', text: 't' },
      { act: 'type', text: 'e' },
      { act: 'enter' }
    ])
  })

  test('keys of the till work anywhere; Escape in a field belongs to the field', () => {
    assert.equal(type(['F2', 'F4', 'F8', 'F9'], 100, true), [
      { act: 'exact' },
      { act: 'other' },
      { act: 'park' },
      { act: 'recall' }
    ])
    assert.equal(type(['Escape'], 100, true), [])
    assert.equal(type(['Escape'], 100), [{ act: 'clear' }])
  })
})

suite('tablet clock', test => {
  test('does not follow a step of the wall clock, and goes on over a reload', () => {
    const { notebook } = openTablet()
    const at = { wall: 1_000_000, mono: 0 }
    const open = () => openClock({ wall: () => at.wall, mono: () => at.mono, notebook })
    const first = open()
    assert.is(first(), 0)
    Object.assign(at, { wall: 9_000_000, mono: 60_000 })
    assert.is(first(), 60_000)
    Object.assign(at, { wall: 9_010_000, mono: 5 })
    assert.is(open()(), 70_000)
    Object.assign(at, { wall: 1_000, mono: 0 })
    assert.is(open()(), 70_000)
  })
})

suite('answers of the stall', test => {
  const ask = async (status: number, body: unknown) => {
    const answer = openAsk(async () => new Response(JSON.stringify(body), { status }))
    return (await answer({ method: 'POST', path: '/x', body: {} })).state
  }

  test('what may do later is not a refusal', async () => {
    assert.is(await ask(201, {}), 'done')
    for (const status of [408, 425, 429, 500, 503]) assert.is(await ask(status, {}), 'later')
    assert.is(await ask(409, { retryable: true }), 'later')
    assert.is(await ask(409, { detail: 'No.' }), 'refused')
    const broken = openAsk(async () => new Response('<html>', { status: 200 }))
    assert.is((await broken({ method: 'GET', path: '/x' })).state, 'away')
  })

  test('the stall’s own words reach the keeper', async () => {
    const said = {
      type: 'urn:stallmesh:problem:not-paid',
      detail: '1.00 EUR is missing.',
      do: 'Ask.'
    }
    const answer = openAsk(async () => new Response(JSON.stringify(said), { status: 422 }))
    assert.equal(await answer({ method: 'POST', path: '/x' }), {
      state: 'refused',
      trouble: { problem: 'not-paid', detail: '1.00 EUR is missing.', fix: 'Ask.' }
    })
  })
})

suite('money in words', test => {
  test('each currency with its own digits, notes without cents', () => {
    const euro = moneyFormat('en', currencyOf('EUR'))
    assert.is(euro(money(1050)), '€10.50')
    assert.is(euro.short(money(2000)), '€20')
    assert.is(euro.short(money(1550)), '€15.50')
    assert.is(moneyFormat('en', currencyOf('JPY')).short(money(1000)), '¥1,000')
    assert.is(euro(money(Number.MAX_SAFE_INTEGER)), '€90,071,992,547,409.91')
  })
})

const calm: Seen = {
  canSave: true,
  parcels: [],
  unread: [],
  link: { state: 'live', since: 0 },
  view: nightMarket(),
  notice: null,
  now: 0,
  words: english
}
