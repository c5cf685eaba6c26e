import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Files } from '../../drivers/host.ts'
import { openMachine } from '../../drivers/machine.ts'
import { SENSORS, SUPPLIES } from '../../drivers/power/supplies.ts'
import { supply } from '../../drivers/power/sysfs.ts'
import { POLL_MS } from '../../drivers/power/watch.ts'
import { simFiles } from '../../drivers/sim/files.ts'
import { type FilesWorld, filesContract } from '../contract/files.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import { onMachine, withDriver } from './context.ts'

filesContract('in memory', async () => {
  const { files, set } = simFiles({})
  const put = async (path: string, text: string, changedAt: number) => set(path, text, changedAt)
  return { files, folder: '/sys/class/leds', put, close: async () => {} }
})

filesContract('of this machine', openRealFiles)

async function openRealFiles(): Promise<FilesWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'stall-'))
  return {
    files: openMachine({ readClocks: () => ({ wallMs: 0, monoMs: 0 }) }).files,
    folder,
    put: async (path, text, changedAt) => {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
      await utimes(path, changedAt / 1_000, changedAt / 1_000)
    },
    close: () => rm(folder, { recursive: true })
  }
}

/** The machine's files, as if the folder were the root of its disk. */
const rootedIn = (folder: string, files: Files): Files => ({
  read: path => files.read(folder + path),
  list: path => files.list(folder + path),
  changedAt: path => files.changedAt(folder + path),
  write: (path, text) => files.write(folder + path, text)
})

/** A writer that comes and goes ends a reader's wait; false when nobody waits yet. */
function letGo(pipe: string): boolean {
  try {
    closeSync(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK))
    return true
  } catch {
    return false
  }
}

suite('files that hang', test => {
  test('never take all threads, for a sale needs one', async () => {
    const { files, folder, close } = await openRealFiles()
    // Opening a pipe that nobody writes to hangs like a chip on a bus that does.
    const pipes = Array.from({ length: 8 }, (_, number) => join(folder, `pipe${number}`))
    execFileSync('mkfifo', pipes)
    const reading = Promise.all(pipes.map(files.read))
    let isWritten = false
    const writing = writeFile(join(folder, 'ledger'), 'sold').then(() => {
      isWritten = true
    })
    try {
      await until(() => isWritten)
    } finally {
      for (const pipe of pipes) await until(() => letGo(pipe))
      await Promise.all([reading, writing])
      await close()
    }
  })
})

suite('power from real files', test => {
  test('a battery that empties and a voltage that falls, read from a disk', async () => {
    const { files, folder, put, close } = await openRealFiles()
    const write = (path: string, text: string) => put(`${folder}${path}`, `${text}\n`, 0)
    const driver = onMachine(supply, () => ({ files: rootedIn(folder, files) }))
    try {
      await write(`${SUPPLIES}/max17040/type`, 'Battery')
      await write(`${SUPPLIES}/max17040/status`, 'Discharging')
      await write(`${SUPPLIES}/max17040/capacity`, '64')
      await write(`${SENSORS}/hwmon0/name`, 'rpi_volt')
      await write(`${SENSORS}/hwmon0/in0_lcrit_alarm`, '0')
      await withDriver({ driver, keys: {}, name: 'power' }, async ({ time, condition }) => {
        const says = (words: RegExp) =>
          until(async () => {
            await time.pass(POLL_MS)
            return words.test(condition().sentence)
          })
        await says(/^The stall runs on its battery, 64 % full/)
        await write(`${SUPPLIES}/max17040/capacity`, '12')
        await says(/^The battery is at 12 %/)
        await write(`${SENSORS}/hwmon0/in0_lcrit_alarm`, '1')
        await says(/voltage falls too low/)
      })
    } finally {
      await close()
    }
  })
})
