import { readdirSync } from 'node:fs'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { noPrinter } from '../drivers/printer/none.ts'
import { boot } from '../node/boot.ts'
import { driversNamed, parseConfig } from '../node/config.ts'
import { Fault } from '../node/core/ports.ts'
import { readDevices, type StallConfig } from '../node/equipment.ts'
import { noCatalogue } from './configured.ts'
import { inFolder } from './folder.ts'
import { suite } from './harness.ts'

async function sampleConfig(): Promise<StallConfig> {
  const source = { text: null, path: '', env: {} }
  const parsed = parseConfig({
    ...source,
    readCatalogue: noCatalogue,
    parseDevice: await readDevices(driversNamed(source), { folder: '.' })
  })
  if ('faults' in parsed) throw new Error('The sample is wrong')
  return parsed.config
}

suite('boot', test => {
  // The keys of logs go here and not beside those of the machine's own stalls.
  const { RUNTIME_DIRECTORY: before } = process.env
  let runDir = ''
  test.before(async () => {
    runDir = await mkdtemp(join(tmpdir(), 'stall-run-'))
    process.env['RUNTIME_DIRECTORY'] = runDir
  })
  test.after(async () => {
    if (before === undefined) delete process.env['RUNTIME_DIRECTORY']
    else process.env['RUNTIME_DIRECTORY'] = before
    await rm(runDir, { recursive: true })
  })

  test('of two first starts on one folder, one makes the keys and the other is told no', () =>
    inFolder(async dir => {
      const dataDir = join(dir, 'data')
      const start = async () =>
        boot({ config: await sampleConfig(), dataDir, pagesDir: dir, isDevelopment: true })
      const starts = await Promise.allSettled([start(), start()])
      const opened = starts.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
      const refused = starts.flatMap(each => (each.status === 'rejected' ? [each.reason] : []))
      for (const stall of opened) await stall.close()
      assert.is(opened.length, 1)
      assert.equal(
        refused.map(reason => (reason instanceof Fault ? reason.code : reason)),
        ['folder-in-use']
      )
      assert.ok(readdirSync(join(dataDir, 'keys')).includes('device.cert'))
      const again = await start()
      await again.close()
    }))

  const off: StallConfig['devices'] = [
    {
      printer: {
        name: 'printer',
        driver: 'sim',
        isEnabled: false,
        claims: [],
        open: () => noPrinter('Off.')
      }
    }
  ]
  for (const [what, devices, due] of [
    ['without a printer no receipt is due', [], 0],
    ['with one that is switched off none is either', off, 0],
    ['with one the receipt of a sale is', undefined, 1]
  ] as const) {
    test(what, () =>
      inFolder(async dir => {
        const sample = await sampleConfig()
        const config = { ...sample, devices: devices ?? sample.devices }
        const dataDir = join(dir, 'data')
        const start = () => boot({ config, dataDir, pagesDir: dir, isDevelopment: true })
        const stall = await start()
        const url = `http://127.0.0.1:${stall.port}/api/v1`
        const answer = await fetch(`${url}/sales`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            id: '0'.repeat(32),
            lines: [{ sku: 'char-siu-bao', quantity: 1 }],
            tenders: [{ method: 'cash', amount: 650 }]
          })
        })
        assert.is(answer.status, 201)
        const metrics = await (await fetch(`${url}/metrics`)).text()
        await stall.close()
        assert.match(metrics, new RegExp(`print_jobs ${due}$`, 'm'))
      })
    )
  }

  test('a data folder that cannot be made is said so, and nothing stays open', () =>
    inFolder(async dir => {
      await writeFile(join(dir, 'data'), 'a file, not a folder')
      const options = { config: await sampleConfig(), pagesDir: dir, isDevelopment: true }
      const error = await boot({ ...options, dataDir: join(dir, 'data') }).catch(error => error)
      assert.is(error.code, 'folder-unreachable')
      assert.match(error.fix, '--data')
    }))

  test('a copy of a data folder does not start beside the original', () =>
    inFolder(async dir => {
      const start = async (name: string) =>
        boot({
          config: await sampleConfig(),
          dataDir: join(dir, name),
          pagesDir: dir,
          isDevelopment: true
        })
      const original = await start('data')
      await cp(join(dir, 'data'), join(dir, 'copy'), { recursive: true })
      const error = await start('copy').catch((reason: unknown) => reason)
      await original.close()
      assert.ok(error instanceof Fault && error.code === 'device-in-use', String(error))
      // Stopped, the original leaves the runtime folder to whoever starts next.
      await (await start('copy')).close()
    }))
})
