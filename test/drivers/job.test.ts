import fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { LineListener } from '../../drivers/line.ts'
import { printerModel } from '../../drivers/printer/models.ts'
import { openPrinter } from '../../drivers/printer/printer.ts'
import type { PrinterTransport } from '../../drivers/printer/transport.ts'
import { suite } from '../harness.ts'
import { handTime } from './hand.ts'
import { SAMPLE } from './sample.ts'

const READY = [0x12, 0x12, 0x12, 0x12]
const DLE = 0x10

/** A printer by script: what it does with a question, and with the first bytes of the job. */
function scripted(script: {
  readonly onQuestion: (listener: LineListener) => void
  readonly onJob: (listener: LineListener) => Promise<void>
}): PrinterTransport {
  return {
    name: 'a script',
    open: async listener => ({
      write: async bytes =>
        bytes[0] === DLE ? script.onQuestion(listener) : script.onJob(listener),
      close: listener.onClose
    })
  }
}

function printOn(transport: PrinterTransport, modelId: string) {
  const model = printerModel(modelId)
  if (model === undefined) throw new Error(`No model ${modelId}`)
  const time = handTime()
  const printer = openPrinter({ transport, model, startTimer: time.startTimer })
  return time.until(printer.print(SAMPLE))
}

suite('print job', test => {
  test('a byte like the answer to GS r proves nothing before it was asked', async () => {
    let chunks = 0
    const transport = scripted({
      onQuestion: listener => listener.onBytes(Uint8Array.from([...READY, 0x00])),
      onJob: async listener => {
        chunks += 1
        if (chunks === 3) listener.onClose()
      }
    })
    const outcome = await printOn(transport, 'generic-80')
    assert.equal(outcome, { state: 'partial', fault: 'disconnected' })
  })

  test('a line that closes behind the answer saw nothing of the job: not started', async () => {
    const transport = scripted({
      onQuestion: listener => {
        listener.onBytes(Uint8Array.from(READY))
        listener.onClose()
      },
      onJob: async () => {
        throw new Error('Never sent')
      }
    })
    const outcome = await printOn(transport, 'generic-80')
    assert.equal(outcome, { state: 'not-started', fault: 'disconnected' })
  })

  test('a bug in the middle of it ends the job and not the process', async () => {
    const transport: PrinterTransport = {
      name: 'a bug',
      open: async listener => ({
        write: bytes => {
          if (bytes[0] !== DLE) throw new TypeError('it broke')
          listener.onBytes(Uint8Array.from(READY))
          return Promise.resolve()
        },
        close: listener.onClose
      })
    }
    const outcome = await printOn(transport, 'generic-80')
    assert.equal(outcome, { state: 'unknown', fault: 'printer-error' })
  })

  test('a line that stands still is given up: partial', async () => {
    const transport = scripted({
      onQuestion: listener => listener.onBytes(Uint8Array.from(READY)),
      onJob: () => new Promise(() => {})
    })
    const outcome = await printOn(transport, 'generic-80')
    assert.equal(outcome, { state: 'partial', fault: 'timeout' })
  })

  test('a line that takes nothing from the first byte on: not started', async () => {
    const transport = scripted({ onQuestion: () => {}, onJob: () => new Promise(() => {}) })
    const outcome = await printOn(transport, 'epson-tm-t20')
    assert.equal(outcome, { state: 'not-started', fault: 'timeout' })
  })

  test('a printer that goes quiet in the middle gets no more: partial', async () => {
    let questions = 0
    let chunks = 0
    const transport = scripted({
      onQuestion: listener => {
        questions += 1
        if (questions === 1) listener.onBytes(Uint8Array.from(READY))
      },
      onJob: async () => {
        chunks += 1
      }
    })
    const outcome = await printOn(transport, 'generic-80')
    assert.equal(outcome, { state: 'partial', fault: 'timeout' })
    assert.is(chunks, 1)
  })

  test('answers to what nobody asked buy no time', async () => {
    let chunks = 0
    const transport = scripted({
      onQuestion: listener =>
        listener.onBytes(Uint8Array.from(chunks === 0 ? READY : [0x00, ...READY])),
      onJob: async listener => {
        chunks += 1
        listener.onBytes(Uint8Array.of(0x00))
      }
    })
    const outcome = await printOn(transport, 'epson-tm-t20')
    assert.equal(outcome, { state: 'unknown', fault: 'timeout' })
  })

  test('whatever a printer says, a job ends, and is printed only if its fence came', () => {
    const LURES = [0x12, 0x10, 0x00, 0x0f, 0x37, 0x22, 0x1a, 0x32, 0x72, 0xff]
    const babble = fc
      .array(fc.oneof(fc.constantFrom(...LURES), fc.nat(255)), { maxLength: 12 })
      .map(bytes => Uint8Array.from(bytes))
    const model = fc.constantFrom('epson-tm-t20', 'generic-80')
    return fc.assert(
      fc.asyncProperty(
        model,
        fc.array(babble, { minLength: 1, maxLength: 8 }),
        async (id, says) => {
          let turns = 0
          const next = () => says[turns++ % says.length] ?? new Uint8Array()
          const transport = scripted({
            onQuestion: listener => {
              // Some of it makes sense, else no job would ever begin.
              listener.onBytes(turns % 3 === 2 ? next() : Uint8Array.from(READY))
              turns += 1
            },
            onJob: async listener => listener.onBytes(next())
          })
          const { state } = await printOn(transport, id)
          assert.match(state, /^(printed|not-started|partial|unknown)$/)
          if (id === 'epson-tm-t20') assert.is.not(state, 'printed')
        }
      ),
      { seed: 9_100, numRuns: 60 }
    )
  })
})
