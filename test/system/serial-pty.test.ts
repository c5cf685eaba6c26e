import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { serialPorts } from '../../drivers/serial/port.ts'
import { serialContract } from '../contract/serial.ts'
import { suite } from '../harness.ts'
import { comes, until } from '../wait.ts'
import { NEEDS_SOCAT, ptyWorld } from './pty.ts'

serialContract('over a pseudo-terminal', ptyWorld, NEEDS_SOCAT)

suite('serial port of the machine', test => {
  test.needs(
    NEEDS_SOCAT,
    'pulled out in the middle of a stream it is lost, every time',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'stall-pty-'))
      for (let round = 0; round < 10; round++) {
        assert.ok(await isLossTold(join(folder, `port-${round}`), round), `round ${round}`)
      }
      await rm(folder, { recursive: true })
    }
  )
})

/** A stream makes it likely that the end comes between the package's poll and its read. */
async function isLossTold(path: string, round: number): Promise<boolean> {
  const stream = ['SYSTEM:while true; do echo hello world; done', `pty,raw,echo=0,link=${path}`]
  const socat = spawn('/usr/bin/socat', ['-u', ...stream], { stdio: 'ignore', detached: true })
  const gone = once(socat, 'exit')
  await until(() => existsSync(path))
  let heard = 0
  let closes = 0
  await serialPorts.open(
    { path, baud: 115_200, dataBits: 8, parity: 'none', stopBits: 1 },
    {
      onBytes: bytes => {
        heard += bytes.length
      },
      onClose: () => {
        closes += 1
      }
    }
  )
  await until(() => heard > 20_000 + round * 1_000)
  if (socat.pid !== undefined) process.kill(-socat.pid, 'SIGKILL')
  await gone
  return (await comes(() => closes > 0, 3_000)) && closes === 1
}
