import fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  LINE_PROFILES,
  type LineProfile,
  readLine,
  readTemplate
} from '../../drivers/footfall/profiles.ts'
import { LINE_BYTES_MAX } from '../../drivers/serial/lines.ts'
import { suite } from '../harness.ts'

suite('line profiles', test => {
  for (const [id, line, in_, out] of [
    ['in-out', 'IN=128 OUT=97', 128, 97],
    ['in-out', 'in=1  out=0', 1, 0],
    ['comma', 'C,128,97', 128, 97],
    ['comma', 'P,0,3', 0, 3],
    ['json', '{"in":128,"out":97,"battery":80}', 128, 97],
    ['json', '{"in":5}', 5, 0],
    ['steps', '+1', 1, 0],
    ['steps', '-1', 0, 1]
  ] as const) {
    test(`${id} reads ${line}`, () => {
      assert.equal(readLine(profile(id), line), { in: in_, out })
    })
  }

  for (const [id, line] of [
    ['in-out', 'IN=12'],
    ['in-out', 'IN=12 OUT=9 x'],
    ['in-out', 'IN=-1 OUT=2'],
    ['in-out', 'IN=99999999999 OUT=1'],
    ['comma', 'C,1,'],
    ['json', '{"in":1.5,"out":0}'],
    ['json', '{"in":1e300,"out":0}'],
    ['json', '{"in":"1"}'],
    ['json', '[1,2]'],
    ['json', 'null'],
    ['json', '{"in":1'],
    ['json', '['.repeat(1_000)],
    ['steps', '1'],
    ['steps', '']
  ] as const) {
    test(`${id} does not read ${line.slice(0, 40)}`, () => {
      assert.is(readLine(profile(id), line), undefined)
    })
  }

  test('never throws and never gives anything but plain counts', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LINE_PROFILES),
        fc.oneof(fc.string({ maxLength: 200 }), fc.json({ maxDepth: 3 })),
        (each, line) => {
          const said = readLine(each, line)
          assert.ok(said === undefined || (isCount(said.in) && isCount(said.out)))
        }
      ),
      { seed: 11, numRuns: 2_000 }
    )
  })
})

suite('lines of one’s own', test => {
  for (const [template, line, into, out] of [
    ['Visitors {in} / {out}', 'Visitors  12 / 7', 12, 7],
    ['N{in}', 'N12', 12, 0],
    ['D={step} cm', 'D=-2 cm', 0, 2],
    ['[{any}] (in) {in}*', '[18:02:11] (in) 5*', 5, 0],
    ['{"a":{in},"b":{out}}', '{"a":3,"b":4}', 3, 4]
  ] as const) {
    test(`${template} reads ${line}`, () => {
      assert.equal(readLine(own(template), line), { in: into, out })
      assert.is(readLine(own(template), `${line}!`), undefined)
    })
  }

  for (const template of ['', 'IN', '{any}', '{in} {in}', '{inn}', `${'x'.repeat(200)}{in}`]) {
    test(`${template.slice(0, 30)} is refused`, () => {
      assert.is(readTemplate(template), undefined)
    })
  }

  test('any template is a pattern, and looks at the longest line in no time', () => {
    const piece = fc.constantFrom(
      '{in}',
      '{any}',
      '{out}',
      ' ',
      '1',
      '(',
      ')*',
      '+',
      '\\d',
      '[',
      '|'
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
        const pattern = readTemplate(pieces.join(''))
        if (pattern === undefined) return
        const { user: before } = process.cpuUsage()
        for (const letter of ['1', ' ', '1 ', '(']) {
          readLine({ pattern }, letter.repeat(LINE_BYTES_MAX).slice(0, LINE_BYTES_MAX))
        }
        assert.ok(process.cpuUsage().user - before < 200_000, `${pattern}`)
      }),
      { seed: 12, numRuns: 500 }
    )
  })
})

const own = (template: string) => ({ pattern: readTemplate(template) ?? ('json' as const) })

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0

function profile(id: string): LineProfile {
  const found = LINE_PROFILES.find(each => each.id === id)
  if (!found) throw new Error(`No profile ${id}`)
  return found
}
