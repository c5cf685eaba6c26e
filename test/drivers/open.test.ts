import * as assert from 'uvu/assert'
import { openMachine } from '../../drivers/machine.ts'
import { openPrinterFor, parsePrinter } from '../../drivers/open.ts'
import { suite } from '../harness.ts'
import { SAMPLE } from './sample.ts'

const faultsOf = (raw: unknown) => {
  const parsed = parsePrinter(raw)
  return 'faults' in parsed ? parsed.faults.map(({ key }) => key) : []
}

const MACHINE = openMachine({ readClocks: () => ({ wallMs: 0, monoMs: 0 }) })

suite('printer configuration', test => {
  test('opens the simulated printer, which prints', async () => {
    const parsed = parsePrinter({ role: 'printer', driver: 'sim' })
    if ('faults' in parsed) throw new Error('Expected no faults')
    const { printer, sim } = await openPrinterFor(parsed.config, MACHINE)
    try {
      assert.equal(await printer.print(SAMPLE), { state: 'printed' })
      const paper = sim?.paper() ?? []
      assert.is(paper[0]?.style, 'large')
      assert.is(paper.at(-1)?.style, 'cut')
      // Version 10 has 57 modules; two rows of them make a line.
      const code = paper.filter(line => line.style === 'picture').map(line => line.text)
      assert.is(code.length, 29)
      assert.is(Math.max(...code.map(line => line.length)), 57)
      assert.match(code[0] ?? '', /^█▀▀▀▀▀█ .* █▀▀▀▀▀█$/)
    } finally {
      await printer.close()
    }
  })

  test('a printer on the network that is not there is no error, only bad health', async () => {
    const table = { role: 'printer', driver: 'escpos-tcp', host: '127.0.0.1', port: 1 }
    const parsed = parsePrinter({ ...table, model: 'generic-80' })
    if ('faults' in parsed) throw new Error('Expected no faults')
    const { printer } = await openPrinterFor(parsed.config, MACHINE)
    const outcome = await printer.print(SAMPLE)
    assert.equal(outcome, { state: 'not-started', fault: 'disconnected' })
    assert.match(printer.health().sentence, '127.0.0.1:1 cannot be reached')
    await printer.close()
  })

  test('names every fault at once', () => {
    const table = { role: 'printer', driver: 'escpos-tcp', port: 'x', model: 'tm', hst: '::1' }
    assert.equal(faultsOf(table), ['host', 'port', 'model', 'hst'])
    assert.equal(faultsOf({ role: 'printer', driver: 'lpt1', host: 'x' }), ['driver'])
    for (const raw of [null, 7, [], 'printer']) assert.equal(faultsOf(raw), [''])
  })
})
