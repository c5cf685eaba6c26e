import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, realpathSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { EIGHT_N_ONE } from '../../drivers/serial/keys.ts'
import { serialPorts } from '../../drivers/serial/port.ts'
import type { Fault } from '../../node/core/ports.ts'
import { serialContract } from '../contract/serial.ts'
import { faultOf } from '../fault.ts'
import { suite } from '../harness.ts'
import { comes, until } from '../wait.ts'
import { NEEDS_SOCAT, ptyWorld } from './pty.ts'

const NEEDS_ROOT = process.getuid?.() === 0 ? false : 'root'

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

  test.needs(
    NEEDS_SOCAT || NEEDS_ROOT,
    'one that the stall may not use says which group',
    async () => {
      const world = await ptyWorld()
      const path = realpathSync(world.path)
      // Only the effective user changes, so that this process can become root again.
      process.seteuid?.('nobody')
      const fault = await refusalOf(path).finally(() => process.seteuid?.(0))
      await world.close()
      assert.is(fault.code, 'no-permission')
      assert.match(fault.fix, "Add the stall's user to the group dialout")
    }
  )

  test('a file that is no serial port says so', async () => {
    assert.is((await refusalOf('/dev/null')).code, 'serial-failed')
  })
})

/** Why a path cannot be opened as a serial port. */
const refusalOf = (path: string): Promise<Fault> =>
  faultOf(
    serialPorts.open(
      { path, baud: 9_600, ...EIGHT_N_ONE },
      { onBytes: () => {}, onClose: () => {} }
    )
  )

/** A stream makes it likely that the end comes between the package's poll and its read. */
async function isLossTold(path: string, round: number): Promise<boolean> {
  const stream = ['SYSTEM:while true; do echo hello world; done', `pty,raw,echo=0,link=${path}`]
  const socat = spawn('/usr/bin/socat', ['-u', ...stream], { stdio: 'ignore', detached: true })
  const gone = once(socat, 'exit')
  await until(() => existsSync(path))
  let heard = 0
  let closes = 0
  await serialPorts.open(
    { path, baud: 115_200, ...EIGHT_N_ONE },
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
