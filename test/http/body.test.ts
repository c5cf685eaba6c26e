import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { parseJson } from '../../node/http/body.ts'
import { isProblem } from '../../node/http/problem.ts'
import { entryBytes } from '../../node/wire/entry.ts'
import { suite } from '../harness.ts'
import { ask } from './ask.ts'
import { openTestStall } from './stall.ts'

const parse = (text: string) => parseJson(Buffer.from(text))
const SEED = 20_260_801

suite('bodies', test => {
  test('JSON without a double name comes out as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(4), (value, indent) => {
        const answer = parse(JSON.stringify(value, null, indent))
        assert.ok('value' in answer)
        if ('value' in answer) {
          assert.equal(answer.value, JSON.parse(JSON.stringify(value)))
        }
      }),
      { seed: SEED, numRuns: 300 }
    )
  })

  test('a name that is there twice is found at any depth, however it is written', () => {
    const doubles = [
      '{"a":1,"a":1}',
      '{"a":1,"b":{"a":1},"a":2}',
      '[[{"x":{"a\\"b":1,"a\\"b":2}}]]',
      '{"a":1,"\\u0061":2}',
      '{"a" :1, "a"\n:2}',
      '{"":1,"":2}'
    ]
    for (const text of doubles) assert.ok(isProblem(parse(text)), text)
    const singles = ['{"a":{"a":{"a":1}}}', '[{"a":1},{"a":2}]', '{"a":"a","b":"a: \\"a\\":"}']
    for (const text of singles) assert.not.ok(isProblem(parse(text)), text)
  })

  test('only UTF-8 without a mark and without gaps', () => {
    assert.ok(isProblem(parseJson(Uint8Array.of(0x22, 0xff, 0x22))))
    assert.ok(isProblem(parseJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))))
    assert.ok(isProblem(parseJson(Buffer.from('\ufeff{}'))))
    assert.ok(isProblem(parse('')))
  })

  test('64 KiB of brackets cost no stack', () => {
    const half = 32 * 1024
    assert.ok(isProblem(parse('['.repeat(2 * half))))
    assert.ok(isProblem(parse('['.repeat(half) + ']'.repeat(half))))
    assert.ok(isProblem(parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`)))
    assert.not.ok(isProblem(parse(`"${'\\\\'.repeat(half - 2)}"`)))
  })

  test('whatever is sent, the answer is JSON and never a crash', async () => {
    const stall = await openTestStall()
    const calls = ['sales', 'baskets', 'cash', 'stock', 'sessions/open', 'sales/x/void']
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...calls), fuzzedBody(), async (call, body) => {
        const answer = await ask({
          port: stall.server.port,
          method: 'POST',
          path: `/api/v1/${call}`,
          headers: { 'Content-Type': 'application/json' },
          body
        })
        const isFine = answer.code === 200 || answer.code === 201
        assert.ok(isFine || (answer.code >= 400 && answer.code < 500), answer.text)
        const type = isFine ? 'application/json; charset=utf-8' : 'application/problem+json'
        assert.is(answer.headers['content-type'], type)
        const { title, detail, do: fix, status } = JSON.parse(answer.text)
        if (!isFine) assert.ok(title && detail && fix && status === answer.code, answer.text)
      }),
      { seed: SEED, numRuns: 400 }
    )
    await stall.close()
    // What comes in as text, the ledger can write: entryBytes throws for what it cannot.
    const seal = { contentKey: Buffer.alloc(32), random: (size: number) => Buffer.alloc(size) }
    for (const entry of stall.entries) entryBytes(entry, seal)
    const { accounts } = stall.node.stall()
    assert.is(
      Object.values(accounts).reduce<number>((all, amount) => all + amount, 0),
      0
    )
  })
})

/** Sound bodies with single parts replaced, and their bytes with single bytes replaced. */
function fuzzedBody(): fc.Arbitrary<Uint8Array> {
  const amount = fc.oneof(fc.constantFrom(650, 1300, 400), fc.double(), fc.maxSafeInteger(), odd())
  const quantity = fc.oneof(fc.integer({ min: 1, max: 3 }), fc.double(), odd())
  const discount = fc.oneof(
    fc.record({ amount, reason: text() }),
    fc.record({ rate_ppm: amount, reason: text() }),
    odd()
  )
  const line = fc.oneof(
    fc.record(
      { sku: fc.constantFrom('bao', 'tea', 'pho'), quantity, unit_price: amount, discount },
      { requiredKeys: ['sku', 'quantity'] }
    ),
    fc.record({
      sku: fc.constant(null),
      name: text(),
      tax_class: fc.constantFrom('food', 'gold'),
      quantity,
      unit_price: amount
    })
  )
  const tender = fc.record({ method: fc.constantFrom('cash', 'card', 'shells'), amount })
  const id = fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 32, maxLength: 32 })
    .map(digits => digits.join(''))
  const whole = fc.oneof(
    fc.record(
      {
        id,
        name: text(),
        lines: fc.oneof(fc.array(line, { maxLength: 4 }), odd()),
        tenders: fc.array(fc.oneof(tender, odd()), { maxLength: 3 }),
        discount,
        age_ms: amount
      },
      { requiredKeys: ['id', 'lines', 'tenders'] }
    ),
    fc.record({ id, name: text(), lines: fc.array(line, { maxLength: 4 }) }),
    fc.record({ amount, reason: text() }),
    fc.record({ float: amount }),
    fc.record({ sku: fc.constantFrom('bao', 'pho'), count: quantity }),
    fc.record({ sku: fc.constant('bao'), change: quantity, reason: fc.constant('wasted') }),
    fc.jsonValue()
  )
  const bytes = whole.map(value => Buffer.from(JSON.stringify(value) ?? 'null'))
  const broken = fc.tuple(bytes, fc.nat(), fc.nat(255)).map(([sound, at, byte]) => {
    const copy = Buffer.from(sound)
    if (copy.length > 0) copy[at % copy.length] = byte
    return copy
  })
  return fc.oneof({ weight: 3, arbitrary: bytes }, broken, fc.uint8Array({ maxLength: 200 }))
}

const odd = () => fc.constantFrom(null, true, '', '1', [], {}, -1, -0, 1e308, 2 ** 53, 0.1)
const text = () =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ maxLength: 20 }).map(words => `\ufeff\ufeff${words}`),
    odd()
  )
