import fc from 'fast-check'
import { parse, stringify } from 'smol-toml'
import * as assert from 'uvu/assert'
import { type Located, locate } from '../../node/config/locate.ts'
import { openSource, placeOf } from '../../node/config/source.ts'
import { suite } from '../harness.ts'

/** Steps into tables by name and into arrays by number. */
function find(text: string, path: readonly (string | number)[]): Located {
  let spot = locate(text)
  for (const step of path) {
    const next = typeof step === 'number' ? spot.elements[step] : spot.fields.get(step)
    assert.ok(next, `nothing at ${path.join('/')}`)
    spot = next
  }
  return spot
}

const valueAt = (text: string, ...path: (string | number)[]): string => {
  const { value } = find(text, path)
  return text.slice(value.start, value.end)
}

const keyAt = (text: string, ...path: (string | number)[]): string => {
  const { key } = find(text, path)
  return text.slice(key.start, key.end)
}

suite('locate', test => {
  test('finds values under headers, dots and quotes', () => {
    const text = `top = 1 # one
[a]
b.c . d = "x" # [no.header]
"e\\u0066.g" = 'h#i'
[ a . 'x y' ]
z = 1979-05-27 07:32:00
[a.b2.c]
[a.b2]
k = true`
    assert.is(valueAt(text, 'top'), '1')
    assert.is(valueAt(text, 'a', 'b', 'c', 'd'), '"x"')
    assert.is(keyAt(text, 'a', 'b', 'c', 'd'), 'b.c . d')
    assert.is(valueAt(text, 'a', 'ef.g'), "'h#i'")
    assert.is(valueAt(text, 'a', 'x y', 'z'), '1979-05-27 07:32:00')
    assert.is(valueAt(text, 'a', 'b2', 'c'), '[a.b2.c]')
    assert.is(valueAt(text, 'a', 'b2'), '[a.b2]')
    assert.is(valueAt(text, 'a', 'b2', 'k'), 'true')
  })

  test('counts tables in arrays, and tables in those', () => {
    const text = `[[item]]
sku = "a"
[[item.size]]
ml = 200
[[item.size]]
ml = 500
[item.tax]
rate = 7
[[item]]
sku = "b"
[item.tax]
rate = 19
`
    assert.is(valueAt(text, 'item', 0, 'sku'), '"a"')
    assert.is(valueAt(text, 'item', 0, 'size', 1, 'ml'), '500')
    assert.is(valueAt(text, 'item', 0, 'tax', 'rate'), '7')
    assert.is(valueAt(text, 'item', 1, 'tax', 'rate'), '19')
    assert.is(find(text, ['item', 1]).value.start, text.lastIndexOf('[[item]]'))
  })

  test('reads inline tables and arrays over several lines', () => {
    const text = `till = { port = 8090, "host" = "a,}b" } # }
item = [
  { sku = "a", tags = ["x", 'y]'] }, # ]
  { sku = "b", size.ml = 1 },
]
after = 1.5`
    assert.is(valueAt(text, 'till', 'port'), '8090')
    assert.is(valueAt(text, 'till', 'host'), '"a,}b"')
    assert.is(valueAt(text, 'till'), '{ port = 8090, "host" = "a,}b" }')
    assert.is(valueAt(text, 'item', 0, 'tags', 1), "'y]'")
    assert.is(valueAt(text, 'item', 1, 'size', 'ml'), '1')
    assert.is(valueAt(text, 'after'), '1.5')
  })

  test('is not fooled by what stands inside strings', () => {
    const text = `a = """
[not.a.table]
b = 1 \\""" # not a comment
ends with two quotes"""""
c = '''
d = 2
it's'''
e = "\\"[[x]]"
f = 3`
    assert.equal([...locate(text).fields.keys()], ['a', 'c', 'e', 'f'])
    assert.is(valueAt(text, 'f'), '3')
    const place = placeOf(openSource('x.toml', text), find(text, ['a']).value)
    assert.equal(place, { path: 'x.toml', line: 1, column: 5, width: 3, text: 'a = """' })
  })

  test('counts lines from 1 and columns in code points', () => {
    const text = '\uFEFF\r\n[t]\r\n"包子 🥟" = 5\r\n'
    const place = placeOf(openSource('x.toml', text), find(text, ['t', '包子 🥟']).value)
    assert.equal(place, { path: 'x.toml', line: 3, column: 10, width: 1, text: '"包子 🥟" = 5' })
  })

  test('finds the very text of every value of any document', () => {
    const key = fc.oneof(fc.constantFrom('a', 'b-c', 'd.e', '', '"', 'ü'), fc.string())
    const { table } = fc.letrec<{ value: unknown; table: object }>(tie => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: 'grapheme' }),
        fc.integer(),
        fc.double({ noNaN: true }),
        fc.boolean(),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.array(tie('table'), { maxLength: 3 }),
        tie('table')
      ),
      table: fc.dictionary(key, tie('value'), { maxKeys: 4 })
    }))
    fc.assert(
      fc.property(table, document => {
        const text = stringify(document)
        checkValues({ text, value: parse(text), spot: locate(text) })
      }),
      { numRuns: 300 }
    )
  })
})

function checkValues(options: { text: string; value: unknown; spot: Located | undefined }): void {
  const { text, value, spot } = options
  assert.ok(spot, `no place for ${JSON.stringify(value)} in:\n${text}`)
  if (Array.isArray(value)) {
    value.forEach((inner, index) => {
      checkValues({ text, value: inner, spot: spot.elements[index] })
    })
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      checkValues({ text, value: inner, spot: spot.fields.get(key) })
    }
  } else {
    const written = text.slice(spot.value.start, spot.value.end)
    assert.equal(parse(`v = ${written}`)['v'], value)
  }
}
