import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { assert as check, property, uint8Array } from 'fast-check'
import * as assert from 'uvu/assert'
import * as uapi from '../../drivers/gpio/uapi.ts'
import { suite } from '../harness.ts'

/** What `uapi.c` prints of linux/gpio.h. */
const VECTORS = fileURLToPath(new URL('../../../test/vectors/gpio.txt', import.meta.url))

suite('the structures of linux/gpio.h', test => {
  const vectors = new Map(
    readFileSync(VECTORS, 'utf8')
      .trim()
      .split('\n')
      .map(line => line.split(' ', 2) as [string, string])
  )
  const golden = (name: string) => Buffer.from(vectors.get(name) ?? '', 'hex')
  const isGolden = (bytes: Uint8Array, name: string) =>
    assert.is(Buffer.from(bytes).toString('hex'), vectors.get(name))

  test('two beams in one request, debounced and pulled up', () => {
    const wiring = { isActiveLow: true, bias: 'up', debounceUs: 5_000 } as const
    isGolden(uapi.inputRequest({ offsets: [17, 27], consumer: 'footfall', ...wiring }), 'beams')
  })

  test('an input without debounce; a long consumer is cut at 31 bytes', () => {
    const wiring = { isActiveLow: false, bias: 'down', debounceUs: 0 } as const
    const consumer = "a consumer's name of more than thirty-one bytes"
    isGolden(uapi.inputRequest({ offsets: [4], consumer, ...wiring }), 'pir')
  })

  test('an output with its first level, and the descriptor of the answer', () => {
    const relay = { offset: 22, consumer: 'light', isActiveLow: true, isOn: true }
    isGolden(uapi.outputRequest(relay), 'relay')
    assert.is(uapi.requestFd(golden('answered')), 33)
  })

  test('chips and lines', () => {
    assert.equal(uapi.readChipInfo(golden('chip')), { label: 'pinctrl-rp1', lines: 54 })
    assert.is(uapi.emptyChipInfo().length, golden('chip').length)
    isGolden(uapi.lineInfoRequest(53), 'asked')
    const line = { name: 'GPIO17', consumer: 'door', isUsed: true }
    assert.equal(uapi.readLineInfo(golden('line')), line)
    assert.is(uapi.readLineInfo(golden('asked')).isUsed, false)
  })

  test('values', () => {
    isGolden(uapi.valuesRequest(5), 'which')
    assert.equal(uapi.readValues(golden('values'), 5), [true, false, true, false, true])
    isGolden(uapi.outputValue(true), 'on')
    assert.is(uapi.valuesRequest(64).at(-1), 0xff)
  })

  test('an edge', () => {
    const bytes = golden('event')
    assert.is(bytes.length, uapi.EVENT_BYTES)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const monoUs = Number(0x123456789abcdefn / 1_000n)
    assert.equal(uapi.edgeAt(view, 0, new Map([[27, 1]])), { line: 1, isActive: false, monoUs })
    assert.is(uapi.seqnoAt(view, 0), 0x80000001)
    assert.is(uapi.edgeAt(view, 0, new Map([[28, 1]])), undefined)
  })

  test('the numbers of the questions', () => {
    const isNumber = (question: number, name: string) =>
      assert.is(question.toString(16), vectors.get(name))
    isNumber(uapi.GPIO_GET_CHIPINFO, 'GPIO_GET_CHIPINFO')
    isNumber(uapi.GPIO_V2_GET_LINEINFO, 'GPIO_V2_GET_LINEINFO')
    isNumber(uapi.GPIO_V2_GET_LINE, 'GPIO_V2_GET_LINE')
    isNumber(uapi.GPIO_V2_LINE_GET_VALUES, 'GPIO_V2_LINE_GET_VALUES')
    isNumber(uapi.GPIO_V2_LINE_SET_VALUES, 'GPIO_V2_LINE_SET_VALUES')
  })

  test('any bytes are read without a throw', () => {
    const lines = new Map([[0, 0]])
    const exactly = (length: number) => uint8Array({ minLength: length, maxLength: length })
    check(
      property(exactly(48), exactly(68), exactly(256), (event, chip, line) => {
        const view = new DataView(event.buffer, event.byteOffset, event.length)
        const edge = uapi.edgeAt(view, 0, lines)
        assert.ok(edge === undefined || Number.isSafeInteger(Math.trunc(edge.monoUs)))
        assert.ok(uapi.readChipInfo(chip).label.length <= 32)
        assert.ok(uapi.readLineInfo(line).name.length <= 32)
      }),
      { seed: 7, numRuns: 500 }
    )
  })
})
