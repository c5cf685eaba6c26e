import * as assert from 'uvu/assert'
import { openMachine } from '../../drivers/machine.ts'
import { loadDrivers } from '../../drivers/open.ts'
import type { OpenedPrinter } from '../../drivers/printer/driver.ts'
import { suite } from '../harness.ts'
import { SAMPLE } from './sample.ts'

const MACHINE = openMachine({ readClocks: () => ({ wallMs: 0, monoMs: 0 }) })

const read = async (raw: unknown) => {
  const { driver } = { driver: '', ...(typeof raw === 'object' ? raw : {}) }
  return (await loadDrivers([String(driver)]))({ name: 'printer' }, raw)
}

const faultsOf = async (raw: unknown) => {
  const parsed = await read(raw)
  return 'faults' in parsed ? parsed.faults.map(({ key }) => key) : []
}

async function openPrinter(raw: object): Promise<OpenedPrinter> {
  const parsed = await read({ role: 'printer', ...raw })
  if (!('config' in parsed && 'printer' in parsed.config)) throw new Error('Expected a printer')
  return parsed.config.printer.open(MACHINE)
}

suite('printer configuration', test => {
  test('opens the simulated printer, which prints', async () => {
    const { printer, sim } = await openPrinter({ driver: 'sim' })
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
    const { printer } = await openPrinter({
      driver: 'escpos-tcp',
      host: '127.0.0.1',
      port: 1,
      model: 'generic-80'
    })
    const outcome = await printer.print(SAMPLE)
    assert.equal(outcome, { state: 'not-started', fault: 'disconnected' })
    assert.match(printer.health().sentence, '127.0.0.1:1 cannot be reached')
    await printer.close()
  })

  test('a printer at a port says what is wrong with it, and opens nothing before', async () => {
    const usb = await openPrinter({ driver: 'escpos-usb', model: 'generic-58', path: '/dev/none' })
    const serial = await openPrinter({
      driver: 'escpos-serial',
      model: 'epson-tm-t20',
      path: '/dev/none',
      baud: 115_200,
      handshake: 'rts-cts'
    })
    assert.equal([usb.isNarrow, serial.isNarrow], [true, false])
    for (const { printer } of [usb, serial]) {
      assert.is(printer.health().state, 'absent')
      const { state, sentence } = await printer.probe()
      assert.is(state, 'absent')
      assert.match(sentence, '/dev/none')
      await printer.close()
    }
  })

  test('a printer that is switched off is as none, and takes no port', async () => {
    const usb = { role: 'printer', driver: 'escpos-usb', model: 'generic-58', path: '/dev/none' }
    const parsed = await read({ ...usb, enabled: false })
    if (!('config' in parsed && 'printer' in parsed.config)) throw new Error('Expected a printer')
    const { claims, isEnabled } = parsed.config.printer
    assert.equal([claims, isEnabled], [[], false])
    const { printer } = await parsed.config.printer.open(MACHINE)
    const { state, sentence } = await printer.probe()
    assert.equal([state, sentence], ['disabled', 'Switched off in stall.toml.'])
    assert.equal(await faultsOf({ ...usb, enabled: 'no' }), ['enabled'])
  })

  test('any printer can be simulated, with its model and its drawer', async () => {
    const { printer, sim, drawer, isNarrow } = await openPrinter({
      driver: 'escpos-tcp',
      host: 'printer.example',
      model: 'generic-58',
      drawer: true,
      simulated: true
    })
    try {
      assert.equal([isNarrow, drawer !== undefined], [true, true])
      assert.equal(await printer.print(SAMPLE), { state: 'printed' })
      assert.ok((sim?.paper() ?? []).length > 0)
    } finally {
      await printer.close()
    }
  })

  test('has a drawer where the table names one', async () => {
    const table = { driver: 'sim', drawer: true, drawer_pin: 5, drawer_ms: 200 }
    const drawers = [
      await openPrinter({ ...table, drawer_open_level: 'high' }),
      await openPrinter({ driver: 'sim' })
    ]
    const [first] = drawers
    assert.equal(
      drawers.map(({ drawer }) => drawer !== undefined),
      [true, false]
    )
    await first?.drawer?.kick()
    assert.is(first?.drawer?.isOpen(), true)
    assert.is(first?.sim?.state().isDrawerOpen, true)
    for (const { printer } of drawers) await printer.close()
  })

  test('names every fault at once', async () => {
    const table = { role: 'printer', driver: 'escpos-tcp', port: 'x', model: 'tm', hst: '::1' }
    assert.equal(await faultsOf(table), ['host', 'port', 'model', 'hst'])
    assert.equal(await faultsOf({ role: 'printer', driver: 'lpt1', host: 'x' }), ['driver'])
    const serial = { role: 'printer', driver: 'escpos-serial', model: 'generic-80' }
    const wrong = {
      baud: 110,
      parity: 'mark',
      handshake: 'xon',
      drawer: 1,
      drawer_pin: 3,
      logo: ''
    }
    const keys = [
      'path',
      'baud',
      'parity',
      'handshake',
      'logo',
      'drawer',
      'drawer_pin',
      'drawer_ms'
    ]
    assert.equal(await faultsOf({ ...serial, ...wrong, drawer_ms: 900 }), keys)
    const portable = { role: 'printer', driver: 'sim', model: 'epson-tm-p20', drawer: true }
    assert.equal(await faultsOf(portable), ['drawer'])
    for (const raw of [null, 7, [], 'printer']) assert.equal(await faultsOf(raw), [''])
  })
})
