import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { type Answer, answerLine, type Season } from '../../scripts/season.ts'
import { suite } from '../harness.ts'

const sku = (more: object = {}) => ({
  id: 'tea',
  list: 4,
  floor: 2,
  cap: 6.4,
  step: 0.1,
  cost: 1.8,
  salvage: 0,
  ...more
})
const season = (more: object = {}) => ({
  type: 'season',
  protocol: 1,
  windowMinutes: 30,
  maxDelta: 0.15,
  days: 2,
  skus: [sku()],
  ...more
})
const day = (more: object = {}) => ({
  type: 'day',
  day: 0,
  windows: 4,
  stock: [20],
  prices: [4],
  footfallForecast: [50, 50, 50, 50],
  ...more
})
const window = (w: number, more: object = {}) => ({
  type: 'window',
  day: 0,
  w,
  footfall: 45,
  sold: [1],
  stock: [19 - w],
  avail: [1],
  prices: [4],
  ...more
})
const dayEnd = { type: 'day_end', day: 0 }

/** What each message is answered, one after the other. */
function talk(...messages: readonly unknown[]): readonly Answer['reply'][] {
  let now: Season | null = null
  return messages.map(message => {
    const line = typeof message === 'string' ? message : JSON.stringify(message)
    const answer: Answer = answerLine(now, line)
    now = answer.season
    return answer.reply
  })
}

const lastOf = (...messages: readonly unknown[]): Answer['reply'] => talk(...messages).at(-1) ?? {}
const priceAfter = (...messages: readonly unknown[]): number =>
  (lastOf(...messages)['prices'] as readonly number[])[0] ?? Number.NaN

suite('policy: the protocol', test => {
  test('a day of four windows, and the next one', () => {
    const whole = [day(), window(0), window(1), window(2), window(3), dayEnd]
    const replies = talk(season(), ...whole, ...[day({ day: 1 }), window(0, { day: 1 })])
    assert.equal(
      replies.map(({ type }) => type),
      ['ready', 'prices', 'prices', 'prices', 'prices', 'prices', 'ok', 'prices', 'prices']
    )
  })

  test('what nobody wants gets cheaper, as far as the season lets it', () => {
    const slow = [0, 1, 2].map(w => window(w, { sold: [0], stock: [20] }))
    assert.is(priceAfter(season(), day(), ...slow), 3.4)
    assert.is(priceAfter(season({ maxDelta: 0.05 }), day(), ...slow), 3.8)
    assert.is(priceAfter(season({ skus: [sku({ floor: 3.7 })] }), day(), ...slow), 3.7)
  })

  test('a hold time of the season is kept', () => {
    const changes = (more: object) => {
      let price = 4
      const messages: unknown[] = [season(more), day()]
      return [0, 1, 2, 3].map(w => {
        const before = price
        price = priceAfter(...messages)
        messages.push(window(w, { sold: [0], stock: [20], prices: [price] }))
        return price !== before
      })
    }
    assert.equal(changes({}), [true, true, true, false])
    assert.equal(changes({ holdMinutes: 60 }), [true, false, true, false])
  })

  test('a counter that fails changes nothing for the worse, and says so if it lies', () => {
    assert.is(lastOf(season(), day(), window(0, { footfall: null }))['held'], undefined)
    const lie = lastOf(season(), day(), window(0, { footfall: 'many', sold: [0], stock: [20] }))
    assert.equal(lie, { type: 'prices', prices: [4], held: 'footfall-unreadable' })
  })

  test('a day that nobody ended teaches the next all the same', () => {
    const slow = [0, 1, 2, 3].map(w => window(w, { sold: [0], stock: [20] }))
    const next = day({ day: 1 })
    assert.ok(priceAfter(season(), day(), ...slow, dayEnd, next) < priceAfter(season(), next))
    const forgotten = priceAfter(season(), day(), ...slow, next)
    assert.is(forgotten, priceAfter(season(), day(), ...slow, dayEnd, next))
  })
})

const wrong: readonly [what: string, message: unknown, error: string, where: string][] = [
  ['half a line', '{"type":"win', 'bad-json', 'the line'],
  ['a list', '[1]', 'bad-field', 'the line'],
  ['nothing', 'null', 'bad-field', 'the line'],
  ['an unknown wish', { type: 'refund' }, 'unknown-type', 'type'],
  ['a word of every object', { type: 'constructor' }, 'unknown-type', 'type'],
  ['a protocol to come', season({ protocol: 2 }), 'unknown-protocol', 'protocol'],
  ['a limit past all', season({ maxDelta: 9 }), 'bad-field', 'maxDelta[0]'],
  ['an item without a price', season({ skus: [sku({ list: null })] }), 'bad-field', 'skus[0].list'],
  [
    'a day of three forecasts',
    day({ footfallForecast: [1, 2, 3] }),
    'bad-field',
    'footfallForecast'
  ],
  ['half a cup in stock', day({ stock: [1.5] }), 'bad-field', 'stock[0]'],
  ['another day', window(0, { day: 3 }), 'wrong-day', 'day'],
  ['a window that has been', window(0), 'wrong-window', 'w'],
  ['a window after the last', window(4), 'wrong-window', 'w'],
  ['sales of two items', window(1, { sold: [1, 1] }), 'bad-field', 'sold'],
  ['sales in words', window(1, { sold: ['one'] }), 'bad-field', 'sold[0]'],
  ['more than always in stock', window(1, { avail: [1.2] }), 'bad-field', 'avail[0]']
]

suite('policy: whatever comes', test => {
  for (const [what, message, error, where] of wrong) {
    test(`${what}: ${error}, and the season goes on`, () => {
      const replies = talk(season(), day(), window(0), message, window(1))
      assert.equal([replies[3]?.['error'], replies[3]?.['where']], [error, where])
      assert.equal(replies[4], lastOf(season(), day(), window(0), window(1)))
    })
  }

  test('a day or a window before its season is answered', () => {
    for (const early of [day(), window(0), dayEnd]) assert.is(lastOf(early)['error'], 'no-season')
  })

  test('a window whose line was lost went by all the same', () => {
    assert.is(lastOf(season(), day(), window(0), window(2))['type'], 'prices')
  })

  test('any line has one answer with a type', () => {
    const keys = Object.keys({ ...season(), ...day(), ...window(0) })
    const messages = [season(), day(), window(0), dayEnd]
    const bent = fc
      .tuple(fc.constantFrom(...messages), fc.constantFrom(...keys), fc.jsonValue())
      .map(([message, key, value]) => JSON.stringify({ ...message, [key]: value }))
    const lines = fc.array(fc.oneof(bent, fc.string(), fc.json()), { maxLength: 12 })
    fc.assert(
      fc.property(lines, all => {
        for (const reply of talk(season(), day(), ...all)) assert.type(reply['type'], 'string')
      }),
      { seed: 8, numRuns: 1_000 }
    )
  })
})

const skus = fc.record({
  list: fc.integer({ min: 8, max: 200 }),
  step: fc.constantFrom(0.05, 0.1, 0.25, 0.5, 1),
  cost: fc.option(fc.double({ min: 0, max: 200, noNaN: true })),
  stock: fc.integer({ min: 0, max: 60 })
})

suite('policy: the harness never has to clamp', test => {
  test('floor, cap, step and change hold in every window of every season', () => {
    const sales = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 6, maxLength: 6 })
    const counts = fc.option(fc.integer({ min: 0, max: 300 }))
    fc.assert(
      fc.property(
        fc.array(skus, { minLength: 1, maxLength: 5 }),
        sales,
        counts,
        (all, sold, footfall) => {
          const cents = (amount: number) => Math.round(amount * 100)
          const items = all.map(({ list, step, cost }) => {
            const at = (share: number, round: (each: number) => number) =>
              round(list * share) * step
            return sku({
              list: list * step,
              step,
              cost,
              floor: at(0.5, Math.ceil),
              cap: at(1.6, Math.floor)
            })
          })
          let before = items.map(({ list }) => list)
          const stock = all.map(each => each.stock)
          const messages: unknown[] = [
            season({ skus: items }),
            day({ stock, prices: before, windows: 6, footfallForecast: new Array(6).fill(50) })
          ]
          for (const [w, wanted] of sold.entries()) {
            const prices = lastOf(...messages)['prices'] as readonly number[]
            for (const [at, price] of prices.entries()) {
              const { floor = 0, cap = 0, step = 1 } = items[at] ?? {}
              assert.ok(cents(price) >= cents(floor) && cents(price) <= cents(cap))
              assert.ok(Math.abs(price / (before[at] ?? 0) - 1) <= 0.15 + 1e-9)
              assert.is(cents(price) % cents(step), 0)
            }
            before = [...prices]
            const sales = stock.map(left => Math.min(left, wanted))
            sales.forEach((units, at) => {
              stock[at] = (stock[at] ?? 0) - units
            })
            messages.push(
              window(w, {
                footfall,
                sold: sales,
                stock: [...stock],
                avail: stock.map(() => 1),
                prices
              })
            )
          }
        }
      ),
      { seed: 9, numRuns: 60 }
    )
  })
})

suite('stall policy', test => {
  test('answers a line a line and ends with its input', async () => {
    const lines = [season(), day(), 'what?', window(0)].map(message =>
      typeof message === 'string' ? message : JSON.stringify(message)
    )
    const { code, out } = await runPolicy(['--stdio'], `${lines.join('\n\n')}\n`)
    const types = out
      .trim()
      .split('\n')
      .map(line => (JSON.parse(line) as { type: string }).type)
    assert.equal(types, ['ready', 'prices', 'error', 'prices'])
    assert.is(code, 0)
  })

  test('a line without end is answered and not kept', async () => {
    const { out } = await runPolicy(['--stdio'], `${'x'.repeat(17 * 1024 * 1024)}\n{}\n`)
    const errors = out
      .trim()
      .split('\n')
      .map(line => (JSON.parse(line) as { error: string }).error)
    assert.equal(errors, ['line-too-long', 'unknown-type'])
  })

  test('says how it is called', async () => {
    const { code } = await runPolicy([], '')
    assert.is(code, 2)
  })
})

async function runPolicy(args: readonly string[], input: string) {
  const program = ['dist/scripts/stall.js', 'policy', ...args]
  const child = spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'ignore'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  // A program that ends early has no ears for the rest, which is its exit code's to say.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code, out }
}
